"""Bytes that are here already, offered to become a document."""

from dataclasses import dataclass

from ingestion.storage.blobs import Received


@dataclass(frozen=True, slots=True)
class Taken:
    """Bytes with a name."""

    name: str
    bytes: Received

    def received(self) -> Received:
        """Return the bytes."""
        return self.bytes
