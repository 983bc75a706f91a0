"""Conversion by LibreOffice, with a started stand-in that records its arguments and rights."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from ingestion.errors.exceptions import ParsingCancelled, UnreadableDocument
from ingestion.parsing import formats
from ingestion.parsing.sandbox.pool import Limits, ParserPool
from ingestion.pipeline import parser_pool

OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument\0".encode("utf-16-le")
MEGABYTE = 1024 * 1024


@pytest.fixture
def office(tmp_path, monkeypatch):
    """Install a scripted program in place of LibreOffice; return the folder for its notes."""

    def office(does: str) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir()
        notes = tmp_path / "notes"
        program = folder / "soffice"
        program.write_text(
            f"#!{sys.executable}\nimport os, resource, shutil, socket, sys, time\nfrom pathlib import Path\n"
            f"notes = Path({str(notes)!r})\nout = Path(sys.argv[sys.argv.index('--outdir') + 1])\n{does}\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return notes

    return office


@pytest.fixture
def document(written) -> Path:
    return written("blob", OLD_WORD)


def parse(path: Path, media_type: str = formats.DOC, **options: object):
    limits = options.pop("limits", Limits(seconds=60))
    with ParserPool(size=1, limits=limits) as pool:
        return pool.parse(path, media_type, name="old.doc", **options)


def makes(fixture: Path) -> str:
    suffix = "sys.argv[sys.argv.index('--convert-to') + 1]"
    return f"out.mkdir()\nshutil.copy({str(fixture)!r}, out / ('document.' + {suffix}))"


def test_the_converted_document_is_read_and_no_file_is_left_behind(
    office, document, fixtures, tmp_path
):
    notes = office(makes(fixtures / "bees.docx") + "\nnotes.write_text(os.getcwd())")

    assert parse(document).title == "Beekeeping through the Year"
    assert not Path(notes.read_text()).exists()


@pytest.mark.parametrize(
    ("media_type", "name", "suffix"),
    [
        (formats.DOC, "document.doc", "docx"),
        (formats.PPT, "document.ppt", "pptx"),
    ],
)
def test_libreoffice_gets_its_documented_arguments(
    office, document, fixtures, media_type, name, suffix
):
    made = {"docx": "bees.docx", "pptx": "library.pptx", "xlsx": "budget.xlsx"}[suffix]
    notes = office(
        makes(fixtures / made) + "\nnotes.write_text('\\n'.join([os.getcwd(), *sys.argv[1:]]))"
    )

    assert parse(document, media_type).elements

    folder, profile, *arguments = notes.read_text().split("\n")
    assert profile == f"-env:UserInstallation=file://{folder}/profile"
    assert arguments == [
        "--headless",
        "--norestore",
        "--nologo",
        "--nodefault",
        "--nolockcheck",
        "--convert-to",
        suffix,
        "--outdir",
        f"{folder}/out",
        f"{folder}/{name}",
    ]


def test_libreoffice_runs_without_our_environment_macros_or_unbounded_memory(
    office, document, fixtures, monkeypatch
):
    monkeypatch.setenv("SECRET_KEY", "not for everybody")
    seen = "[str(dict(os.environ)), (Path('profile/user/registrymodifications.xcu')).read_text(), "
    seen += "str(resource.getrlimit(resource.RLIMIT_DATA)[0]), str(os.getsid(0) == os.getpid())]"
    notes = office(makes(fixtures / "bees.docx") + f"\nnotes.write_text('\\n'.join({seen}))")

    parse(document, limits=Limits(seconds=60, memory_bytes=700 * MEGABYTE))

    told = notes.read_text()
    assert "not for everybody" not in told
    assert "DisableMacrosExecution" in told
    assert told.endswith(f"{700 * MEGABYTE}\nTrue")


@pytest.mark.parametrize(
    "does",
    [
        "pass",
        "sys.exit(1)",
        "os.kill(os.getpid(), 9)",
        "out.mkdir()\n(out / 'document.docx').touch()",
    ],
)
def test_a_document_that_libreoffice_cannot_convert_is_damaged(office, document, does):
    office(does)

    with pytest.raises(UnreadableDocument) as refusal:
        parse(document)

    assert refusal.value.code == "corrupt"


def test_libreoffice_is_restarted_on_its_request(office, document, fixtures):
    office(
        f"if not Path('begun').exists():\n    Path('begun').touch()\n    sys.exit(81)\n{makes(fixtures / 'bees.docx')}"
    )

    assert parse(document).title == "Beekeeping through the Year"


def test_the_output_of_libreoffice_is_not_trusted(office, document):
    office("out.mkdir()\n(out / 'document.docx').symlink_to('/etc/passwd')")

    with pytest.raises(UnreadableDocument) as refusal:
        parse(document)

    assert refusal.value.code == "corrupt"


def test_libreoffice_is_ended_at_the_time_limit(office, document):
    notes = office("notes.write_text(str(os.getpid()))\ntime.sleep(600)")

    with pytest.raises(UnreadableDocument) as refusal:
        parse(document, limits=Limits(seconds=5))

    assert refusal.value.code == "too_slow"
    assert not notes.exists() or not Path(f"/proc/{notes.read_text()}").exists()


def test_libreoffice_is_ended_when_the_document_is_cancelled(office, document):
    notes = office("notes.write_text(str(os.getpid()))\ntime.sleep(600)")

    with pytest.raises(ParsingCancelled):
        parse(document, cancelled=notes.exists)

    assert not Path(f"/proc/{notes.read_text()}").exists()


def test_without_libreoffice_the_error_tells_the_remedy(document, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(
        UnreadableDocument, match=r"LibreOffice.*Save the document as \.docx"
    ) as refusal:
        parse(document)

    assert (refusal.value.code, refusal.value.reason) == ("unsupported", "office")


def test_files_of_libreoffice_lie_in_the_swept_folder(office, document, fixtures, tmp_path):
    notes = office(makes(fixtures / "bees.docx") + "\nnotes.write_text(os.getcwd())")

    with ParserPool(size=1, temporary=tmp_path) as pool:
        pool.parse(document, formats.DOC, name="old.doc")
        (child,) = pool.pids()
        environment = Path(f"/proc/{child}/environ").read_text().split("\0")

    assert Path(notes.read_text()).parent == tmp_path
    assert f"TMPDIR={tmp_path}" in environment


def test_the_pool_of_a_worker_keeps_temporary_files_in_the_data_directory(data_dir):
    parser_pool.parser_pool.cache_clear()

    assert parser_pool.parser_pool()._temporary == data_dir / "tmp"
    parser_pool.parser_pool.cache_clear()
