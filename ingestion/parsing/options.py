"""How documents are read: what their workspace asks, and the server's caps. Plain values that go along into the child.

What a cap counts stands in its name; a document over it is refused in a sentence that says how many are allowed. Memory
and time are capped elsewhere, see `sandbox.limits`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How documents are read: `ocr` says whether text in pictures is read, too."""

    ocr: bool = True
    max_pages: int = 10_000
    max_cells: int = 5_000_000  # Of a workbook, those with something in them.
    max_tags: int = 3_000_000  # Of a web page or XML.
    max_members: int = 2_000  # Documents in an archive, with those in archives inside it.
    max_nesting: int = 2  # Archives in archives.
    max_member_bytes: int = 200 * 2**20
    max_unpacked_bytes: int = 2 * 2**30
    max_pictures: int = 2_000  # Pictures and scanned pages in which text is looked for.

    parse_server: str = ""  # Another program's slug where that has read the document.

    @property
    def key(self) -> str:
        """The same text for options under which every document reads the same: part of what a parse is kept under."""
        return ("ocr" if self.ocr else "no-ocr") + (f"+{self.parse_server}" if self.parse_server else "")


DEFAULT = Options()
