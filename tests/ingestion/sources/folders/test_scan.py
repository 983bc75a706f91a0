"""The files that a scan of a watched folder finds: no links, no temporary files, any name."""

import os
import random
from string import ascii_letters

import pytest
from support.watched_share import error, look, rest, texts, write

from ingestion.models.sources import WatchedFile
from ingestion.sources.folders import sync

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name",
    [
        ".hidden",
        "~$plan.docx",
        "a.tmp",
        "b.part",
        "c.crdownload",
        "Thumbs.db",
        "notes~",
        ".git/config",
    ],
)
def test_hidden_and_temporary_files_are_no_documents(folder, share, name):
    write(share / name, "not a document")

    assert len(look(folder)) == 2
    assert WatchedFile.objects.count() == 2


def test_links_are_not_followed(folder, share, tmp_path):
    secret = write(tmp_path / "secret.txt", "the combination is 1234")
    (tmp_path / "more").mkdir()
    write(tmp_path / "more" / "secret.txt", "and the other one 5678")
    (share / "link.txt").symlink_to(secret)
    (share / "linked").symlink_to(tmp_path / "more")
    (share / "inside.txt").symlink_to(share / "one.txt")

    assert len(look(folder)) == 2
    assert "combination" not in texts()


def test_a_file_replaced_by_a_link_before_the_read_is_not_read(
    folder, share, tmp_path, monkeypatch
):
    secret = write(tmp_path / "secret.txt", "the combination is 1234")
    look(folder)
    write(share / "inner" / "three.txt", "harmless")
    files_below = sync.files_below

    def swapped(*args):
        found = list(files_below(*args))
        (share / "inner" / "three.txt").unlink()
        (share / "inner" / "three.txt").symlink_to(secret)
        return found

    monkeypatch.setattr(sync, "files_below", swapped)

    assert len(look(folder)) == 2
    assert WatchedFile.objects.get(path="inner/three.txt").error["code"] == "file_unreadable"


def test_a_folder_replaced_by_a_link_is_not_entered(folder, share, tmp_path):
    look(folder)
    elsewhere = tmp_path / "elsewhere"
    write(elsewhere / "secret.txt", "the combination is 1234")
    share.rename(share.with_name("away"))
    share.symlink_to(elsewhere)

    assert len(look(folder)) == 2
    assert error(folder) in {"folder_not_allowed", "folder_missing"}


def test_pipes_and_deep_folders_do_not_stop_a_scan(folder, share):
    os.mkfifo(share / "pipe.txt")
    deep = share
    for _ in range(80):
        deep = deep / "d"
    write(deep / "deep.txt", "too deep")

    assert len(look(folder)) == 2


def test_odd_names_are_followed(folder, share):
    for name in (
        b"\xff\xfe.txt",
        "年度报告.txt".encode(),
        b"line\nbreak.txt",
        b"x" * 250 + b".txt",
    ):
        path = os.fsencode(share) + b"/" + name
        with open(path, "wb") as file:
            file.write(b"text of " + name[:5])
        rest(path)

    documents = look(folder)

    assert len(documents) == 6
    assert "share/年度报告.txt" in documents
    assert len(look(folder)) == 6


def test_a_path_too_long_for_an_index_is_followed_like_any_other(folder, share):
    deep = os.open(share, os.O_RDONLY)
    drawn = random.Random(7)  # Text that the database cannot compress.
    for _ in range(14):
        name = "".join(drawn.choices(ascii_letters, k=250))
        os.mkdir(name, dir_fd=deep)
        below = os.open(name, os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = below
    for name in ("deep.txt", "down.txt"):
        with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT, dir_fd=deep), "w") as file:
            file.write(f"Far down, in {name}")
        os.utime(name, (1e9, 1e9), dir_fd=deep)
    os.close(deep)

    look(folder)
    documents = look(folder)

    assert len(documents) == 4
    assert all(document.name.endswith(".txt") for document in documents.values())
    assert error(folder) == ""
