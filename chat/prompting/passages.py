"""PromptPassage: a chunk in a prompt, with its citation number."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chat.citing.quotes import Quote, quote_for
from chat.models import Citation


@dataclass(frozen=True, slots=True)
class PromptPassage:
    """A passage of a prompt. Numbers begin at 1 and follow the ranking."""

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
    """Whether the passage is included because its document is pinned, regardless of the question."""
    boxes: Sequence[Sequence[float]] = ()
    """The position of the passage on its pages: page, then left, top, right, bottom from 0 to 1."""
    anchors: Sequence[tuple[int, int | None, int | None]] = ()
    """Offsets in the text at which a page or box begins: offset, page, index in `boxes`."""

    def as_json(self) -> dict[str, object]:
        """Return the passage without its text, for the event `search.done` and traces."""
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
        """Return the words of the passage that support `claim`."""
        return quote_for(claim, self.text)

    def cited_with(self, quote: Quote) -> Citation:
        """Return an unsaved citation of this passage with the quotation `quote`."""
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
        """Return first page, last page and boxes of the quoted words.

        Without anchors, the values of the whole passage are returned.
        """
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
