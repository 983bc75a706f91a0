"""A web page that was fetched, read for what it is about: menus, notices and the like around its article are left out.

The title and the date of publication stand first, since a page says them where its article does not. Where no article
is found, the whole page is read, as `reader` reads one that was uploaded.
"""

import logging
import re
from pathlib import Path
from typing import Any

from ingestion.parsing.elements import Element, NarrativeText, Parsed, Title, make_element
from ingestion.parsing.markup.reader import decode_markup, html_elements, read_capped
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.cleaning import title_of

LEAST_SHARE = 0.1  # Of the whole page's text: less is hardly what the page is about.
LEAST_CHARACTERS = 200
NESTED_PRE = re.compile(r"<pre>\s*<pre>((?:[^<]++|<(?!/?pre>))*+)</pre>\s*</pre>")


def read_article(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """Read a web page for its article."""
    text = decode_markup(read_capped(path, options))
    whole = html_elements(text)
    found = _article(text)
    elements = found if _says_enough(found, whole) else whole
    title, date = _title_and_date(text)
    title = title_of(title, elements)
    return Parsed(tuple(_headed(title, date, elements)), title)


def _article(text: str) -> list[Element]:
    from trafilatura import extract

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = extract(
        text,
        output_format="html",
        include_formatting=True,
        include_links=True,
        include_comments=False,
        favor_recall=True,
    )
    return html_elements(NESTED_PRE.sub(r"<pre>\1</pre>", found)) if found else []


def _says_enough(found: list[Element], whole: list[Element]) -> bool:
    length, most = _length(found), _length(whole)
    return length >= LEAST_SHARE * most and length >= min(LEAST_CHARACTERS, most / 2)


def _length(elements: list[Element]) -> int:
    return sum(len(element.text) for element in elements)


def _title_and_date(text: str) -> tuple[str, str]:
    from trafilatura import extract_metadata

    try:
        metadata: Any = extract_metadata(text)
    except Exception:  # What stands about a page is not worth the page.
        return "", ""
    return (metadata.title or "", metadata.date or "") if metadata else ("", "")


def _headed(title: str, date: str, elements: list[Element]) -> list[Element]:
    """Return the elements with the title in front, if it is not there, and the date behind it."""
    if not elements:
        return []
    place = next((number for number, element in enumerate(elements[:3]) if element.text.strip() == title), None)
    if title and place is None:
        elements, place = [make_element(Title, title), *elements], 0
    behind = 0 if place is None else place + 1
    dated = [make_element(NarrativeText, date)] if date else []
    return [*elements[:behind], *dated, *elements[behind:]]
