"""Binary workbooks (XLSB): values of real ones, refusal of hostile ones."""

import pytest
from support.office_files import zipped

from ingestion.errors.exceptions import UnreadableDocument

TYPES = (
    '<Types><Default Extension="bin" '
    'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
)


@pytest.mark.data
def test_values_of_a_binary_workbook_are_read(read, real_data, outline):
    texts = [
        text
        for _kind, text in outline(
            read(real_data / "documents" / "normal" / "tika__test-columnar.xlsb")
        )
    ]

    assert texts[:2] == ["testing", "testing!A1:H12: " + ", ".join(HEADER)]
    rows = texts[2].split("\n")
    assert rows[0] == f"| {' | '.join(HEADER)} |"
    assert rows[3].endswith("| 0.1 | 0 | 1960-01-02 | 1960-01-01 00:00:10 | 00:00:03 |")


@pytest.mark.data
def test_a_workbook_that_crashes_the_library_is_corrupt(read, real_data):
    with pytest.raises(UnreadableDocument) as refusal:
        read(
            real_data / "documents" / "normal" / "tika__testEXCEL.xlsb"
        )  # Written before the format was final.

    assert refusal.value.code == "corrupt"


def test_cells_too_far_apart_are_refused_before_loading(read, written):
    row = bytes([0, 4]) + (1_048_575).to_bytes(4, "little")
    cell = bytes([1, 8]) + (16_383).to_bytes(4, "little") + bytes(4)
    parts = {"[Content_Types].xml": TYPES, "xl/worksheets/sheet1.bin": row + cell}

    with pytest.raises(UnreadableDocument) as refusal:
        read(written("a.xlsb", zipped(parts)))

    assert refusal.value.code == "too_large"


def test_a_package_without_a_workbook_is_corrupt(read, written):
    with pytest.raises(UnreadableDocument) as refusal:
        read(
            written(
                "a.xlsb",
                zipped({"[Content_Types].xml": TYPES, "xl/worksheets/sheet1.bin": b"\xff" * 50}),
            )
        )

    assert refusal.value.code == "corrupt"


HEADER = [
    "Record Number",
    "Square of the Record Number",
    "Description of the Row",
    "Percent Done",
    "Percent Increment",
    "date",
    "datetime",
    "time",
]
