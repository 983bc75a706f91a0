"""What people have filled into the fields of a PDF, and notes written onto its pages: text that is no part of the page.

Each is put behind the line it stands beside, so that a label and its value are read together.
"""

import ctypes
from collections.abc import Iterator
from typing import Any

from ingestion.parsing.layout.lines import Line, Page
from ingestion.parsing.pdf.lines import Place, turning_of

MOST_FIELDS = 2_000
MOST_BYTES = 200_000
CHECKED = "☑"
USUAL_SIZE = 12.0


class Forms:
    """The fields of one document, as long as it is open."""

    def __init__(self, document: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        if pdfium.FPDF_GetFormType(document.raw) != pdfium.FORMTYPE_NONE:
            document.init_forms()
        self._form = document.formenv.raw if document.formenv else None
        self._boxes = (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
        self._texts = (
            pdfium.FPDF_FORMFIELD_TEXTFIELD,
            pdfium.FPDF_FORMFIELD_COMBOBOX,
            pdfium.FPDF_FORMFIELD_LISTBOX,
        )

    def fill_in(self, raw: Any, page: Page) -> None:
        """Add to `page` what is filled in; `raw` is the same page, open."""
        count = self._pdfium.FPDFPage_GetAnnotCount(raw)
        for number in range(min(count, MOST_FIELDS)):
            annotation = self._pdfium.FPDFPage_GetAnnot(raw, number)
            if not annotation:
                continue
            try:
                for line in self._lines(raw, annotation):
                    _insert(page.lines, line)
            finally:
                self._pdfium.FPDFPage_CloseAnnot(annotation)

    def _lines(self, raw: Any, annotation: Any) -> Iterator[Line]:
        text = self._text(annotation).strip()
        if not text:
            return
        left, bottom, right, top = self._place(raw, annotation)
        rows = text.splitlines()
        height = (top - bottom) / len(rows)
        size = min(height, USUAL_SIZE)
        for number, row in enumerate(rows):
            yield Line(row, left, right, top - (number + 0.5) * height, size, bold=False)

    def _text(self, annotation: Any) -> str:
        pdfium = self._pdfium
        subtype = pdfium.FPDFAnnot_GetSubtype(annotation)
        if subtype == pdfium.FPDF_ANNOT_FREETEXT:
            return self._string(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents")
        if subtype != pdfium.FPDF_ANNOT_WIDGET or self._form is None:
            return ""
        kind = pdfium.FPDFAnnot_GetFormFieldType(self._form, annotation)
        if kind in self._boxes:
            return CHECKED if pdfium.FPDFAnnot_IsChecked(self._form, annotation) else ""
        return self._string(pdfium.FPDFAnnot_GetFormFieldValue, self._form, annotation) if kind in self._texts else ""

    def _string(self, function: Any, *arguments: Any) -> str:
        size = min(function(*arguments, None, 0), MOST_BYTES)
        buffer = (ctypes.c_ushort * (size // 2 + 1))()
        function(*arguments, buffer, size)
        return bytes(buffer)[:size].decode("utf-16-le", errors="replace").rstrip("\x00")

    def _place(self, raw: Any, annotation: Any) -> Place:
        box = self._pdfium.FS_RECTF()
        self._pdfium.FPDFAnnot_GetRect(annotation, ctypes.byref(box))
        place = (box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top))
        upright = turning_of(self._pdfium, raw)
        return upright(place) if upright else place


def _insert(lines: list[Line], new: Line) -> None:
    """Put `new` behind the line to its left, or above it, or at the end."""
    beside = [at for at, line in enumerate(lines) if line.in_row_with(new) and line.left <= new.left]
    above = [at for at, line in enumerate(lines) if line.middle >= new.middle]
    if beside:
        lines.insert(max(beside, key=lambda at: lines[at].left) + 1, new)
    elif above:
        lines.insert(min(above, key=lambda at: lines[at].middle) + 1, new)
    else:
        lines.append(new)
