"""Each sentence of the code has a Chinese translation, and the compiled catalogue is up to date.

The sentences are extracted by Python, because gettext may not be installed; `make messages` uses
gettext.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
SOURCES = [
    path
    for folder in (ROOT / "platform", ROOT / "workspaces", ROOT / "ingestion", ROOT / "chat")
    for path in folder.rglob("*.py")
]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ONE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
MANY = {"ngettext", "ngettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w+\}")
HAN = "\u3400-\u9fff"
FULL_WIDTH = "，。；：？！、（）“”…"
AGAINST_THE_STYLE = {
    "a half-width sign in a Chinese sentence": re.compile(
        rf"[{HAN}][,;:!?()]|[,;!?][{HAN}]|[{HAN}]\.(?!\w)"
    ),
    "a space beside a full-width sign": re.compile(rf" [{FULL_WIDTH}]|[，。；：？！、（）] "),
    "another measure word for documents than 份": re.compile("个文档"),
    "no space between Chinese and Latin": re.compile(rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9][{HAN}]"),
}

Sentence = tuple[str, str, str]
"""Singular, plural or None, and context of a message."""


def sentences_of_python(source: str) -> Iterator[Sentence]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        words = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        if name in ONE and words and isinstance(words[0], str):
            yield words[0], "", ""
        elif name in IN_CONTEXT:
            yield words[1], "", words[0]
        elif name in MANY and len(words) >= 2:
            yield words[0], words[1], ""


def sentences_of_template(source: str) -> Iterator[Sentence]:
    """Yield the messages of a template as Django extracts them."""
    for call in re.finditer(
        r"\b[np]?gettext\((?:u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"|[^)'\"])*\)",
        templatize(source),
    ):
        yield from sentences_of_python(call[0])


@pytest.fixture(scope="module")
def wanted() -> set[Sentence]:
    found = {
        sentence
        for path in SOURCES
        for sentence in sentences_of_python(path.read_text(encoding="utf-8"))
    }
    return found | {
        said
        for path in TEMPLATES
        for said in sentences_of_template(path.read_text(encoding="utf-8"))
    }


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def said(entry: polib.POEntry) -> str:
    return entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr


def test_the_catalogue_contains_exactly_the_sentences_of_the_code(
    wanted: set[Sentence], catalogue: polib.POFile
):
    there = {
        (entry.msgid, entry.msgid_plural, entry.msgctxt or "")
        for entry in catalogue
        if not entry.obsolete
    }

    assert (wanted - there, there - wanted) == (set(), set()), (
        "run `make messages` and translate what is new"
    )


def test_each_sentence_has_a_final_translation(catalogue: polib.POFile):
    assert [entry.msgid for entry in catalogue if entry.fuzzy or not said(entry)] == []


def test_no_translation_loses_a_placeholder(catalogue: polib.POFile):
    def filled_in(text: str) -> list[str]:
        return sorted(set(PLACEHOLDER.findall(text)))

    assert {
        entry.msgid: said(entry)
        for entry in catalogue
        if filled_in(entry.msgid_plural or entry.msgid) != filled_in(said(entry))
    } == {}


@pytest.mark.parametrize("fault", AGAINST_THE_STYLE)
def test_chinese_texts_follow_chinese_typography(catalogue: polib.POFile, fault: str):
    without_placeholders = {
        entry.msgid: PLACEHOLDER.sub("\ue000", said(entry)) for entry in catalogue
    }

    assert [
        text for text in without_placeholders.values() if AGAINST_THE_STYLE[fault].search(text)
    ] == []


def test_compiled_translations_are_up_to_date(catalogue: polib.POFile):
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))

    def told(entries: polib.POFile | polib.MOFile) -> dict[tuple[str | None, str], str]:
        return {(entry.msgctxt, entry.msgid): said(entry) for entry in entries}

    assert told(compiled) == told(catalogue), "run `make messages`"
