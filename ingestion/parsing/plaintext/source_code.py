"""Source code: unchanged lines, cut before unindented lines.

No grammar is needed: an unindented line after a blank line begins a new block, unless it closes the
previous one. This finds functions and classes in nearly all languages.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ingestion.parsing.elements import CodeSnippet, Element, Parsed, make_element
from ingestion.parsing.options import Options
from ingestion.parsing.progress import Progress
from ingestion.parsing.text.characters import clean_verbatim
from ingestion.parsing.text.cleaning import clean_elements
from ingestion.parsing.text.encodings import decode

CLOSES = re.compile(r"[})\]]|(?:end|fi|done|esac|else|elif|except|finally|catch)\b", re.I)


def read_code(
    path: Path, *, name: str, password: str | None, progress: Progress, options: Options
) -> Parsed:
    """Read a program, a script or a configuration file."""
    return Parsed(tuple(clean_elements(code_elements(decode(path.read_bytes())))))


def code_elements(text: str) -> Iterator[Element]:
    """The blocks of code in `text`, unchanged."""
    block: list[str] = []
    after_blank = False
    for line in clean_verbatim(text).split("\n"):
        begins = after_blank and line[:1].strip() and not CLOSES.match(line)
        if begins and block:
            yield make_element(CodeSnippet, "\n".join(block))
            block = []
        block.append(line)
        after_blank = not line.strip()
    yield make_element(CodeSnippet, "\n".join(block))
