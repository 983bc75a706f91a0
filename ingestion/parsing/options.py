"""What a workspace asks of the reading of its documents: plain values, which go along into the child that reads.

What one document may cost is not asked by a workspace but set for the server: see `limits`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How documents are read: `ocr` says whether text in pictures is read, too."""

    ocr: bool = True

    @property
    def key(self) -> str:
        """The same text for options under which every document reads the same: part of what a parse is kept under."""
        return "ocr" if self.ocr else "no-ocr"


DEFAULT = Options()
