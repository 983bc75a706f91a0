"""Sample documents for new users, written for this project.

The ask page offers the questions of a sample while the sample is in the workspace.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from ingestion.documents.local_files import FileOnDisk

_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample document with questions that it answers."""

    name: str
    questions: tuple[str, ...]

    @property
    def offer(self) -> FileOnDisk:
        """The file as an offer for `add_documents()`."""
        return FileOnDisk(_HERE / self.name)


SAMPLES: Final = {
    "en": Sample(
        "House rules of the reading room.md",
        (
            "How many books may I borrow, and for how long?",
            "What happens when a seat is left empty?",
            "What does it cost when a book is late or lost?",
        ),
    ),
    "zh-hans": Sample(
        "阅览室守则.md",
        ("一次可以借多少本书？借期多久？", "离开座位太久会怎么样？", "图书逾期或遗失要付多少钱？"),
    ),
}


def sample_for(language: str | None) -> Sample:
    """Return the sample in `language`, or the English one."""
    return SAMPLES.get(language or "en", SAMPLES["en"])


@cache
def by_digest() -> dict[str, Sample]:
    """Return the samples by the SHA-256 of their bytes, which survives renaming."""
    return {
        hashlib.sha256(sample.offer.path.read_bytes()).hexdigest(): sample
        for sample in SAMPLES.values()
    }
