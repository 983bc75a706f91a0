"""The article of a fetched web page, without menus and notices around it.

The title and the date of publication come first, because a page has them outside its article.
Without an article the whole page is read, like an uploaded page in `reader`.
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

# Share of the text of the page; a smaller article is not the subject of the page.
MIN_SHARE = 0.1
MIN_CHARACTERS = 200
NESTED_PRE = re.compile(r"<pre>\s*<pre>((?:[^<]++|<(?!/?pre>))*+)</pre>\s*</pre>")


def read_article(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read the article of a web page."""
    text = decode_markup(read_capped(path, options))
    whole = html_elements(text)
    found = _article(text)
    length, most = _length(found), _length(whole)
    is_enough = length >= MIN_SHARE * most and length >= min(MIN_CHARACTERS, most / 2)
    elements = found if is_enough else whole
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


def _length(elements: list[Element]) -> int:
    return sum(len(element.text) for element in elements)


def _title_and_date(text: str) -> tuple[str, str]:
    from trafilatura import extract_metadata

    try:
        metadata: Any = extract_metadata(text)
    except Exception:  # A page is read without its metadata if these are broken.
        return "", ""
    return (metadata.title or "", metadata.date or "") if metadata else ("", "")


def _headed(title: str, date: str, elements: list[Element]) -> list[Element]:
    """Return the elements with the title first, added if missing, and then the date."""
    if not elements:
        return []
    place = next(
        (number for number, element in enumerate(elements[:3]) if element.text.strip() == title),
        None,
    )
    if title and place is None:
        elements, place = [make_element(Title, title), *elements], 0
    behind = 0 if place is None else place + 1
    dated = [make_element(NarrativeText, date)] if date else []
    return [*elements[:behind], *dated, *elements[behind:]]
