"""What binary files look like: the first bytes of pictures and archives, and of what is not read, with what to call it.

The reasons are those of `ingestion.errors.reading`. All other kinds that are read are told apart in `detection`.
"""

from ingestion.parsing.formats import BMP, BZIP2, DOC, GIF, GZIP, JPEG, PNG, PPT, TAR, TIFF, WEBP, WPD, XLS, XZ

MAGIC: tuple[tuple[int, bytes, str], ...] = (
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
# What is read, or unpacked.
TAKEN: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x09\x08\x10\x00\x00\x06\x05\x00", XLS),
    (0, b"\x09\x08\x08\x00\x00\x05", XLS),
    (0, b"\x09\x04\x06\x00", XLS),
    (0, b"\xdb\xa5-\x00", DOC),
    (0, b"\xffWPC", WPD),
    (0, b"\x89PNG\r\n", PNG),
    (0, b"\xff\xd8\xff", JPEG),
    (0, b"II*\x00", TIFF),
    (0, b"MM\x00*", TIFF),
    (8, b"WEBP", WEBP),
    (0, b"GIF87a", GIF),
    (0, b"GIF89a", GIF),
    (0, b"\x1f\x8b\x08", GZIP),
    *((0, b"BZh%d1AY&SY" % level, BZIP2) for level in range(1, 10)),
    (0, b"\xfd7zXZ\x00", XZ),
    (257, b"ustar", TAR),
)
BITMAP = b"BM"

# Names in the directory of an OLE container, as they are written there, and what they make of it.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_ENTRIES: tuple[tuple[str, str], ...] = (
    ("WordDocument", DOC),
    ("PowerPoint Document", PPT),
    ("Workbook", XLS),
    ("Book", XLS),
)
OLE_MESSAGE = "__properties_version1.0"
OLE_ENCRYPTED_PACKAGE = "EncryptedPackage"


def media_type_for(head: bytes) -> str:
    """The media type of what begins with `head`, or "" if its first bytes do not say."""
    for offset, magic, media_type in TAKEN:
        if head.startswith(magic, offset):
            return media_type
    # Two letters are too few: a bitmap also has its reserved fields at zero.
    return BMP if head.startswith(BITMAP) and head[6:10] == bytes(4) else ""


def refusal_for(head: bytes) -> str:
    """The reason for which a file that begins with `head` is not read, or "" if its first bytes say nothing."""
    for offset, magic, reason in MAGIC:
        if head.startswith(magic, offset):
            return reason
    return ""
