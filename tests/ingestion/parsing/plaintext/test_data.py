"""Data and code: JSON, XML, programs."""

import json

import pytest


def shown(read, written, outline, name: str, text: str) -> list[tuple[str, str]]:
    return outline(read(written(name, text.encode())))


def test_fields_keep_their_names_and_nested_values_their_path(read, written, outline):
    value = {
        "name": "Kiln",
        "size": {"width": 3, "deep": {"unit": "cm"}},
        "tags": ["a", "b"],
        "off": None,
        "on": True,
    }

    assert shown(read, written, outline, "kiln.json", json.dumps(value)) == [
        ("paragraph", "name: Kiln\non: true\ntags: a, b"),
        ("heading1", "size"),
        ("paragraph", "width: 3"),
        ("heading2", "deep"),
        ("paragraph", "unit: cm"),
    ]


@pytest.mark.parametrize("name", ["ships.json", "ships.jsonl"])
def test_rows_of_similar_objects_are_a_table(read, written, outline, name):
    rows = [{"ship": "Ada", "length": 10}, {"ship": "贝斯", "length": None}]
    text = json.dumps(rows) if name.endswith("json") else "\n".join(map(json.dumps, rows))

    assert shown(read, written, outline, name, text) == [
        ("table", "| ship | length |\n| --- | --- |\n| Ada | 10 |\n| 贝斯 | |")
    ]


def test_long_texts_are_no_cells(read, written, outline):
    rows = [{"id": 1, "text": "long " * 100}, {"id": 2, "text": "short"}]

    found = shown(read, written, outline, "a.json", json.dumps(rows))

    assert [kind for kind, _text in found] == ["paragraph", "paragraph"]
    assert found[1][1] == "id: 2\ntext: short"


def test_invalid_json_is_read_as_plain_text(read, written, outline):
    assert shown(read, written, outline, "a.json", "{not: 'json'}") == [("code", "{not: 'json'}")]
    assert shown(read, written, outline, "a.json", "[" * 100_000)[0][0] == "code"


def test_a_notebook_gives_its_texts_and_its_code(read, written, outline):
    cells = [
        {"cell_type": "markdown", "source": ["# Tides\n", "High."]},
        {"cell_type": "code", "source": "x = 1", "outputs": ["no"]},
    ]

    assert shown(
        read, written, outline, "a.ipynb", json.dumps({"cells": cells, "nbformat": 4})
    ) == [
        ("heading1", "Tides"),
        ("paragraph", "High."),
        ("code", "x = 1"),
    ]


def test_xml_of_rows_is_a_table_and_fields_have_their_names(read, written, outline):
    text = "<?xml version='1.0'?><l><made>1912</made><s><n>North</n><c>4</c></s></l>"
    rows = "<?xml version='1.0'?><l><s><n>North</n><c>4</c></s><s><n>East</n><c>2</c></s></l>"

    assert shown(read, written, outline, "a.xml", text) == [
        ("paragraph", "made: 1912"),
        ("paragraph", "n: North\nc: 4"),
    ]
    assert shown(read, written, outline, "b.xml", rows) == [
        ("table", "| n | c |\n| --- | --- |\n| North | 4 |\n| East | 2 |")
    ]


def test_xml_of_prose_is_prose_with_its_headings(read, written, outline):
    text = "<book><title>Tea</title><ch><title>Green</title><p>Keep <b>cool</b>, dry.</p><p>Now.</p></ch></book>"

    assert shown(read, written, outline, "a.xml", text) == [
        ("heading1", "Tea"),
        ("heading2", "Green"),
        ("paragraph", "Keep cool, dry."),
        ("paragraph", "Now."),
    ]


def test_broken_xml_gives_all_its_text_once(read, written, outline):
    text = "<?xml version='1.0'?><a><b>one</b><![CDATA[two <i> & three]]><c>f&uuml;nf</a> after <?php x ?>"

    assert [text for _kind, text in shown(read, written, outline, "a.xml", text)] == [
        "one",
        "two <i> & three",
        "fünf",
        "after",
    ]


def test_entities_that_grow_are_not_followed(read, written, outline):
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">{entities}]><a><b>seen</b><c>&e9;</c></a>'

    found = " ".join(text for _kind, text in shown(read, written, outline, "a.xml", text))

    assert "seen" in found
    assert len(found) < 20


def test_settings_in_attributes_are_read(read, written, outline):
    text = '<?xml version="1.0"?><c><lamp colour="red" height="3"/><fog every="60"/></c>'

    assert shown(read, written, outline, "a.xml", text) == [
        ("paragraph", "lamp: colour: red, height: 3\nfog: every: 60")
    ]


def test_code_is_cut_before_unindented_lines(read, written, outline):
    text = "import os\n\n\ndef lamp():\n    x = 1\n\n    return x\n\n\nclass Fog:\n    pass\n"

    assert shown(read, written, outline, "lamp.py", text) == [
        ("code", "import os"),
        ("code", "def lamp():\n    x = 1\n\n    return x"),
        ("code", "class Fog:\n    pass"),
    ]


def test_a_brace_at_the_margin_ends_its_block(read, written, outline):
    text = "int main() {\n  a();\n\n}\n\nint b() {\n}\n"

    assert shown(read, written, outline, "a.c", text) == [
        ("code", "int main() {\n  a();\n\n}"),
        ("code", "int b() {\n}"),
    ]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a;b\n1;2,5\n", "| a | b |\n| --- | --- |\n| 1 | 2,5 |"),
        ("a\tb\n1\t\n\t2\n", "| a | b |\n| --- | --- |\n| 1 | |\n| | 2 |"),
        ("sep=|\na|b,c\n1|2\n", "| a | b,c |\n| --- | --- |\n| 1 | 2 |"),
        ('a,b\n"x\ny",2\n', "| a | b |\n| --- | --- |\n| x y | 2 |"),
        ('a,b\n"say ""hi""",2\n', '| a | b |\n| --- | --- |\n| say "hi" | 2 |'),
        ('a,b\n5" pipe,2\n7,8\n', '| a | b |\n| --- | --- |\n| 5" pipe | 2 |\n| 7 | 8 |'),
        ('a,b\n"open,2\n7,8\n', '| a | b |\n| --- | --- |\n| "open | 2 |\n| 7 | 8 |'),
        (
            'a,b\n"open,2\n7,8\n5" x,9\n',
            '| a | b |\n| --- | --- |\n| "open | 2 |\n| 7 | 8 |\n| 5" x | 9 |',
        ),
        ("a,b\r1,2\r3\r", "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | |"),
    ],
)
def test_tables_of_text_are_cut_into_their_cells(read, written, outline, text, rows):
    assert shown(read, written, outline, "a.csv", text) == [("table", rows)]


def test_an_unclosed_quote_swallows_no_row(read, written):
    lines = ["id,note", '1,"open', *(f"{number},fine" for number in range(2, 20_000))]

    (table,) = read(written("a.csv", "\n".join(lines).encode())).elements

    assert '| 1 | "open |' in table.text
    assert table.text.endswith("| 19999 | fine |")


def test_a_table_in_gb18030(read, written):
    (table,) = read(
        written("a.csv", "姓名,城市\n张三,北京\n李四,上海\n".encode("gb18030"))
    ).elements

    assert table.text == "| 姓名 | 城市 |\n| --- | --- |\n| 张三 | 北京 |\n| 李四 | 上海 |"
