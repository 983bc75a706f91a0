"""Office packages made of a few lines of XML, so that a test shows the relevant markup."""

import io
import zipfile

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMES = (
    f'{WORD} xmlns:r="{RELATIONS}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
}


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """An archive of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def relations(*targets: tuple[str, str, str]) -> str:
    """Relations, each an id, a kind and a target."""
    rows = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{to}"/>'
        for key, kind, to in targets
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def package(kind: str, parts: dict[str, str | bytes]) -> bytes:
    """A package of a kind, from its parts without the usual frame."""
    main, content = MAIN[kind]
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/{main}" ContentType="application/vnd.openxmlformats-officedocument.{content}.main+xml"/>'
        "</Types>"
    )
    return zipped(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": relations(("rId1", "officeDocument", main)),
            **parts,
        }
    )


def docx(body: str, **parts: str) -> bytes:
    """A Word document with this body; `styles=`, `footnotes=` and so on are the inside of further parts."""
    named = {
        f"word/{name}.xml": f"<w:{name} {NAMES}>{inner}</w:{name}>" for name, inner in parts.items()
    }
    links = relations(*((f"rel{name}", name, f"{name}.xml") for name in parts))
    document = f"<w:document {NAMES}><w:body>{body}</w:body></w:document>"
    return package(
        "docx", {"word/document.xml": document, "word/_rels/document.xml.rels": links, **named}
    )


def paragraph(text: str, properties: str = "") -> str:
    """A paragraph of one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: str) -> str:
    """A table of rows, see `row`."""
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def row(*cells: str, header: bool = False) -> str:
    """A row of cells: a text, or a text after "2>" for a cell two columns wide, "v>" and "^>" for one merged down."""
    marks = {
        "2>": '<w:gridSpan w:val="2"/>',
        "v>": '<w:vMerge w:val="restart"/>',
        "^>": "<w:vMerge/>",
    }
    filled = ""
    for cell in cells:
        properties = marks.get(cell[:2], "")
        text = cell[2:] if properties else cell
        inside = text if text.startswith("<w:") else paragraph(text)
        filled += f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"
    return f"<w:tr>{'<w:trPr><w:tblHeader/></w:trPr>' if header else ''}{filled}</w:tr>"


def pptx(*slides: str, **parts: str | bytes) -> bytes:
    """A presentation with these shape trees as slides; `slide1_rels=` and so on name their relations."""
    listed = "".join(
        f'<p:sldId id="{256 + number}" r:id="rId{number}"/>' for number in range(len(slides))
    )
    found: dict[str, str | bytes] = {
        "ppt/presentation.xml": f"<p:presentation {NAMES}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            *(
                (f"rId{number}", "slide", f"slides/slide{number + 1}.xml")
                for number in range(len(slides))
            )
        ),
    }
    for number, shapes in enumerate(slides, start=1):
        tree = f"<p:sld {NAMES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
        found[f"ppt/slides/slide{number}.xml"] = tree
    return package("pptx", found | parts)


def shape(*lines: str, placeholder: str | None = None, top: int = 0, left: int = 0) -> str:
    """A shape with a paragraph for each line."""
    place = f'<p:spPr><a:xfrm><a:off x="{left}" y="{top}"/></a:xfrm></p:spPr>'
    filled = "" if placeholder is None else f'<p:ph type="{placeholder}"/>'
    text = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    return f"<p:sp><p:nvSpPr><p:nvPr>{filled}</p:nvPr></p:nvSpPr>{place}<p:txBody>{text}</p:txBody></p:sp>"


def opendocument(kind: str, body: str, styles: str = "") -> bytes:
    """An OpenDocument text, spreadsheet or presentation with this body and these styles."""
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("style", "style"),
            ("draw", "drawing"),
            ("presentation", "presentation"),
        )
    )
    styled = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    content = f"{styled}<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {names}>{content}</office:document-content>",
        }
    )
