"""Values of form fields and free-text notes of a PDF, which its page text does not contain.

Each value follows the line beside it, so that a label and its value are read together.
"""

import ctypes
from collections.abc import Iterator
from typing import Any

from ingestion.parsing.layout.lines import Line, Page
from ingestion.parsing.pdf.lines import Place, turning_of

MAX_FIELDS = 2_000
MAX_VALUE_BYTES = 200_000
CHECKED_BOX = "☑"
USUAL_SIZE_POINTS = 12.0


class FormFields:
    """The form fields of one open document."""

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
        """Add the values of fields to `page`; `raw` is the open page."""
        count = self._pdfium.FPDFPage_GetAnnotCount(raw)
        for number in range(min(count, MAX_FIELDS)):
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
        box = self._pdfium.FS_RECTF()
        self._pdfium.FPDFAnnot_GetRect(annotation, ctypes.byref(box))
        place: Place = (box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top))
        upright = turning_of(self._pdfium, raw)
        left, bottom, right, top = upright(place) if upright else place
        rows = text.splitlines()
        height = (top - bottom) / len(rows)
        size = min(height, USUAL_SIZE_POINTS)
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
            return CHECKED_BOX if pdfium.FPDFAnnot_IsChecked(self._form, annotation) else ""
        return (
            self._string(pdfium.FPDFAnnot_GetFormFieldValue, self._form, annotation)
            if kind in self._texts
            else ""
        )

    def _string(self, function: Any, *arguments: Any) -> str:
        size = min(function(*arguments, None, 0), MAX_VALUE_BYTES)
        buffer = (ctypes.c_ushort * (size // 2 + 1))()
        function(*arguments, buffer, size)
        return bytes(buffer)[:size].decode("utf-16-le", errors="replace").rstrip("\x00")


def _insert(lines: list[Line], new: Line) -> None:
    """Insert `new` after the line to its left, or the line above, or at the end."""
    beside = [
        at for at, line in enumerate(lines) if line.in_row_with(new) and line.left <= new.left
    ]
    above = [at for at, line in enumerate(lines) if line.middle >= new.middle]
    if beside:
        lines.insert(max(beside, key=lambda at: lines[at].left) + 1, new)
    elif above:
        lines.insert(min(above, key=lambda at: lines[at].middle) + 1, new)
    else:
        lines.append(new)
