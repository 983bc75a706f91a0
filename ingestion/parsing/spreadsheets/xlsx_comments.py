"""Notes and threaded comments on the cells of a workbook (XLSX), with cell, author and text.

Threads are repeated as notes for older programs; these notes are left out.
"""

from collections.abc import Iterator
from typing import Any

from ingestion.parsing.elements import Element, NarrativeText, make_element
from ingestion.parsing.markup.safe_xml import parse_xml
from ingestion.parsing.office.sanitize import CleanPackage

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
THREAD_AUTHOR = "tc="  # The prefix of the author of a note that repeats a thread.
DAY_CHARACTERS = len("2026-01-31")


def cell_comments(package: CleanPackage, sheet: str, main: str) -> Iterator[Element]:
    """The notes of the part `sheet`, then its threads; the part `main` names the authors."""
    threaded = _roots(package, sheet, "threadedComment")
    for root in _roots(package, sheet, "comments"):
        authors = [author.text or "" for author in root.iterfind(f"{S}authors/{S}author")]
        for comment in root.iter(f"{S}comment"):
            key = comment.get("authorId") or ""
            author = authors[int(key)] if key.isdecimal() and int(key) < len(authors) else ""
            is_threaded = author.startswith(THREAD_AUTHOR)
            if not (threaded and is_threaded):
                yield from _element(comment, "" if is_threaded else author, words_of(comment))
    people = {
        person.get("id") or "": person.get("displayName") or ""
        for root in _roots(package, main, "person")
        for person in root.iter("{*}person")
    }
    for root in threaded:
        for said in root.iter("{*}threadedComment"):
            by = filter(
                None,
                (people.get(said.get("personId") or ""), (said.get("dT") or "")[:DAY_CHARACTERS]),
            )
            yield from _element(said, ", ".join(by), said.findtext("{*}text") or "")


def _roots(package: CleanPackage, part: str, kind: str) -> list[Any]:
    return [
        parse_xml(package.parts[name])
        for name in package.related(part, kind)
        if package.parts.get(name)
    ]


def _element(node: Any, by: str, text: str) -> Iterator[Element]:
    if text.strip():
        said_by = f" ({by})" if by else ""
        yield make_element(NarrativeText, f"{node.get('ref') or ''}{said_by}: {text.strip()}")


def words_of(node: Any) -> str:
    """The words of a text with runs, without phonetic runs."""
    return "".join(
        text.text or "" for text in node.iter(f"{S}t") if text.getparent().tag != f"{S}rPh"
    )
