"""Signatures of binary files: media types of supported formats, reasons to refuse others.

The signatures of supported formats are in their rows in `formats`. The reasons are those of
`ingestion.errors.reading`.
"""

from ingestion.parsing.formats import BMP, SIGNATURES

REFUSED_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"MZ", "program"),
    (0, b"\x7fELF", "program"),
    (0, b"\xfe\xed\xfa\xce", "program"),
    (0, b"\xfe\xed\xfa\xcf", "program"),
    (0, b"\xce\xfa\xed\xfe", "program"),
    (0, b"\xcf\xfa\xed\xfe", "program"),
    (0, b"\xca\xfe\xba\xbe", "program"),
    (0, b"\x00asm", "program"),
    (0, b"dex\n", "program"),
    (0, b"8BPS", "picture"),
    (0, b"\x00\x00\x01\x00", "picture"),
    (0, b"\xd7\xcd\xc6\x9a", "picture"),
    (0, b"AT&TFORM", "picture"),
    (4, b"ftypheic", "picture"),
    (4, b"ftypavif", "picture"),
    (4, b"ftypmif1", "picture"),
    (4, b"ftyp", "media"),
    (0, b"ID3", "media"),
    (0, b"OggS", "media"),
    (0, b"fLaC", "media"),
    (0, b"\x1aE\xdf\xa3", "media"),
    (8, b"WAVE", "media"),
    (8, b"AVI ", "media"),
    (0, b"FLV\x01", "media"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "media"),
    (0, b"7z\xbc\xaf\x27\x1c", "archive"),
    (0, b"Rar!\x1a\x07", "archive"),
    (0, b"\x28\xb5\x2f\xfd", "archive"),
    (0, b"MSCF", "archive"),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "onenote"),
    (0, b"!BDN", "outlook"),
)
BITMAP = b"BM"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names in the directory of an OLE container that decide before those of the formats.
OLE_MESSAGE = "__properties_version1.0"
OLE_ENCRYPTED_PACKAGE = "EncryptedPackage"


def media_type_for(head: bytes) -> str:
    """The media type of a file that begins with `head`, or "" if no signature fits."""
    for offset, magic, media_type in SIGNATURES:
        if head.startswith(magic, offset):
            return media_type
    # Two letters are too few: a bitmap also has its reserved fields at zero.
    return BMP if head.startswith(BITMAP) and head[6:10] == bytes(4) else ""


def refusal_for(head: bytes) -> str:
    """The reason to refuse a file that begins with `head`, or "" without a known signature."""
    return next(
        (reason for offset, magic, reason in REFUSED_SIGNATURES if head.startswith(magic, offset)),
        "",
    )
