"""A format is one reader and one row: detection, parsing and the list of formats read the row."""

import inspect
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.errors.exceptions import UNSUPPORTED, UnreadableDocument
from ingestion.parsing.formats import ARCHIVES, BY_SUFFIX, FORMATS, PROFILE_READERS
from ingestion.parsing.readers import Reader, reader_for

ROOT = Path(__file__).parents[3]
READER = '''"""Haiku."""

from ingestion.parsing.elements import ListItem, Parsed, make_element


def read_haiku(path, *, name, password, progress, options):
    """A haiku, a list item for each line."""
    lines = path.read_bytes().removeprefix(b"HAIKU1").decode().split("/")
    return Parsed(tuple(make_element(ListItem, line.strip()) for line in lines), title=name)
'''
ROW = """
    Format(
        "text/x-haiku",
        "Haiku",
        FormatGroup.TEXTS,
        (".haiku",),
        "plaintext.haiku.read_haiku",
        signatures=((0, b"HAIKU1"),),
        is_text=True,
    ),"""
PROGRAM = """
import json, sys
from pathlib import Path
from ingestion.parsing import detect_media_type
from ingestion.parsing.formats import FORMATS
from ingestion.parsing.sandbox.pool import ParserPool

def read(name, data):
    path = Path(sys.argv[1]) / name
    path.write_bytes(data)
    media_type = detect_media_type(path, name)
    parsed = pool.parse(path, media_type, name=name)
    return [media_type, parsed.title, [[each.type, each.text] for each in parsed.elements]]

with ParserPool(size=1) as pool:
    by_signature = read("poem", b"HAIKU1An old pond / A frog leaps in")
    by_suffix = read("poem.haiku", b"An old pond")
listed = [each.label for each in FORMATS if ".haiku" in each.suffixes]
print(json.dumps({"signature": by_signature, "suffix": by_suffix, "listed": listed}))
"""


def test_a_new_format_is_one_reader_and_one_row(tmp_path):
    for name in ("platform", "workspaces"):
        (tmp_path / name).symlink_to(ROOT / name)
    package = shutil.copytree(
        ROOT / "ingestion", tmp_path / "ingestion", ignore=shutil.ignore_patterns("__pycache__")
    )
    (package / "parsing" / "plaintext" / "haiku.py").write_text(READER)
    formats = package / "parsing" / "formats.py"
    formats.write_text(formats.read_text().replace("\nFORMATS = (", f"\nFORMATS = ({ROW}", 1))

    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, str(tmp_path)],
        env={"PYTHONPATH": f"{tmp_path}:{tmp_path / 'platform'}", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "signature": [
            "text/x-haiku",
            "poem",
            [["ListItem", "An old pond"], ["ListItem", "A frog leaps in"]],
        ],
        "suffix": ["text/x-haiku", "poem.haiku", [["ListItem", "An old pond"]]],
        "listed": ["Haiku"],
    }


@pytest.mark.parametrize(
    "media_type", [*(each.media_type for each in FORMATS if each.reader), *PROFILE_READERS]
)
def test_every_reader_takes_the_parameters_of_the_protocol(media_type):
    expected = list(inspect.signature(Reader.__call__).parameters.values())[1:]
    parameters = list(inspect.signature(reader_for(media_type)).parameters.values())

    assert [each.name for each in parameters] == [each.name for each in expected]
    assert [each.kind for each in parameters[1:]] == [each.kind for each in expected[1:]]


@pytest.mark.parametrize("media_type", [*sorted(ARCHIVES), "application/x-strange"])
def test_an_archive_and_an_unknown_media_type_have_no_reader(media_type):
    with pytest.raises(UnreadableDocument) as caught:
        reader_for(media_type)

    assert (caught.value.code, caught.value.reason) == (
        UNSUPPORTED,
        "archive" if media_type in ARCHIVES else "",
    )


def test_every_suffix_belongs_to_one_format():
    assert len(BY_SUFFIX) == sum(len(each.suffixes) for each in FORMATS)
