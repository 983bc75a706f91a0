"""Small office documents, books and PDFs, broken at random in their bytes or archive parts.

Each is read or refused without a bug in our code. The examples are bounded and repeatable; their
findings are tests of the readers.
"""

import io
import re
import signal
import struct
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.broken_documents import OUR_MISTAKES, edited, refused_because
from support.office_files import docx, opendocument, paragraph, pptx, row, shape, table

from ingestion.parsing.options import Options

FIXTURES = Path(__file__).parents[2] / "fixtures"
CPU_SECONDS = 30.0
WITHOUT_PICTURES = Options(ocr=False)
SHEET = """<table:table table:name="Plan"><table:table-row table:number-rows-repeated="3">
<table:table-cell table:number-columns-repeated="2" table:number-rows-spanned="2" office:value-type="date"
office:date-value="2026-02-01T00:00:00"><office:annotation><text:p>x</text:p></office:annotation>
<text:p>1<text:s text:c="3"/>
</text:p></table:table-cell></table:table-row></table:table>"""
SLIDE = f"""<draw:page><draw:frame presentation:class="title"><text:p>Why</text:p></draw:frame><draw:frame>
<draw:text-box><text:list><text:list-item><text:p>One</text:p></text:list-item></text:list></draw:text-box></draw:frame><draw:frame>{SHEET}
</draw:frame><presentation:notes><text:p>Say it</text:p></presentation:notes></draw:page>"""
SEEDS = {
    "sheet.ods": opendocument("spreadsheet", SHEET),
    "slides.odp": opendocument("presentation", SLIDE),
    "table.docx": docx(
        paragraph("A", '<w:pStyle w:val="x"/>') + table(row("2>a", "v>b"), row("c", "d", "^>"))
    ),
    "shapes.pptx": pptx(
        shape("Title", placeholder="title") + shape("one", "two", top=9), shape("x")
    ),
    **{
        name: (FIXTURES / name).read_bytes()
        for name in ("bees.docx", "budget.xlsx", "budget.xls", "bread.odt")
    },
    **{
        name: (FIXTURES / name).read_bytes()
        for name in ("boat.epub", "harbour.rtf", "lighthouse.pdf", "locked.docx")
    },
}
TOKENS = [
    b"", b"\x00", b"<", b">", b'"', b"/", b"0", b"-1", b"9" * 12, b"\xff" * 4, b"&x;", b"<a>", b"</w:p>", b" R",
    b"\\bin9 ", b"{\\*", b"\\u-1", b"\\'zz", b"[", b"<<",
]  # fmt: skip
VALUES = [
    b"",
    b"0",
    b"-1",
    b"99999999999",
    b"1e9",
    b"x",
    b"rId1",
    b"../..",
    b"nan",
    b"1.5",
    b"\xc3\xa9",
]
# Position, deleted length, inserted bytes, repetitions.
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.sampled_from([0, 1, 8, 64, 4096]),
        st.sampled_from(TOKENS),
        st.sampled_from([1, 30]),
    ),
    min_size=1,
    max_size=4,
)
# Position as a share, and the new number there: the next sector, or a length.
NUMBERS = st.lists(
    st.tuples(
        st.floats(0, 1), st.sampled_from([0, 1, 2, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1])
    ),
    min_size=1,
    max_size=6,
)
# Damages to a member of the archive, chosen by a share of their number.
MEMBERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "edit",
                "value",
                "value",
                "swap tags",
                "drop",
                "empty",
                "truncate",
                "double",
                "swap",
                "rename",
            ]
        ),
        st.floats(0, 1),
        st.floats(0, 1),
        st.sampled_from(VALUES),
        EDITS,
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("broken")


BOUNDED = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@BOUNDED
@given(edits=EDITS)
@pytest.mark.parametrize("name", SEEDS)
def test_broken_bytes_are_read_or_refused(place, name, edits):
    check(place / name, edited(SEEDS[name], edits))


@pytest.mark.data
@BOUNDED
@given(edits=EDITS, numbers=NUMBERS)
def test_broken_messages_of_outlooks_are_read_or_refused(place, real_data, edits, numbers):
    for path in sorted((real_data / "documents" / "normal").glob("*.msg")):
        check(place / path.name, edited(path.read_bytes(), edits))
        check(place / path.name, with_numbers(path.read_bytes(), numbers))


