"""OpenDocument presentations (ODP): each slide is a page, its title a heading."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.parsing.elements import Element, ListItem, NarrativeText, Parsed, Title, make_element
from ingestion.parsing.opendocument.odt import table_rows
from ingestion.parsing.opendocument.package import DRAW, TABLE, TEXT, UNSEEN, open_document, words
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.cleaning import clean_elements, title_of
from ingestion.parsing.text.tables import table_elements, without_empty_columns

PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
ON_EVERY_SLIDE = {"header", "footer", "date-time", "page-number"}


def read_odp(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read an OpenDocument presentation."""
    _content, body, title, _styles = open_document(path, "presentation")
    slides = list(body.iterchildren(f"{DRAW}page"))
    elements: list[Element] = []
    for number, slide in enumerate(slides, start=1):
        elements += clean_elements(_slide(slide, number))
        progress(number / len(slides))
    return Parsed(tuple(elements), title_of(title, elements), len(slides) or None)


def _slide(slide: Any, number: int) -> Iterator[Element]:
    notes = slide.find(f"{PRESENTATION}notes")
    shapes = [shape for shape in slide if shape is not notes and isinstance(shape.tag, str)]
    titles = [shape for shape in shapes if shape.get(f"{PRESENTATION}class") == "title"][:1]
    for shape in titles:
        text = " ".join(words(block) for block in shape.iter(f"{TEXT}p"))
        yield make_element(Title, text, number, 1)
    for shape in shapes:
        if shape not in titles:
            yield from _blocks(shape, number, in_list=False)
    if notes is not None:
        yield from _blocks(notes, number, in_list=False)


def _blocks(node: Any, number: int, *, in_list: bool) -> Iterator[Element]:
    if node.get(f"{PRESENTATION}class") in ON_EVERY_SLIDE or node.tag in UNSEEN:
        return
    for block in node:
        if block.tag in (f"{TEXT}p", f"{TEXT}h"):
            yield make_element(ListItem if in_list else NarrativeText, words(block), number)
        elif block.tag == f"{TABLE}table":
            yield from table_elements(without_empty_columns(table_rows(block)), number)
        elif isinstance(block.tag, str):
            yield from _blocks(block, number, in_list=in_list or block.tag == f"{TEXT}list")
