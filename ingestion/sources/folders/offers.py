"""Bytes on this disk, as an offer for `add_documents()`."""

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
