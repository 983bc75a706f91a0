"""Files of elements by Unstructured or docling are read as their original documents."""

import json

import pytest
from support.element_kinds import kind

from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing import detect_media_type
from ingestion.parsing.exchange.elements_json import as_json
from ingestion.parsing.formats import JSON
from ingestion.parsing.parsed import Box, ElementRow


def corners(left, top, right, bottom):
    return [[left, top], [left, bottom], [right, bottom], [right, top]]


def pixels(*sides):
    return {
        "points": corners(*sides),
        "system": "PixelSpace",
        "layout_width": 1000,
        "layout_height": 2000,
    }


def row(category, text, number, page=1, **metadata):
    return {
        "type": category,
        "element_id": f"e{number}",
        "text": text,
        "metadata": {"page_number": page, **metadata},
    }


HEIGHTS = "<table><tr><th>Day</th><th>Height</th></tr><tr><td>1</td><td>4.2</td></tr></table>"
# As from the hi_res strategy: no depths, headings by parents, margins on every page.
HI_RES = [
    row("Header", "Bureau of Tides 1", 1),
    row("Title", "Tide tables", 2, coordinates=pixels(100, 200, 900, 300)),
    row("Title", "Spring", 3, parent_id="e2"),
    row("NarrativeText", "High water at noon.", 4, parent_id="e3", coordinates=pixels(100, 400, 900, 500)),
    row(
        "Table", "Day Height 1 4.2", 5, text_as_html=HEIGHTS),
    row("PageBreak", "", 6),
    row("Header", "Bureau of Tides 2", 7, page=2),
    row("UncategorizedText", "Plain", 8, page=2),
    row("ListItem", "first", 9, page=2),
    row("Formula", "h = a cos t", 10, page=2),
    row("FigureCaption", "Figure 1", 11, page=2),
    row("Image", "text in a picture", 12, page=2),
    row("PageNumber", "2", 13, page=2),
    row("Section-header", "Autumn", 14, page=2, category_depth=2),
    row("NewKindOfElement", "kept as prose", 15, page=2),
]  # fmt: skip


def test_elements_of_unstructured_keep_types_pages_levels_and_tables(read, written):
    parsed = read(written("tides.json", json.dumps(HI_RES).encode()))

    assert [(kind(element), element.text, element.page) for element in parsed.elements] == [
        ("Header", "Bureau of Tides 1", 1),
        ("heading1", "Tide tables", 1),
        ("heading2", "Spring", 1),
        ("paragraph", "High water at noon.", 1),
        ("table", "| Day | Height |\n| --- | --- |\n| 1 | 4.2 |", 1),
        ("UncategorizedText", "Plain", 2),
        ("list_item", "first", 2),
        ("Formula", "h = a cos t", 2),
        ("caption", "Figure 1", 2),
        ("Image", "text in a picture", 2),
        ("heading3", "Autumn", 2),
        ("paragraph", "kept as prose", 2),
    ]
    assert (parsed.title, parsed.pages) == ("Tide tables", 2)
    assert parsed.elements[1].box == Box(0.1, 0.1, 0.9, 0.15)


def test_spans_of_a_table_do_not_multiply_its_text(read, written):
    markup = "<table>" + f"<tr><td>a<td colspan=1000 rowspan=65534>{'b' * 80}" * 800 + "</table>"

    parsed = read(
        written("t.json", json.dumps([row("Table", "a b", 1, text_as_html=markup)]).encode())
    )

    assert len(markup) > 96_000
    assert len(parsed.elements[0].text) < 25 * len(markup)


def test_exported_elements_are_read_unchanged(read, written):
    rows = (
        ElementRow("Title", "Tide tables", 1, None, Box(0.1, 0.05, 0.9, 0.1)),
        ElementRow("Title", "Spring", 1, 1),
        ElementRow("Title", "Neap", 1, 3),
        ElementRow("Table", "| a\\|b | <c> |\n| --- | --- |\n| 1 | & |", 2),
        ElementRow("CodeSnippet", "if x:\n    y", 3),
    )
    given = list(as_json(rows, "tides.pdf", "application/pdf"))

    assert read(written("tides.json", json.dumps(given).encode())).elements == rows


def test_elements_in_json_lines_are_detected_by_content(read, written):
    lines = written("tides.ndjson", "\n".join(map(json.dumps, HI_RES)).encode())
    large = written("tides", json.dumps(HI_RES * 200, indent=2).encode())

    assert read(lines).elements[1].text == "Tide tables"
    assert detect_media_type(large, "tides") == JSON


