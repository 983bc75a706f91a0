"""The kind of an element as a short word, for rows and for elements of readers."""

from ingestion.parsing.elements import Element, level_of
from ingestion.parsing.parsed import ElementRow

WORDS = {
    "NarrativeText": "paragraph",
    "ListItem": "list_item",
    "Table": "table",
    "CodeSnippet": "code",
    "FigureCaption": "caption",
}


def word(element: ElementRow | Element) -> str:
    """Return "paragraph", "title" for the title of the document, "heading" for other titles, and so on."""
    category = element.category if isinstance(element, Element) else element.type
    return (
        ("heading" if level(element) else "title")
        if category == "Title"
        else WORDS.get(category, category)
    )


def kind(element: ElementRow | Element) -> str:
    """Return the word, with the level of a heading after it: "heading2"."""
    return f"{word(element)}{level(element) or ''}"


def level(element: ElementRow | Element) -> int | None:
    return level_of(element) if isinstance(element, Element) else element.level
