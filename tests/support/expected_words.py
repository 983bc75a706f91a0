"""Expected words of the real documents under READING_ROOM_DATA, and the share found.

The expected texts come from other programs, whose notation is removed here. A word is a run of
letters and digits; each Chinese or Japanese character is a word.
"""

import html
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

from ingestion.parsing.parsed import ParsedDocument

WORD = re.compile(r"[\u3040-\u9fff]|[^\W_]+")
# In pandoc's native notation: a string of text or code, or the start of another word.
PANDOC_PIECE = re.compile(
    r'(?:Str|Code(?:Block)?\s+\([^()]*(?:\([^()]*\)[^()]*)*\))\s+"((?:[^"\\]|\\.)*)"'
    r"|Space|SoftBreak|LineBreak|Para|Plain|Header|Note|Cell|Code|DefinitionList|Meta"
)
PANDOC_META = re.compile(r'\(\s*"(\w+)"\s*,\s*Meta')
META_ORDER = ("title", "subtitle", "author", "date", "abstract")
ESCAPED = re.compile(r"\\(\d+|.)")

Row = dict[str, Any]


def document_rows(folder: Path) -> list[Row]:
    """The rows that describe the documents in `folder`."""
    with (folder / "documents.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def expected_words(folder: Path, row: Row) -> list[str]:
    """The words that the document of `row` must give, in order; none without an expected text."""
    if not row.get("expected"):
        return []
    given = row["expected"][0]
    return words(expected_text(folder / given["file"], given["kind"], row["format"]))


def found_words(parsed: ParsedDocument) -> list[str]:
    """All words that were read, in order."""
    return words("\n".join([parsed.title, *(element.text for element in parsed.elements)]))


def words(text: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def expected_text(path: Path, kind: str, media: str) -> str:
    """The expected text, without the marks of its notation."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if kind.startswith("pandoc"):
        return pandoc_text(text)
    if "mark" in kind:
        text = re.sub(r"<!--.*?-->", " ", text, flags=re.S)
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    if "mark" in kind or media in {"html", "xml"}:
        text = re.sub(r"(?is)<(script|style|head)\b.*?</\1>", " ", text)
        text = html.unescape(re.sub(r"<[^>]*>", " ", text)).replace("\\_", "_")
    return text


def pandoc_text(native: str) -> str:
    """The text of a document in pandoc's notation; a word with a change of type stays one word."""
    if (begin := native.find("unMeta")) >= 0:
        end = native.find("}", begin)
        native = meta_as_written(native[begin:end]) + native[end:]
    return "".join(
        " " if piece[1] is None else ESCAPED.sub(unescaped, piece[1])
        for piece in PANDOC_PIECE.finditer(native)
    )


def meta_as_written(meta: str) -> str:
    """Title, author and date in their usual order, which pandoc sorts alphabetically."""
    entries = list(PANDOC_META.finditer(meta))
    ends = [*(entry.start() for entry in entries[1:]), len(meta)]
    parts = {entry[1]: meta[entry.start() : end] for entry, end in zip(entries, ends, strict=False)}
    order = [name for name in META_ORDER if name in parts]
    return "".join(parts[name] for name in [*order, *(name for name in parts if name not in order)])


def unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code)) if code.isdecimal() else {"n": "\n", "t": "\t", "&": ""}.get(code, code)


def share_in_order(wanted: list[str], found: list[str]) -> float:
    """The share of `wanted` that is in `found` in the same order: their longest common subsequence."""
    places: dict[str, int] = {}
    for number, word in enumerate(wanted):
        places[word] = places.get(word, 0) | 1 << number
    open_places = everything = (1 << len(wanted)) - 1
    for word in found:  # All rows of the table at once, one bit each (Hyyrö's algorithm).
        met = open_places & places.get(word, 0)
        open_places = ((open_places + met) | (open_places - met)) & everything
    return (len(wanted) - open_places.bit_count()) / len(wanted)