DOCLING = {
    "schema_name": "DoclingDocument",
    "version": "1.7.0",
    "name": "tides",
    "body": {"children": [{"$ref": f"#/{one}"} for one in ("texts/0", "texts/1", "texts/1", "groups/0", "tables/0")]},
    "groups": [{"label": "list", "children": [{"$ref": "#/texts/2"}, {"$ref": "#/texts/3"}, {"$ref": "#/groups/0"}]}],
    "texts": [
        {
            "label": "title",
            "text": "Tide tables",
            "prov": [{"page_no": 1, "bbox": {"l": 60, "t": 760, "r": 540, "b": 720, "coord_origin": "BOTTOMLEFT"}}],
        },
        {
            "label": "section_header",
            "level": 2,
            "text": "Spring",
            "prov": [{"page_no": 1, "bbox": {"l": 60, "t": 80, "r": 540, "b": 120, "coord_origin": "TOPLEFT"}}],
        },
        {"label": "list_item", "text": "first", "enumerated": True, "marker": "1.", "prov": [{"page_no": 1}]},
        {"label": "list_item", "text": "second", "enumerated": False, "marker": "-"},
        {"label": "caption", "text": "Heights", "prov": [{"page_no": 2}]},
    ],
    "tables": [
        {
            "label": "table",
            "captions": [{"$ref": "#/texts/4"}],
            "children": [{"$ref": "#/texts/4"}],
            "prov": [{"page_no": 2}],
            "data": {"grid": [[{"text": "Day"}, {"text": "Height"}], [{"text": "1"}, {"text": "4.2"}]]},
        }
    ],
    "pages": {"1": {"size": {"width": 600, "height": 800}, "page_no": 1}},
}  # fmt: skip


def test_a_document_of_docling_keeps_order_pages_levels_places_and_tables(read, written):
    parsed = read(written("tides.json", json.dumps(DOCLING).encode()))

    assert [(kind(element), element.text, element.page) for element in parsed.elements] == [
        ("title", "Tide tables", 1),
        ("heading2", "Spring", 1),
        ("list_item", "1. first", 1),
        ("list_item", "second", None),
        ("caption", "Heights", 2),
        ("table", "| Day | Height |\n| --- | --- |\n| 1 | 4.2 |", 2),
    ]
    assert [element.box for element in parsed.elements[:2]] == [
        Box(0.1, 0.05, 0.9, 0.1),
        Box(0.1, 0.1, 0.9, 0.15),
    ]


HOSTILE = [
    None,
    True,
    -1,
    1e300,
    "x",
    [],
    {},
    [[]],
    {"$ref": "#/body"},
    [{"$ref": "#/groups/0"}],
    "\x00\ud800",
]


@pytest.mark.parametrize("value", HOSTILE, ids=str)
def test_only_the_invalid_value_of_an_element_is_dropped(read, written, value):
    odd = {"type": "Title", "element_id": "odd", "text": "odd", "metadata": {}}
    fields = (
        "page_number",
        "category_depth",
        "parent_id",
        "coordinates",
        "text_as_html",
        "orig_elements",
    )
    metadata = dict.fromkeys(fields, value)
    rows = [
        *HI_RES[1:2],
        odd | {"metadata": metadata},
        odd | {"type": "Table", "metadata": metadata},
        odd | {"metadata": value},
    ]
    places = {"points": value, "system": value, "layout_width": value, "layout_height": 0}
    rows.append(odd | {"text": "placed", "metadata": {"coordinates": places}})

    texts = [
        element.text for element in read(written("a.json", json.dumps(rows).encode())).elements
    ]

    assert texts == ["Tide tables", "odd", "odd", "odd", "placed"]


@pytest.mark.parametrize("value", HOSTILE, ids=str)
def test_a_docling_document_with_wrong_values_is_read_in_part(read, written, value):
    items = {
        "texts": [
            *DOCLING["texts"][:1],
            {"label": value, "text": value, "level": value, "prov": value},
            value,
        ]
    }
    items |= {
        "tables": [{"data": {"grid": value}}, {"data": {"grid": [value]}}],
        "pages": value,
        "groups": value,
    }
    body = {"children": [*DOCLING["body"]["children"], {"$ref": "#/tables/1"}, value]}

    parsed = read(written("a.json", json.dumps(DOCLING | items | {"body": body}).encode()))

    assert parsed.elements[0].text == "Tide tables"


@pytest.mark.parametrize(
    "text", ["[{]", '[{"type": "Title", "text": "x"', json.dumps(DOCLING)[:300]]
)
def test_truncated_json_is_read_as_text(read, written, text):
    assert read(written("a.json", text.encode())).elements[0].type == "CodeSnippet"


def test_elements_without_any_text_are_refused(read, written):
    empty = [row("NarrativeText", " ", 1), row("PageBreak", "", 2)]

    with pytest.raises(UnreadableDocument) as caught:
        read(written("a.json", json.dumps(empty).encode()))

    assert caught.value.code == "no_text"
