"""Archives: members of any name are extracted, except unsafe ones."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing import detect_media_type
from ingestion.parsing.archives.unpack import Unpacked, unpack
from ingestion.parsing.options import Options

Unpack = Callable[..., Unpacked]


@pytest.fixture
def unpacked(tmp_path: Path) -> Unpack:
    """Unpack an archive of these bytes and this name."""

    def unpacked(data: bytes, name: str = "all.zip", **caps: int) -> Unpacked:
        path, folder = tmp_path / "archive", tmp_path / "out"
        path.write_bytes(data)
        folder.mkdir()
        media_type = detect_media_type(path, name)
        return unpack(
            path,
            media_type,
            name=name,
            folder=folder,
            options=Options(**caps),
            progress=lambda _share: None,
        )

    return unpacked


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def taped(members: dict[str, bytes], *links: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        for name in links:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(entry)
    return file.getvalue()


def names(unpacked: Unpacked) -> list[str]:
    return [member.name for member in unpacked.members]


def reasons(unpacked: Unpacked) -> dict[str, str]:
    return {name: f"{code}.{reason}" for name, code, reason in unpacked.left_out}


TEXT = b"The keeper trims the wick."
LOG = " ".join(map(str, range(300_000))).encode()  # 2 MB that compress like text.


def test_documents_keep_their_folders_and_media_types(unpacked, tmp_path, fixtures):
    found = unpacked(
        zipped(
            {
                "a/b/bees.docx": (fixtures / "bees.docx").read_bytes(),
                "notes.txt": TEXT,
                "empty.txt": b"",
            }
        )
    )

    assert names(found) == ["a/b/bees.docx", "notes.txt"]
    assert "wordprocessingml" in found.members[0].media_type
    assert (tmp_path / "out" / found.members[1].file).read_bytes() == TEXT
    assert found.left_out == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("all.tar", taped({"x/a.txt": TEXT})),
        ("all.tar.gz", gzip.compress(taped({"x/a.txt": TEXT}))),
        ("all.tar.bz2", bz2.compress(taped({"x/a.txt": TEXT}))),
        ("all.tar.xz", lzma.compress(taped({"x/a.txt": TEXT}))),
    ],
)
def test_tape_archives_of_every_compression_are_unpacked(unpacked, name, data):
    assert names(unpacked(data, name)) == ["x/a.txt"]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_single_compressed_document_loses_its_suffix(unpacked, compress):
    assert names(unpacked(compress(TEXT), "notes.txt.gz")) == ["notes.txt"]


def test_names_never_reach_the_disk(unpacked, tmp_path):
    found = unpacked(
        zipped(
            {
                "../../up.txt": TEXT,
                "/etc/abs.txt": TEXT,
                "C:\\x\\win.txt": TEXT,
                "n\n\x01l.txt": TEXT,
            }
        )
    )

    assert len(found.members) == 4
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1", "2", "3", "4"]
    assert {path.name for path in tmp_path.iterdir()} <= {"archive", "out", "var"}


def test_files_made_by_programs_are_skipped_without_mention(unpacked):
    junk = [
        "__MACOSX/._a.txt",
        ".DS_Store",
        ".git/config",
        "x/Thumbs.db",
        "x/~$report.docx",
        "desktop.ini",
    ]

    found = unpacked(zipped(dict.fromkeys([*junk, "a.txt"], TEXT)))

    assert names(found) == ["a.txt"]
    assert found.left_out == []


def test_links_in_a_zip_archive_are_left_out_and_reported(unpacked):
    entry = zipfile.ZipInfo("link.txt")
    entry.external_attr = 0o120777 << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
        archive.writestr("a.txt", TEXT)

    assert reasons(unpacked(file.getvalue())) == {"link.txt": "unsupported.link"}


def test_links_in_tape_archives_are_left_out(unpacked):
    found = unpacked(taped({"a.txt": TEXT}, "link.txt"), "all.tar")

    assert (names(found), reasons(found)) == (["a.txt"], {"link.txt": "unsupported.link"})


def test_unreadable_members_are_left_out_with_a_reason(unpacked):
    found = unpacked(
        zipped(
            {"a.txt": TEXT, "tool.pdf": b"MZ\x90" + bytes(99), "b.docx": b"PK\x03\x04" + bytes(99)}
        )
    )

    assert names(found) == ["a.txt"]
    assert reasons(found) == {"tool.pdf": "unsupported.program", "b.docx": "corrupt."}


def encrypted(data: bytes) -> bytes:
    """The archive with its first member marked as encrypted."""
    at = data.index(b"PK\x01\x02") + 8
    return data[:6] + b"\x01\x00" + data[8:at] + b"\x01\x00" + data[at + 2 :]


def test_only_locked_members_are_left_out(unpacked):
    found = unpacked(encrypted(zipped({"secret.txt": TEXT, "a.txt": TEXT})))

    assert (names(found), reasons(found)) == (["a.txt"], {"secret.txt": "password_needed.member"})


@pytest.mark.parametrize("encoding", ["gbk", "cp932", "big5", "cp866"])
def test_names_without_a_mark_are_decoded_by_their_encoding(unpacked, encoding):
    written = {
        "gbk": ["报告/第一季度.txt", "会议纪要.txt"],
        "cp932": ["レポート.txt", "会議の資料.txt"],
        "big5": ["會議紀錄.txt", "報告/第一季.txt"],
        "cp866": ["Отчёт за год.txt", "Протокол собрания.txt"],
    }[encoding]
    # `zipfile` writes marked UTF-8, so equally long bytes replace the names and the mark is
    # removed.
    stand_ins = {
        f"{number}" * len(name.encode(encoding)): name.encode(encoding)
        for number, name in enumerate(written)
    }
    data = zipped(dict.fromkeys(stand_ins, TEXT))
    for stand_in, name in stand_ins.items():
        data = data.replace(stand_in.encode(), name)

    assert names(unpacked(data)) == written


def test_names_in_utf_8_need_no_mark(unpacked):
    name = "报告.txt".encode()

    assert names(unpacked(zipped({"x" * len(name): TEXT}).replace(b"x" * len(name), name))) == [
        "报告.txt"
    ]


def test_names_in_latin_letters_are_those_of_old_dos(unpacked):
    assert names(unpacked(zipped({"Resume.txt": TEXT}).replace(b"Resume", b"R\x82sum\x82"))) == [
        "Résumé.txt"
    ]


def test_archives_in_archives_are_unpacked_to_a_depth(unpacked):
    inner = zipped({"deep.txt": TEXT})
    middle = zipped({"inner.zip": inner, "mid.txt": TEXT})

    found = unpacked(zipped({"f/middle.zip": middle, "top.txt": TEXT}))

    assert names(found) == ["f/middle.zip/mid.txt", "top.txt"]
    assert reasons(found) == {"f/middle.zip/inner.zip": "too_large.nested:2"}


def refusal(unpacked: Unpack, *args: object, **caps: int) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        unpacked(*args, **caps)
    return f"{caught.value.code}.{caught.value.reason}"


def test_archives_over_a_limit_are_refused_with_the_limit(unpacked):
    many = zipped({f"{number}.txt": TEXT for number in range(11)})

    assert refusal(unpacked, many, max_members=10) == "too_large.members:10"


@pytest.mark.parametrize("pack", [zipped, taped, lambda members: gzip.compress(taped(members))])
def test_a_decompression_bomb_is_stopped_during_unpacking(unpacked, pack):
    big = pack({"a.txt": LOG, "b.txt": LOG + LOG})

    assert refusal(unpacked, big, "all", max_unpacked_bytes=3 * 2**20) == "too_large.unpacked:3"


def test_skipped_members_of_a_tape_archive_count_too(unpacked):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        entry = tarfile.TarInfo(".hidden")
        entry.size = 8 * 2**20
        archive.addfile(entry, io.BytesIO(bytes(entry.size)))

    assert (
        refusal(unpacked, file.getvalue(), "all.tgz", max_unpacked_bytes=2**20)
        == "too_large.unpacked:1"
    )


def test_one_member_that_is_too_large_is_left_out(unpacked):
    found = unpacked(zipped({"big.txt": LOG, "a.txt": TEXT}), max_member_bytes=2**20)

    assert (names(found), reasons(found)) == (["a.txt"], {"big.txt": "too_large.member:1"})


def test_a_member_with_an_extreme_compression_ratio_is_left_out(unpacked):
    found = unpacked(zipped({"zeros.txt": bytes(8 * 2**20), "a.txt": TEXT}))

    assert reasons(found) == {"zeros.txt": "corrupt.bomb"}


def test_members_that_share_their_bytes_are_a_bomb(unpacked):
    data = zipped({"a.txt": TEXT, "b.txt": TEXT})
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    overlapping = data[: second + 42] + struct.pack("<L", 0) + data[second + 46 :]

    assert refusal(unpacked, overlapping) == "corrupt.bomb"


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_half_an_archive_is_damaged(unpacked, share):
    data = zipped({f"{number}.txt": TEXT * 50 for number in range(20)})

    assert refusal(unpacked, data[: int(len(data) * share)]) == "corrupt."


def test_half_a_tape_archive_is_damaged(unpacked):
    data = gzip.compress(taped({"a.txt": TEXT, "b.txt": bytes(range(256)) * 4000}))

    assert refusal(unpacked, data[: len(data) // 2], "a.tgz") == "corrupt."


def test_a_child_of_the_pool_survives_a_hostile_archive(pool, written, tmp_path):
    folder = tmp_path / "into"
    folder.mkdir()
    good, bad = (
        written("a.zip", zipped({"x/a.txt": TEXT})),
        written("b.zip", b"PK\x03\x04" + bytes(300)),
    )

    found = pool.unpack(good, "application/zip", name="a.zip", folder=folder)
    with pytest.raises(UnreadableDocument) as caught:
        pool.unpack(bad, "application/zip", name="b.zip", folder=folder)

    assert [(member.name, member.media_type) for member in found.members] == [
        ("x/a.txt", "text/plain")
    ]
    assert (folder / found.members[0].file).read_bytes() == TEXT
    assert caught.value.code == "corrupt"


def test_no_member_is_left_out_because_the_disk_is_full(pool, written, tmp_path):
    # Writes to this device fail, as on a full disk.
    folder = tmp_path / "into"
    folder.mkdir()
    (folder / "1").symlink_to("/dev/full")

    with pytest.raises(OSError, match="No space left"):
        pool.unpack(
            written("a.zip", zipped({"a.txt": TEXT})),
            "application/zip",
            name="a.zip",
            folder=folder,
        )


def test_a_member_without_a_name_leaves_other_members_readable(unpacked):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("~x", "nobody knows")
        archive.writestr("a.txt", "hello")

    found = unpacked(file.getvalue().replace(b"~x", b"\x00x"))

    assert [member.name for member in found.members] == ["a.txt"]
