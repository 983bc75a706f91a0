"""The main line of layout: from pages of lines to elements in reading order."""

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence

from ingestion.parsing.elements import Element, Title, level_of, page_number
from ingestion.parsing.layout.headings import mark_headings
from ingestion.parsing.layout.lines import HYPHEN, Page
from ingestion.parsing.layout.paragraphs import page_elements
from ingestion.parsing.layout.prose import put_columns_in_order
from ingestion.parsing.layout.reading_order import in_reading_order
from ingestion.parsing.layout.running_headers import drop_repeated
from ingestion.parsing.layout.tables import put_tables_together
from ingestion.parsing.text.cleaning import clean_elements

# Titles and levels of bookmarks, by the index of their page.
Bookmarks = Mapping[int, Sequence[tuple[str, int]]]
HYPHENATED = re.compile(rf"(-?)(?<!\w)(\w+){HYPHEN}(\w+)(-?)")
# A whole word that is no part of an address.
WORD = re.compile(rf"(?<![\w./@{HYPHEN}-])\w+(?:-\w+)*(?![\w-]|[./@]\w|{HYPHEN})")
MIN_HALF_LETTERS = 4  # Shorter halves such as "can", "not" and "out" are words, too.
PREFIXES = frozenset(
    {"over", "under", "with", "some", "every", "after", "auto", "inter", "fore", "counter"}
)


def elements_of(
    pages: Sequence[Page], bookmarks: Bookmarks | None = None, repeated: Counter[str] | None = None
) -> list[Element]:
    """Return the elements of `pages`, and change these; `repeated` counts omitted running lines."""
    left_out = drop_repeated(pages)
    if repeated is not None:
        repeated.update(left_out)
    mark_headings([page.lines for page in pages], bookmarks or {})
    for page in pages:
        for part in (page, *page.inside):
            put_tables_together(part, prose=put_columns_in_order(part))
            part.lines = in_reading_order(part)
    found = [
        element
        for number, page in enumerate(pages, start=1)
        for part in (page, *page.inside)
        for element in page_elements(part, number)
    ]
    elements = _without_hyphens(found)
    # The one heading of the first level is the title, if it stands on the first page.
    first = [
        element for element in elements if isinstance(element, Title) and level_of(element) == 1
    ]
    if len(first) == 1 and page_number(first[0]) == 1:
        first[0].metadata.category_depth = None
    return clean_elements(elements)


def _without_hyphens(elements: list[Element]) -> list[Element]:
    """Join words that a line end broke, unless they are compounds."""
    if not any(HYPHEN in element.text for element in elements):
        return elements
    words = {word for element in elements for word in WORD.findall(element.text.casefold())}

    def closed(match: re.Match[str]) -> str:
        before, start, end, after = match.groups()
        is_compound = (
            before
            or after
            or not end[0].islower()
            or _is_compound(start.casefold(), end.casefold(), words)
        )
        return f"{before}{start}{'-' if is_compound else ''}{end}{after}"

    for element in elements:
        if HYPHEN in element.text:
            element.text = HYPHENATED.sub(closed, element.text).replace(HYPHEN, "-")
    return elements


def _is_compound(start: str, end: str, words: Container[str]) -> bool:
    """Whether the document has the hyphenated word, or both halves but not the whole."""
    if f"{start}-{end}" in words or f"{start}{end}" in words:
        return f"{start}-{end}" in words
    return (
        min(len(start), len(end)) >= MIN_HALF_LETTERS
        and start in words
        and end in words
        and start not in PREFIXES
    )
