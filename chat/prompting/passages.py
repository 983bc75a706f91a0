"""PromptPassage: a chunk for a model, with the number that it is cited by."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chat.citing.quotes import Quote, quote_for
from chat.models import Citation


@dataclass(frozen=True, slots=True)
class PromptPassage:
    """What was found, ready to be quoted. Numbers begin at 1 and follow the ranking."""

    n: int
    chunk: UUID
    document_id: UUID
    document_name: str
    version: int
    headings: tuple[str, ...]
    page_from: int | None
    page_to: int | None
    text: str
    score: float
    pinned: bool = False
    """Whether it is there because its document is pinned, whatever was asked."""
    boxes: Sequence[Sequence[float]] = ()
    """Where on its pages it stands, see splitting."""
    anchors: Sequence[tuple[int, int | None, int | None]] = ()
    """Where in its text each page and box begins."""

    def as_json(self) -> dict[str, object]:
        """Return the passage without its text, as it stands in `search.done` and in traces."""
        return {
            "n": self.n,
            "chunk": str(self.chunk),
            "document": {"id": str(self.document_id), "name": self.document_name},
            "headings": list(self.headings),
            "page_from": self.page_from,
            "page_to": self.page_to,
            "score": round(self.score, 4),
            "pinned": self.pinned,
        }

    def quoted_for(self, claim: str) -> Quote:
        """Return the words of the passage that bear `claim`."""
        return quote_for(claim, self.text)

    def cited_with(self, quote: Quote) -> Citation:
        """Return the citation, not yet saved, of this passage with the words that bear what was claimed."""
        page_from, page_to, boxes = self._place_of(quote)
        return Citation(
            n=self.n,
            document_id=self.document_id,
            document_name=self.document_name,
            version=self.version,
            chunk=self.chunk,
            headings=list(self.headings),
            page_from=page_from,
            page_to=page_to,
            boxes=boxes,
            quote=quote.text,
            text=self.text,
            support=quote.support,
        )

    def _place_of(self, quote: Quote) -> tuple[int | None, int | None, list[list[float]]]:
        """Return first page, last page and boxes of the quoted words; of the passage where they are not known apart."""
        ends = [begin for begin, _page, _box in self.anchors[1:]] + [len(self.text)]
        held = [
            (page, box)
            for (begin, page, box), end in zip(self.anchors, ends, strict=False)
            if any(begin < last and first < end for first, last in quote.spans)
        ]
        pages = [page for page, _box in held if page is not None]
        if not pages:
            return self.page_from, self.page_to, [list(box) for box in self.boxes]
        numbers = dict.fromkeys(box for _page, box in held if box is not None)
        return (
            min(pages),
            max(pages),
            [list(self.boxes[number]) for number in numbers if number < len(self.boxes)],
        )
