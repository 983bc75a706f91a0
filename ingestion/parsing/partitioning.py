"""The `unstructured` library on a lead: offline, silent, and its elements turned into ours.

Only here is it set up and are its element classes known. Imported inside functions: it takes over a second to load.
"""

import os
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import html as lxml_html

from ingestion.parsing import linguistics
from ingestion.parsing.elements import Element, Kind
from ingestion.parsing.tables import html_rows, table_elements, without_empty_columns

QUIET = {
    "DO_NOT_TRACK": "1",  # or it calls home when imported
    "SCARF_NO_ANALYTICS": "1",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",  # or it advertises
    "OPENBLAS_NUM_THREADS": "1",  # numpy comes with it and would reserve memory for each core
}
NO_LANGUAGE_DETECTION = [""]
TOKENIZE = "unstructured.nlp.tokenize"
KINDS = {"ListItem": Kind.LIST_ITEM, "CodeSnippet": Kind.CODE, "FigureCaption": Kind.CAPTION}
LEFT_OUT = {"Header", "Footer", "PageBreak", "PageNumber", "Image"}


def keep_offline() -> None:
    """Make `unstructured` safe to import: no telemetry, no download of language models."""
    os.environ.update(QUIET)
    if TOKENIZE in sys.modules:
        return
    module = types.ModuleType(TOKENIZE)
    for function in (linguistics.sent_tokenize, linguistics.word_tokenize, linguistics.pos_tag):
        setattr(module, function.__name__, function)
    sys.modules[TOKENIZE] = module


def converted(elements: Iterable[Any]) -> Iterator[Element]:
    """Our elements for those of `unstructured`, in the same order."""
    for element in elements:
        if element.category == "Table":
            yield from _table(element)
        elif element.category not in LEFT_OUT:
            yield _plain(element)


def _plain(element: Any) -> Element:
    page = element.metadata.page_number
    if element.category == "Title":
        return Element(Kind.HEADING, element.text, page, (element.metadata.category_depth or 0) + 1)
    return Element(KINDS.get(element.category, Kind.PARAGRAPH), element.text, page)


def _table(element: Any) -> Iterator[Element]:
    page = element.metadata.page_number
    if not element.metadata.text_as_html:
        yield Element(Kind.PARAGRAPH, element.text, page)
        return
    table = lxml_html.fragment_fromstring(element.metadata.text_as_html)
    for caption in table.iter("caption"):
        yield Element(Kind.CAPTION, caption.text_content(), page)
    yield from table_elements(without_empty_columns(html_rows(table)), page)
