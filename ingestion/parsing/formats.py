"""Supported formats, one row each: label, suffixes, reader, signatures, requirements.

Readers, detection, icons and the page "What can I add?" follow from the rows. A new format is a
reader and a row here. Formats inside ZIP packages, and texts recognized by their content, also need
a rule in `detection`. Plain values without Django, because parsing children import this module.
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
# A fetched web page: its main article is read, while an uploaded page is read from top to bottom.
ARTICLE = "text/html;profile=article"
# The answer of a parse server, which must consist of elements.
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


class FormatGroup(StrEnum):
    """Sections of the list of formats, in the order of the rows."""

    DOCUMENTS = gettext_noop("Documents and books")
    SLIDES = gettext_noop("Presentations")
    TABLES = gettext_noop("Tables and data")
    TEXTS = gettext_noop("Web pages, text and code")
    MAIL = gettext_noop("E-mail")
    PICTURES = gettext_noop("Images")
    ARCHIVES = gettext_noop("Archives")


class Need(StrEnum):
    """Programs and models that the server needs to read a format."""

    OFFICE = "office"  # LibreOffice
    OCR = "ocr"  # text recognition


Signature = tuple[int, bytes]
"""An offset in the file and the bytes that stand there."""


@dataclass(frozen=True, slots=True)
class Format:
    """One supported format.

    `reader` is a module of this package and a function in it, see `readers`; archives have none,
    since their members become documents. `suffixes` begins with the usual one. A file has the
    format if it begins with one of `signatures`, if it is an OLE container with one of
    `ole_streams` in its directory, or if `is_text` is set, the file is text and its name ends with
    one of `suffixes`.
    """

    media_type: str
    label: str
    group: FormatGroup
    suffixes: tuple[str, ...]
    reader: str
    icon: str = "file-text"
    needs: Need | None = None
    signatures: tuple[Signature, ...] = ()
    ole_streams: tuple[str, ...] = ()
    is_text: bool = False


CODE_SUFFIXES = (
    ".py", ".js", ".ts", ".tsx", ".jsx", ".java", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".go", ".rs", ".rb",
    ".php", ".swift", ".kt", ".scala", ".lua", ".pl", ".r", ".sql", ".sh", ".bash", ".ps1", ".bat", ".vue", ".css",
    ".toml", ".ini", ".cfg", ".conf", ".properties", ".env", ".yaml", ".yml",
)  # fmt: skip
FORMATS = (
    Format(PDF, "PDF", FormatGroup.DOCUMENTS, (".pdf",), "pdf.reader.read_pdf"),
    Format(
        DOCX,
        gettext_noop("Word document"),
        FormatGroup.DOCUMENTS,
        (".docx", ".docm", ".dotx", ".dotm"),
        "office.docx.reader.read_docx",
    ),
    Format(
        DOC,
        gettext_noop("Word 97–2003 document"),
        FormatGroup.DOCUMENTS,
        (".doc", ".dot"),
        "sandbox.legacy_formats.explain",
        needs=Need.OFFICE,
        signatures=((0, b"\xdb\xa5-\x00"),),
        ole_streams=("WordDocument",),
    ),
    Format(
        WPD,
        "WordPerfect",
        FormatGroup.DOCUMENTS,
        (".wpd",),
        "sandbox.legacy_formats.explain",
        needs=Need.OFFICE,
        signatures=((0, b"\xffWPC"),),
    ),
    Format(
        ODT,
        gettext_noop("OpenDocument text"),
        FormatGroup.DOCUMENTS,
        (".odt", ".ott"),
        "opendocument.odt.read_odt",
    ),
    Format(
        RTF, gettext_noop("Rich text"), FormatGroup.DOCUMENTS, (".rtf",), "plaintext.rtf.read_rtf"
    ),
    Format(
        EPUB,
        gettext_noop("E-book"),
        FormatGroup.DOCUMENTS,
        (".epub",),
        "markup.epub.read_epub",
        "book-open",
    ),
    Format(
        PPTX,
        gettext_noop("PowerPoint presentation"),
        FormatGroup.SLIDES,
        (".pptx", ".pptm", ".ppsx", ".potx"),
        "office.pptx.reader.read_pptx",
        "presentation",
    ),
    Format(
        PPT,
        gettext_noop("PowerPoint 97–2003 presentation"),
        FormatGroup.SLIDES,
        (".ppt", ".pps", ".pot"),
        "sandbox.legacy_formats.explain",
        "presentation",
        Need.OFFICE,
        ole_streams=("PowerPoint Document",),
    ),
    Format(
        ODP,
        gettext_noop("OpenDocument presentation"),
        FormatGroup.SLIDES,
        (".odp", ".otp"),
        "opendocument.odp.read_odp",
        "presentation",
    ),
    Format(
        XLSX,
        gettext_noop("Excel workbook"),
        FormatGroup.TABLES,
        (".xlsx", ".xlsm", ".xltx"),
        "spreadsheets.xlsx.read_xlsx",
        "file-spreadsheet",
    ),
    Format(
        XLS,
        gettext_noop("Excel 97–2003 workbook"),
        FormatGroup.TABLES,
        (".xls", ".xlt"),
        "spreadsheets.xls.read_xls",
        "file-spreadsheet",
        signatures=(
            (0, b"\x09\x08\x10\x00\x00\x06\x05\x00"),
            (0, b"\x09\x08\x08\x00\x00\x05"),
            (0, b"\x09\x04\x06\x00"),
        ),
        ole_streams=("Workbook", "Book"),
    ),
    Format(
        XLSB,
        gettext_noop("Binary Excel workbook"),
        FormatGroup.TABLES,
        (".xlsb",),
        "spreadsheets.xlsb.read_xlsb",
        "file-spreadsheet",
    ),
    Format(
        ODS,
        gettext_noop("OpenDocument spreadsheet"),
        FormatGroup.TABLES,
        (".ods", ".ots"),
        "opendocument.ods.read_ods",
        "file-spreadsheet",
    ),
    Format(
        CSV,
        gettext_noop("Table (CSV)"),
        FormatGroup.TABLES,
        (".csv", ".tsv", ".tab"),
        "spreadsheets.csv_tables.read_csv",
        "file-spreadsheet",
        is_text=True,
    ),
    Format(
        JSON,
        "JSON",
        FormatGroup.TABLES,
        (".json", ".jsonl", ".ndjson", ".geojson", ".ipynb"),
        "plaintext.json_text.read_json",
        "file-code",
        is_text=True,
    ),
    Format(
        XML,
        "XML",
        FormatGroup.TABLES,
        (".xml",),
        "markup.xml_text.read_xml",
        "file-code",
        is_text=True,
    ),
    Format(
        HTML,
        gettext_noop("Web page"),
        FormatGroup.TEXTS,
        (".html", ".htm", ".xhtml"),
        "markup.reader.read_html",
        "file-code",
        is_text=True,
    ),
    Format(
        MHTML,
        gettext_noop("Saved web page"),
        FormatGroup.TEXTS,
        (".mhtml", ".mht"),
        "mail.eml.read_saved_page",
        "file-code",
        is_text=True,
    ),
    Format(
        MARKDOWN,
        "Markdown",
        FormatGroup.TEXTS,
        (".md", ".markdown", ".mdown", ".mkd"),
        "markup.reader.read_markdown",
        is_text=True,
    ),
    Format(
        RST,
        "reStructuredText",
        FormatGroup.TEXTS,
        (".rst", ".rest"),
        "plaintext.rst.read_rst",
        is_text=True,
    ),
    Format(ORG, "Org", FormatGroup.TEXTS, (".org",), "plaintext.org.read_org", is_text=True),
    Format(
        TEXT,
        gettext_noop("Plain text"),
        FormatGroup.TEXTS,
        (".txt", ".text", ".log"),
        "plaintext.reader.read_text",
        is_text=True,
    ),
    Format(
        CODE,
        gettext_noop("Source code"),
        FormatGroup.TEXTS,
        CODE_SUFFIXES,
        "plaintext.source_code.read_code",
        "file-code",
        is_text=True,
    ),
    Format(
        EML,
        gettext_noop("E-mail"),
        FormatGroup.MAIL,
        (".eml",),
        "mail.eml.read_mail",
        "mail",
        is_text=True,
    ),
    Format(
        MSG,
        gettext_noop("Outlook message"),
        FormatGroup.MAIL,
        (".msg",),
        "mail.msg.read_msg",
        "mail",
    ),
    Format(
        MBOX,
        gettext_noop("Mailbox"),
        FormatGroup.MAIL,
        (".mbox",),
        "mail.eml.read_mailbox",
        "mail",
        is_text=True,
    ),
    *(
        Format(
            media_type,
            label,
            FormatGroup.PICTURES,
            suffixes,
            "ocr.images.read_picture",
            "file",
            Need.OCR,
            signatures,
        )
        for media_type, label, suffixes, signatures in (
            (PNG, "PNG", (".png",), ((0, b"\x89PNG\r\n"),)),
            (JPEG, "JPEG", (".jpg", ".jpeg", ".jfif"), ((0, b"\xff\xd8\xff"),)),
            (TIFF, "TIFF", (".tif", ".tiff"), ((0, b"II*\x00"), (0, b"MM\x00*"))),
            (WEBP, "WebP", (".webp",), ((8, b"WEBP"),)),
            (BMP, "BMP", (".bmp",), ()),  # "BM" alone is too short, see `detection`.
            (GIF, "GIF", (".gif",), ((0, b"GIF87a"), (0, b"GIF89a"))),
        )
    ),
    *(
        Format(
            media_type, label, FormatGroup.ARCHIVES, suffixes, "", "files", signatures=signatures
        )
        for media_type, label, suffixes, signatures in (
            (ZIP, "ZIP", (".zip",), ()),  # Office packages begin in the same way, see `detection`.
            (TAR, "TAR", (".tar",), ((257, b"ustar"),)),
            (GZIP, "GZIP", (".tar.gz", ".tgz", ".gz"), ((0, b"\x1f\x8b\x08"),)),
            (
                BZIP2,
                "BZIP2",
                (".tar.bz2", ".tbz2", ".bz2"),
                tuple((0, b"BZh%d1AY&SY" % n) for n in range(1, 10)),
            ),
            (XZ, "XZ", (".tar.xz", ".txz", ".xz"), ((0, b"\xfd7zXZ\x00"),)),
        )
    ),
)
# Readers of media types that no uploaded file has.
PROFILE_READERS = {
    ARTICLE: "markup.article.read_article",
    PREPARED: "plaintext.json_text.read_prepared",
}

ARCHIVES = frozenset(each.media_type for each in FORMATS if each.group == FormatGroup.ARCHIVES)
# Formats whose small documents are read in milliseconds. A PDF may be scanned, and a mail may have
# attachments.
FAST_TYPES = frozenset(
    each.media_type
    for each in FORMATS
    if each.needs is None
    and each.group not in (FormatGroup.MAIL, FormatGroup.PICTURES, FormatGroup.ARCHIVES)
    and each.media_type != PDF
)
# Formats that a parse server reads: its models find the layout better than rules do.
PARSE_SERVER_TYPES = frozenset(
    each.media_type
    for each in FORMATS
    if each.group == FormatGroup.PICTURES or each.media_type in (PDF, DOCX, PPTX, DOC, PPT)
)
BY_MEDIA_TYPE = {each.media_type: each for each in FORMATS}
BY_SUFFIX = {suffix: each for each in FORMATS for suffix in each.suffixes}
# By offset: a signature at the start of a file is surer than one within, which may be part of a
# name.
SIGNATURES = sorted(
    (*signature, each.media_type) for each in FORMATS for signature in each.signatures
)
