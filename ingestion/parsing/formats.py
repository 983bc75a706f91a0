"""The formats that are read, in one place: what people call each, how its names end, what reads it, what that needs.

Everything else about formats follows from here: the readers, the icons, which text is what by its name, the page "What
can I add?". A new format is a line here, a reader, and a way to tell it in `detection`. Plain values: the children
that parse read this, too, and know no Django.
"""

from dataclasses import dataclass
from enum import StrEnum


def gettext_noop(text: str) -> str:
    """Mark a text for translation, which happens where it is shown."""
    return text


PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
DOC = "application/msword"
PPT = "application/vnd.ms-powerpoint"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
WPD = "application/vnd.wordperfect"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODP = "application/vnd.oasis.opendocument.presentation"
EPUB = "application/epub+zip"
RTF = "application/rtf"
HTML = "text/html"
# A web page that was fetched: read for what it is about, where an uploaded one is read from top to bottom.
ARTICLE = "text/html;profile=article"
# The answer of a parse server: elements, or nothing that is read.
PREPARED = "application/json;profile=elements"
XML = "application/xml"
EML = "message/rfc822"
MSG = "application/vnd.ms-outlook"
MBOX = "application/mbox"
MHTML = "multipart/related"
RST = "text/x-rst"
ORG = "text/org"
CSV = "text/csv"
MARKDOWN = "text/markdown"
JSON = "application/json"
CODE = "text/x-source"
TEXT = "text/plain"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
WEBP = "image/webp"
BMP = "image/bmp"
GIF = "image/gif"
ZIP = "application/zip"
TAR = "application/x-tar"
GZIP = "application/gzip"
BZIP2 = "application/x-bzip2"
XZ = "application/x-xz"


class Group(StrEnum):
    """What formats are for, as a person would look for them."""

    DOCUMENTS = gettext_noop("Documents and books")
    SLIDES = gettext_noop("Presentations")
    TABLES = gettext_noop("Tables and data")
    TEXTS = gettext_noop("Web pages, texts and code")
    MAIL = gettext_noop("Mail")
    PICTURES = gettext_noop("Pictures")
    ARCHIVES = gettext_noop("Archives")


class Need(StrEnum):
    """What has to be there on the server for a format to be read."""

    OFFICE = "office"  # LibreOffice
    OCR = "ocr"  # text recognition


@dataclass(frozen=True, slots=True)
class Format:
    """A format: `reader` names a module of this package and a function in it, `suffixes` the usual one first.

    An archive has no reader: the documents in it become documents of their own, see `archives.unpack`.
    """

    media_type: str
    label: str
    group: Group
    suffixes: tuple[str, ...]
    reader: str
    icon: str = "file-text"
    needs: Need | None = None


