"""The elements of readers are those of `unstructured`, which only parsing children import."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from unstructured.documents.coordinates import PixelSpace
from unstructured.documents.elements import TYPE_TO_TEXT_ELEMENT_MAP

from ingestion.parsing.elements import (
    Parsed,
    Table,
    Title,
    box_of,
    level_of,
    make_element,
    page_number,
)
from ingestion.parsing.parsed import TYPES, Box, ElementRow
from ingestion.parsing.sandbox.process import SOURCES

ROOT = Path(__file__).parents[3]
PARENTS = "config.asgi, config.urls, ingestion.pipeline.indexing, ingestion.tasks, ingestion.parsing.sandbox.pool"
WITHOUT_UNSTRUCTURED = f"""
import django, sys
django.setup()
import {PARENTS}
sys.exit(sorted(name for name in sys.modules if name.partition(".")[0] == "unstructured") or 0)
"""
OFFLINE = """
import sys
sys.addaudithook(lambda event, _args: sys.exit(event) if event in ("socket.getaddrinfo", "socket.connect") else None)
import ingestion.parsing.elements
import unstructured.file_utils.model
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DO_NOT_TRACK"}
    environment |= {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )


def test_server_and_worker_do_not_import_unstructured():
    done = run(WITHOUT_UNSTRUCTURED)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_import_sends_nothing_and_prints_nothing():
    done = run(OFFLINE)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_child_finds_its_code_in_a_product_that_is_not_installed():
    """As in the image, which has only PYTHONPATH: -S ignores the editable installation."""
    path = os.pathsep.join([SOURCES, sysconfig.get_path("purelib")])
    command = [
        sys.executable,
        "-S",
        "-P",
        "-c",
        "import ingestion.parsing.sandbox.worker, ingestion.parsing.plaintext.reader",
    ]
    done = subprocess.run(
        command, env={"PYTHONPATH": path}, capture_output=True, text=True, cwd="/", timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_an_element_has_the_metadata_of_unstructured():
    heading = make_element(Title, "Nests", 3, 2, Box(0.1, 0.2, 0.6, 0.25))

    given = heading.to_dict()
    in_pixels = heading.convert_coordinates_to_new_system(PixelSpace(1000, 2000), in_place=False)

    assert (given["type"], given["text"]) == ("Title", "Nests")
    assert (given["metadata"]["page_number"], given["metadata"]["category_depth"]) == (3, 1)
    assert given["metadata"]["coordinates"]["system"] == "RelativeCoordinateSystem"
    assert [(round(x), round(y)) for x, y in in_pixels] == [
        (100, 400),
        (100, 500),
        (600, 500),
        (600, 400),
    ]


def test_unknown_fields_of_an_element_are_not_written():
    element = make_element(Title, "Nests")

    assert (page_number(element), level_of(element), box_of(element)) == (None, None, None)
    assert element.to_dict()["metadata"] == {}


def test_a_document_leaves_the_child_as_rows():
    parsed = Parsed(
        (
            make_element(Title, "Nests", 3, 2, Box(0.1, 0.2, 0.6, 0.25)),
            make_element(Table, "| a |"),
        ),
        "T",
        4,
    )

    rows = parsed.rows()

    assert rows.elements == (
        ElementRow("Title", "Nests", 3, 2, Box(0.1, 0.2, 0.6, 0.25)),
        ElementRow("Table", "| a |"),
    )
    assert (rows.title, rows.pages) == ("T", 4)


def test_every_type_of_unstructured_with_text_may_leave_a_child():
    categories = {category.category for category in TYPE_TO_TEXT_ELEMENT_MAP.values()}

    assert categories - {"PageBreak"} <= TYPES
