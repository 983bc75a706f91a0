"""Word and PowerPoint documents, partitioned by `unstructured` from a package that was made clean first.

Spreadsheets have a reader of their own in `sheets`, see there why.
"""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from ingestion.parsing.cleaning import clean_elements, title_of
from ingestion.parsing.elements import Element, Kind, Parsed, Progress
from ingestion.parsing.officepackages import CleanPackage, core_title, open_office
from ingestion.parsing.options import Options
from ingestion.parsing.partitioning import NO_LANGUAGE_DETECTION, converted, keep_offline
from ingestion.parsing.wordmarkup import plain_document


def read_docx(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """A Word document; pages are known where Word left its page breaks in the file."""
    package = open_office(path, password)
    named = plain_document(package)
    elements = [_as_title(element, named) for element in _partition_docx(package)]
    elements = clean_elements(elements)
    pages = max((element.page or 0 for element in elements), default=0) or None
    return Parsed(tuple(elements), title_of(core_title(package), elements), pages)


def _partition_docx(package: CleanPackage) -> Iterable[Element]:
    keep_offline()
    from unstructured.partition.docx import partition_docx

    return converted(partition_docx(file=package.as_file(), languages=NO_LANGUAGE_DETECTION))


def _as_title(element: Element, named: set[str]) -> Element:
    if element.kind is Kind.HEADING and element.level == 1 and element.text.strip() in named:
        return Element(Kind.TITLE, element.text, element.page)
    return element


def read_pptx(path: Path, *, name: str, password: str | None, progress: Progress, options: Options) -> Parsed:
    """A presentation: each slide is a page, its title a heading, its notes at its end."""
    package = open_office(path, password)
    keep_offline()
    from unstructured.partition.pptx import partition_pptx

    found = partition_pptx(file=package.as_file(), include_slide_notes=True, languages=NO_LANGUAGE_DETECTION)
    elements = clean_elements(_slide_elements(converted(found)))
    return Parsed(tuple(elements), title_of(core_title(package), elements), package.count("ppt/slides/slide"))


def _slide_elements(elements: Iterable[Element]) -> Iterable[Element]:
    for _page, slide in groupby(elements, key=lambda element: element.page):
        title, rest = None, []
        for element in slide:
            if element.kind is Kind.HEADING and element.level == 1 and title is None:
                title = element
            else:
                rest.append(_demoted(element))
        if title:
            yield title
        yield from rest


def _demoted(element: Element) -> Element:
    """Only what stands in the title's place is a heading; for the others `unstructured` merely guesses."""
    if element.kind is Kind.HEADING:
        return Element(Kind.PARAGRAPH, element.text, element.page)
    return element
