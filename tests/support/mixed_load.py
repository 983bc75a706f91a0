"""A load of documents of several kinds into a new workspace: small ones, large ones that stay in each stage for
a while, an archive, new versions of earlier documents, and some that cannot be read.
"""

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.ingest import as_pdf, as_word, prose
from bench.no_cost import MODEL
from fixtures.make_fixtures import pdf, zipped
from support.integrity_check import check_rows, texts
from support.running_server import Server

LOCKED = (Path(__file__).parents[1] / "fixtures" / "locked.pdf").read_bytes()
UNREADABLE = {"broken.pdf": "corrupt", "locked.pdf": "password_needed"}
WORDS = [
    "lamp",
    "wick",
    "oil",
    "buoy",
    "horn",
    "boat",
    "log",
    "rope",
    "tide",
    "flag",
    "chart",
    "sand",
]
Documents = list[tuple[str, bytes]]


def connected(server: Server, url: str) -> str:
    """Have the server use an embedding server of no cost; return the id of its model."""
    server.call(
        "/api/v1/connections/", {"name": "free", "kind": "openai", "base_url": url}, server.token()
    )
    return f"free/{MODEL}"


@dataclass(frozen=True)
class Size:
    """How many documents of each kind there are, and how large the large ones."""

    texts: int
    pages: int
    words: int
    pdfs: int
    large: int
    members: int
    paragraphs: int


SIXTY = Size(texts=25, pages=12, words=8, pdfs=5, large=2, members=25, paragraphs=50_000)
FEW = Size(texts=2, pages=1, words=1, pdfs=0, large=1, members=10, paragraphs=50_000)


@dataclass
class Load:
    """One load; `tag` stands in all its names and texts, so that no other has the same bytes."""

    server: Server
    model: str
    tag: str
    size: Size
    accepted: set[str] = field(default_factory=set)
    times: int = 0

    def __post_init__(self) -> None:
        self.token = self.server.token()
        row = self.server.call("/api/v1/workspaces/", {"name": self.tag}, self.token)
        self.slug = str(row["slug"])
        path = f"/api/v1/workspaces/{self.slug}/"
        self.server.call(path, {"embedding_model": self.model}, self.token, "PATCH")

    def add(self) -> None:
        """Add the documents, new versions of some that are there among them; later on only further large ones."""
        again = f"{self.tag}-again-{self.times}" if self.times else self.tag
        self._upload(self._books(again, "old"))
        self.server.wait_until_indexed(self.slug, self.token)
        self._upload(
            self._large(again) + self._books(again, "new") + ([] if self.times else self._small())
        )
        self.times += 1

    def check(self) -> dict[str, str]:
        """All have ended well, but those that cannot be read; return digests of their chunks by their names."""
        self.server.wait_until_indexed(self.slug, self.token)
        check_rows(self.server)
        rows = self.server.documents(self.slug, self.token)
        assert self.accepted <= {row["id"] for row in rows}
        failed = {row["name"]: row["error"]["code"] for row in rows if row["status"] == "failed"}
        assert failed == UNREADABLE
        found = texts(self.server, self.slug, leaving_out=self.tag)
        return {name: digest for name, digest in found.items() if "again" not in name}

    def _upload(self, documents: Documents) -> None:
        rows = self.server.upload(self.slug, documents, self.token)
        assert all(row["error"] is None for row in rows), rows
        self.accepted |= {row["id"] for row in rows}

    def _books(self, tag: str, edition: str) -> Documents:
        paragraphs = self.size.paragraphs // 2 if edition == "new" else 100
        return [
            (f"{tag}-book-{n}.txt", long_text(f"{tag}, the {edition} one", n, paragraphs))
            for n in range(self.size.large)
        ]

    def _large(self, tag: str) -> Documents:
        found: Documents = []
        for n in range(self.size.large):
            pages = [
                [(f"{tag}, page {page} of text {n}", 11, 14)]
                for page in range(self.size.paragraphs // 200)
            ]
            members = {
                f"letters-{tag}/{n}-{m:02}.txt": f"{tag} {prose(f'{n} {m}', 900)}"
                for m in range(self.size.members)
            }
            found += [
                (f"{tag}-archive-{n}.zip", zipped(members)),
                (f"{tag}-long-{n}.pdf", pdf(pages, title=tag, footer="Page", chinese=False)),
                (f"{tag}-long-{n}.txt", long_text(tag, n, self.size.paragraphs)),
            ]
        return found

    def _small(self) -> Documents:
        size, tag = self.size, self.tag
        kinds: list[tuple[int, str, Any]] = [
            (size.texts, "txt", lambda text: text.encode()),
            (size.pages, "html", lambda text: f"<h1>{tag}</h1><p>{text}</p>".encode()),
            (size.words, "docx", as_word),
            (size.pdfs, "pdf", lambda text: as_pdf(text, 10)),
        ]
        named = [
            (f"{tag}-{n:02}.{suffix}", make(f"{tag}\n\n{prose(f'{suffix} {n}', 2_500)}"))
            for number, suffix, make in kinds
            for n in range(number)
        ]
        return [
            *named,
            ("broken.pdf", f"%PDF-1.7\n{tag} and nothing more".encode()),
            ("locked.pdf", LOCKED),
        ]


def long_text(first: str, number: int, paragraphs: int) -> bytes:
    """Return a text of many short paragraphs: long to split, and of few words, so that all else is quick."""
    chance = random.Random(number)
    return "\n\n".join(
        [first, *(f"{chance.choice(WORDS)} {chance.choice(WORDS)}" for _ in range(paragraphs))]
    ).encode()
