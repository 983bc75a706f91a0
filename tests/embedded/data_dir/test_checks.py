"""An unusable DATA_DIR is refused in one sentence before any program starts."""

import errno
import os

import pytest

from embedded.data_dir import checks
from embedded.exceptions import CannotStart


def test_a_new_folder_is_private_and_contains_its_version(tmp_path):
    home = tmp_path / "a" / "var"

    checks.prepare(home, "0.1.0")

    assert (home / "VERSION").read_text() == "0.1.0\n"
    assert home.stat().st_mode & 0o777 == (0o711 if os.geteuid() == 0 else 0o700)


def test_private_parts_of_an_open_folder_are_closed(tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "blobs" / "ab").mkdir(parents=True)
    (tmp_path / "secret-key").write_text("secret")
    (tmp_path / "notes.txt").write_text("of the owner's own")
    for name in ("blobs", "secret-key", "notes.txt"):
        (tmp_path / name).chmod(0o755)

    checks.prepare(tmp_path, "1")

    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert {modes[name] for name in (*checks.PRIVATE_FOLDERS, "secret-key")} == {0o700}
    assert modes["notes.txt"] == 0o755
    assert tmp_path.stat().st_mode & 0o755 == 0o755


def test_a_symbolic_link_keeps_the_mode_of_its_target(tmp_path):
    elsewhere = tmp_path / "disk"
    elsewhere.mkdir(mode=0o755)
    home = tmp_path / "room"
    home.mkdir()
    (home / "blobs").symlink_to(elsewhere)

    checks.prepare(home, "1")

    assert elsewhere.stat().st_mode & 0o777 == 0o755


def test_a_folder_of_a_newer_version_is_refused_unchanged(tmp_path):
    (tmp_path / "VERSION").write_text("0.10.0\n")

    with pytest.raises(
        CannotStart,
        match=r"was written by Reading Room 0\.10\.0, which is newer than this version \(0\.9\.3\)",
    ):
        checks.prepare(tmp_path, "0.9.3")

    assert (tmp_path / "VERSION").read_text() == "0.10.0\n"


@pytest.mark.parametrize("written", ["0.9.3", "0.9", "0.2.11", "junk", ""])
def test_a_folder_of_an_older_or_equal_version_is_accepted(tmp_path, written):
    (tmp_path / "VERSION").write_text(written)

    checks.prepare(tmp_path, "0.9.3")

    assert (tmp_path / "VERSION").read_text() == "0.9.3\n"


def test_a_file_as_data_dir_is_refused(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(CannotStart, match=r"cannot be used \(.+\)\. Choose a folder"):
        checks.prepare(tmp_path / "file", "1")


def test_a_folder_that_cannot_be_created_is_refused():
    with pytest.raises(CannotStart, match=r"DATA_DIR /proc/reading-room cannot be used"):
        checks.prepare(checks.Path("/proc/reading-room"), "1")


def test_a_full_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(
        checks.shutil, "disk_usage", lambda path: checks.shutil._ntuple_diskusage(100, 95, 5 << 20)
    )

    with pytest.raises(CannotStart, match="is full: 5 MB free, at least 200 MB required"):
        checks.prepare(tmp_path, "1")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_during_a_write_is_refused(tmp_path, monkeypatch, number):
    def fail(path, text):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(checks, "write_whole", fail)

    with pytest.raises(CannotStart, match="is full"):
        checks.prepare(tmp_path, "1")


def test_a_small_file_is_replaced_atomically_only_if_its_content_changes(tmp_path):
    path = tmp_path / "note"
    checks.write_whole(path, "one")
    before = path.stat().st_mtime_ns

    checks.write_whole(path, "one")
    assert path.stat().st_mtime_ns == before

    checks.write_whole(path, "two")
    assert path.read_text() == "two"
    assert [entry.name for entry in tmp_path.glob("note*")] == ["note"]
