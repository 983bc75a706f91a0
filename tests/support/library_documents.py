"""Three small documents of our own about one library, as a newcomer might drop them: PDF, DOCX and Chinese text."""

from pathlib import Path

PDF_PAGES = [
    [
        (20, "Rules of the Town Library"),
        (14, "Opening hours"),
        (
            11,
            "The library is open from nine in the morning until eight in the evening on weekdays.",
        ),
        (11, "On Saturdays it closes at five. It stays closed on public holidays."),
    ],
    [
        (14, "Borrowing"),
        (11, "A reader may borrow twelve books at once and keep each of them for four weeks."),
        (11, "A loan can be renewed twice, unless another reader has reserved the book."),
        (11, "Maps and newspapers are read in the reading room only."),
    ],
]
DOCX_SECTIONS = {
    "Late books": [
        "The fine for a late book is twenty cents a day, and five euros at most.",
        "No fine is due when the library was closed on the last day of the loan.",
    ],
    "Lost books": [
        "A lost book costs its price in the shop and a fee of ten euros for its repair in the catalogue."
    ],
}
CHINESE = """图书馆规则

开放时间
阅览室工作日上午九点开门，晚上八点关门。
周末上午十点开门，下午六点关门。国定假日闭馆。

借阅
每位读者一次最多可以借十二本书，借期为四周。
"""


def write_all(folder: Path) -> list[Path]:
    """Write the three documents into `folder`."""
    pdf, docx, text = folder / "rules.pdf", folder / "fines.docx", folder / "规则.txt"
    pdf.write_bytes(make_pdf(PDF_PAGES))
    write_docx(docx)
    text.write_bytes(CHINESE.encode("gb18030"))
    return [pdf, docx, text]


def make_pdf(pages: list[list[tuple[int, str]]]) -> bytes:
    """Return a PDF with one line of text below the other, each in another size."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        content = page_content(lines)
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    return assemble(objects)


def page_content(lines: list[tuple[int, str]]) -> str:
    commands, y = [], 780
    for size, text in lines:
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        commands.append(f"BT /F1 {size} Tf 60 {y} Td ({escaped}) Tj ET")
        y -= size * 2
    return "\n".join(commands)


def assemble(objects: list[str]) -> bytes:
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    count = len(objects) + 1
    trailer = (
        f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>"
    )
    return body + f"{trailer}\nstartxref\n{len(body)}\n%%EOF\n".encode()


def write_docx(path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_heading("Fines and losses", 0)
    for heading, paragraphs in DOCX_SECTIONS.items():
        document.add_heading(heading, 1)
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)
    document.save(str(path))