CODE_SUFFIXES = (
    ".py", ".js", ".ts", ".tsx", ".jsx", ".java", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".go", ".rs", ".rb",
    ".php", ".swift", ".kt", ".scala", ".lua", ".pl", ".r", ".sql", ".sh", ".bash", ".ps1", ".bat", ".vue", ".css",
    ".toml", ".ini", ".cfg", ".conf", ".properties", ".env", ".yaml", ".yml",
)  # fmt: skip
FORMATS = (
    Format(PDF, "PDF", Group.DOCUMENTS, (".pdf",), "pdf.reader.read_pdf"),
    Format(
        DOCX,
        gettext_noop("Word document"),
        Group.DOCUMENTS,
        (".docx", ".docm", ".dotx", ".dotm"),
        "office.docx.reader.read_docx",
    ),
    Format(
        DOC,
        gettext_noop("Word document before 2007"),
        Group.DOCUMENTS,
        (".doc", ".dot"),
        "sandbox.legacy_formats.explain",
        needs=Need.OFFICE,
    ),
    Format(WPD, "WordPerfect", Group.DOCUMENTS, (".wpd",), "sandbox.legacy_formats.explain", needs=Need.OFFICE),
    Format(ODT, gettext_noop("OpenDocument text"), Group.DOCUMENTS, (".odt", ".ott"), "opendocument.odt.read_odt"),
    Format(RTF, gettext_noop("Rich text"), Group.DOCUMENTS, (".rtf",), "plaintext.rtf.read_rtf"),
    Format(EPUB, gettext_noop("E-book"), Group.DOCUMENTS, (".epub",), "markup.epub.read_epub", "book-open"),
    Format(
        PPTX,
        gettext_noop("PowerPoint presentation"),
        Group.SLIDES,
        (".pptx", ".pptm", ".ppsx", ".potx"),
        "office.pptx.reader.read_pptx",
        "presentation",
    ),
    Format(
        PPT,
        gettext_noop("PowerPoint presentation before 2007"),
        Group.SLIDES,
        (".ppt", ".pps", ".pot"),
        "sandbox.legacy_formats.explain",
        "presentation",
        Need.OFFICE,
    ),
    Format(
        ODP,
        gettext_noop("OpenDocument presentation"),
        Group.SLIDES,
        (".odp", ".otp"),
        "opendocument.odp.read_odp",
        "presentation",
    ),
    Format(
        XLSX,
        gettext_noop("Excel workbook"),
        Group.TABLES,
        (".xlsx", ".xlsm", ".xltx"),
        "spreadsheets.grid.read_xlsx",
        "file-spreadsheet",
    ),
    Format(
        XLS,
        gettext_noop("Excel workbook before 2007"),
        Group.TABLES,
        (".xls", ".xlt"),
        "spreadsheets.xls.read_xls",
        "file-spreadsheet",
    ),
    Format(
        XLSB,
        gettext_noop("Binary Excel workbook"),
        Group.TABLES,
        (".xlsb",),
        "spreadsheets.xlsb.read_xlsb",
        "file-spreadsheet",
    ),
    Format(
        ODS,
        gettext_noop("OpenDocument spreadsheet"),
        Group.TABLES,
        (".ods", ".ots"),
        "opendocument.ods.read_ods",
        "file-spreadsheet",
    ),
    Format(
        CSV,
        gettext_noop("Table (CSV)"),
        Group.TABLES,
        (".csv", ".tsv", ".tab"),
        "spreadsheets.csv_tables.read_csv",
        "file-spreadsheet",
    ),
    Format(
        JSON,
        "JSON",
        Group.TABLES,
        (".json", ".jsonl", ".ndjson", ".geojson", ".ipynb"),
        "plaintext.json_text.read_json",
        "file-code",
    ),
    Format(XML, "XML", Group.TABLES, (".xml",), "markup.xml_text.read_xml", "file-code"),
    Format(
        HTML, gettext_noop("Web page"), Group.TEXTS, (".html", ".htm", ".xhtml"), "markup.reader.read_html", "file-code"
    ),
    Format(
        MHTML, gettext_noop("Saved web page"), Group.TEXTS, (".mhtml", ".mht"), "mail.eml.read_saved_page", "file-code"
    ),
    Format(MARKDOWN, "Markdown", Group.TEXTS, (".md", ".markdown", ".mdown", ".mkd"), "markup.reader.read_markdown"),
    Format(RST, "reStructuredText", Group.TEXTS, (".rst", ".rest"), "plaintext.rst.read_rst"),
    Format(ORG, "Org", Group.TEXTS, (".org",), "plaintext.org.read_org"),
    Format(TEXT, gettext_noop("Plain text"), Group.TEXTS, (".txt", ".text", ".log"), "plaintext.reader.read_text"),
    Format(
        CODE, gettext_noop("Source code"), Group.TEXTS, CODE_SUFFIXES, "plaintext.source_code.read_code", "file-code"
    ),
    Format(EML, gettext_noop("E-mail"), Group.MAIL, (".eml",), "mail.eml.read_mail", "mail"),
    Format(MSG, gettext_noop("Outlook message"), Group.MAIL, (".msg",), "mail.msg.read_msg", "mail"),
    Format(MBOX, gettext_noop("Mailbox"), Group.MAIL, (".mbox",), "mail.eml.read_mailbox", "mail"),
    *(
        Format(media_type, label, Group.PICTURES, suffixes, "ocr.images.read_picture", "file", Need.OCR)
        for media_type, label, suffixes in (
            (PNG, "PNG", (".png",)),
            (JPEG, "JPEG", (".jpg", ".jpeg", ".jfif")),
            (TIFF, "TIFF", (".tif", ".tiff")),
            (WEBP, "WebP", (".webp",)),
            (BMP, "BMP", (".bmp",)),
            (GIF, "GIF", (".gif",)),
        )
    ),
    Format(ZIP, "ZIP", Group.ARCHIVES, (".zip",), "", "files"),
    Format(TAR, "TAR", Group.ARCHIVES, (".tar",), "", "files"),
    Format(GZIP, "GZIP", Group.ARCHIVES, (".tar.gz", ".tgz", ".gz"), "", "files"),
    Format(BZIP2, "BZIP2", Group.ARCHIVES, (".tar.bz2", ".tbz2", ".bz2"), "", "files"),
    Format(XZ, "XZ", Group.ARCHIVES, (".tar.xz", ".txz", ".xz"), "", "files"),
)
ARCHIVES = frozenset(each.media_type for each in FORMATS if each.group == Group.ARCHIVES)
# What is read in no time if it is small. A PDF may be scanned; a mail may have anything in it.
PROMPT = frozenset(
    each.media_type
    for each in FORMATS
    if each.needs is None and each.group not in (Group.MAIL, Group.PICTURES, Group.ARCHIVES) and each.media_type != PDF
)
# What a parse server is given: where layout is told by models, they tell it better.
_PICTURES = frozenset(each.media_type for each in FORMATS if each.group == Group.PICTURES)
SENT_AWAY = _PICTURES | {PDF, DOCX, PPTX, DOC, PPT}
BY_MEDIA_TYPE = {each.media_type: each for each in FORMATS}
BY_SUFFIX = {suffix: each for each in FORMATS for suffix in each.suffixes}