@BOUNDED
@given(numbers=NUMBERS)
@pytest.mark.parametrize("name", ["budget.xls", "locked.docx"])
def test_broken_containers_are_read_or_refused(place, name, numbers):
    check(place / name, with_numbers(SEEDS[name], numbers))


@BOUNDED
@given(changes=MEMBERS, size=st.sampled_from([None, None, None, 0, 1, 2**31, 2**32 - 1]))
@pytest.mark.parametrize("name", [name for name in SEEDS if SEEDS[name].startswith(b"PK")])
def test_broken_parts_are_read_or_refused(place, name, changes, size):
    check(place / name, with_size(repacked(SEEDS[name], changes), size))


def check(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with ending():
        cause = refused_because(path, path.name, WITHOUT_PICTURES)
    assert not is_ours(cause), repr(cause)


@contextmanager
def ending() -> Iterator[None]:
    """Interrupt and fail if a document takes far more CPU time than its size allows."""

    def interrupt(_number: int, _frame: object) -> None:
        pytest.fail("it never ends")

    before = signal.signal(signal.SIGVTALRM, interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def is_ours(cause: BaseException | None) -> bool:
    """Whether a refusal is due to a bug in a reader, and not to an error of a library."""
    if not isinstance(cause, OUR_MISTAKES):
        return False
    *_others, last = traceback.extract_tb(cause.__traceback__)
    return "ingestion" in Path(last.filename).parts


def repacked(
    data: bytes, changes: list[tuple[str, float, float, bytes, list[tuple[float, int, bytes, int]]]]
) -> bytes:
    """Return the archive with some members changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    for what, which, where, value, edits in changes:
        if members:
            change(
                members, what, min(int(which * len(members)), len(members) - 1), where, value, edits
            )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def change(
    members: list[tuple[str, bytes]],
    what: str,
    number: int,
    where: float,
    value: bytes,
    edits: list[tuple[float, int, bytes, int]],
) -> None:
    name, content = members[number]
    other = int(where * (len(members) - 1))
    match what:
        case "drop":
            del members[number]
        case "double":
            members.append((name + ".xml", content))
        case "swap":
            members[number], members[other] = (
                (name, members[other][1]),
                (members[other][0], content),
            )
        case "rename":
            members[number] = (name.upper(), content)
        case "empty":
            members[number] = (name, b"")
        case "truncate":
            members[number] = (name, content[: int(where * len(content))])
        case "value":
            members[number] = (name, with_value(content, where, value))
        case "swap tags":
            members[number] = (name, with_tags_swapped(content, where))
        case _:
            members[number] = (name, edited(content, edits))


def with_value(xml: bytes, share: float, value: bytes) -> bytes:
    """Return the markup with a wrong value of one attribute or text, but well-formed."""
    places = [match.span(1) for match in re.finditer(rb'(?:="|>)([^"<>]+)(?="|<)', xml)]
    if not places:
        return xml
    start, end = places[int(share * (len(places) - 1))]
    return xml[:start] + value + xml[end:]


def with_tags_swapped(xml: bytes, share: float) -> bytes:
    """Return well-formed markup in which one kind of element has the name of another."""
    names = sorted(set(re.findall(rb"<([A-Za-z]\w*:?\w*)", xml)))
    if len(names) < 2:
        return xml
    at = int(share * (len(names) - 1))
    return re.sub(
        rb"(</?)" + re.escape(names[at]) + rb"(?=[\s/>])",
        rb"\g<1>" + names[(at * 7 + 1) % len(names)],
        xml,
    )


def with_size(data: bytes, size: int | None) -> bytes:
    """Return the archive with a false size of its first member."""
    at = data.find(b"PK\x01\x02")
    return (
        data
        if size is None or at < 0
        else data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]
    )


def with_numbers(data: bytes, numbers: list[tuple[float, int]]) -> bytes:
    """Return the container with other numbers at some positions of numbers."""
    changed = bytearray(data)
    for share, number in numbers:
        at = int(share * (len(data) // 4 - 1)) * 4
        changed[at : at + 4] = struct.pack("<I", number)
    return bytes(changed)
