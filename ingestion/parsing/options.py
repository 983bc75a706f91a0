"""Options of a parse: settings of the workspace and caps of the server, as plain values.

A document over a cap is refused with a message that states the cap. Memory and time are capped in
`sandbox.limits`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a parse; `ocr` also reads text in pictures."""

    ocr: bool = True
    max_pages: int = 10_000
    max_cells: int = 5_000_000  # Filled cells of a workbook.
    max_tags: int = 3_000_000  # Of a web page or XML.
    max_members: int = 2_000  # Documents in an archive and in archives inside it.
    max_nesting: int = 2  # Archives in archives.
    max_member_bytes: int = 200 * 2**20
    max_unpacked_bytes: int = 2 * 2**30
    max_pictures: int = 2_000  # Pictures and scanned pages that text recognition reads.

    parse_server: str = ""  # Slug of the parse server that read the document.

    @property
    def key(self) -> str:
        """Part of the key of a cached parse; equal for options with equal results."""
        return ("ocr" if self.ocr else "no-ocr") + (
            f"+{self.parse_server}" if self.parse_server else ""
        )


DEFAULT = Options()
