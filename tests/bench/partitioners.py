"""The own readers beside the partitioners of `unstructured`: which find 95 % of the words that are expected of a file.

    UNSTRUCTURED_PYTHON=…/bin/python make bench PARTS=partitioners

names the Python of another environment, with
`unstructured[csv,docx,epub,md,msg,odt,org,pptx,rst,rtf,tsv,xlsx]` and spacy: here they are
installed without what they need. spaCy gets a blank model with a rule for sentences, since its own
would be downloaded. PDF and pictures are left out, which need 6.5 GB more; archives are no
documents.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import django
from support.expected_words import (
    Row,
    document_rows,
    expected_words,
    found_words,
    share_in_order,
    words,
)
from support.stack import ROOT

ENOUGH = 0.95
SECONDS = 120
PARTITION = """
import json, sys, spacy
blank = spacy.blank("xx")
blank.add_pipe("sentencizer")
spacy.load = lambda *_args, **_more: blank
from unstructured.partition.auto import partition
print(json.dumps([element.text for element in partition(sys.argv[1])]))
"""


def main() -> None:
    """Read each file twice, and print a line for each kind."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings

    from ingestion.pipeline.parser_pool import parser_pool

    python, folder = os.environ.get("UNSTRUCTURED_PYTHON"), settings.READING_ROOM_DATA
    if not python or not folder.is_dir():
        print("nothing to compare: set UNSTRUCTURED_PYTHON and READING_ROOM_DATA")
        return
    table = defaultdict(list)
    for row in document_rows(folder):
        kind = kind_of(folder / row["file"])
        if kind and (wanted := expected_words(folder, row)):
            shares = here(folder, row), there(python, folder / row["file"])
            table[kind].append([share_in_order(wanted, found) >= ENOUGH for found in shares])
    parser_pool().close()
    print("| kind | files | own readers | unstructured |\n|---|---|---|---|")
    for kind, group in sorted(table.items()):
        print(
            f"| {kind} | {len(group)} | {sum(own for own, _ in group)} | {sum(its for _, its in group)} |"
        )
    every = [pair for group in table.values() for pair in group]
    print(
        f"| all | {len(every)} | {sum(own for own, _ in every)} | {sum(its for _, its in every)} |"
    )


def kind_of(path: Path) -> str:
    """The usual ending of names of its kind; "" for kinds that are not compared."""
    from ingestion.errors.exceptions import UnreadableDocument
    from ingestion.parsing import detect_media_type
    from ingestion.parsing.formats import ARCHIVES, BY_MEDIA_TYPE, PDF, FormatGroup

    try:
        media_type = detect_media_type(path, path.name)
    except UnreadableDocument:
        return ""
    is_left_out = (
        media_type in ARCHIVES
        or media_type == PDF
        or BY_MEDIA_TYPE[media_type].group == FormatGroup.PICTURES
    )
    return "" if is_left_out else BY_MEDIA_TYPE[media_type].suffixes[0].removeprefix(".")


def here(folder: Path, row: Row) -> list[str]:
    """The words that the own reader finds."""
    from ingestion.errors.exceptions import UnreadableDocument
    from ingestion.parsing import detect_media_type
    from ingestion.pipeline.parser_pool import parser_pool

    path = folder / row["file"]
    try:
        return found_words(
            parser_pool().parse(path, detect_media_type(path, path.name), name=path.name)
        )
    except UnreadableDocument:
        return []


def there(python: str, path: Path) -> list[str]:
    """The words that the partitioner finds, in its own process."""
    environment = {
        "DO_NOT_TRACK": "1",
        "UNSTRUCTURED_DISABLE_NOTICE": "1",
        "PATH": os.environ["PATH"],
    }
    try:
        done = subprocess.run(
            [python, "-c", PARTITION, str(path)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        return words("\n".join(json.loads(done.stdout.splitlines()[-1])))
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        return []
