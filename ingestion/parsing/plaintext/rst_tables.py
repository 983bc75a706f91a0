"""Tables drawn with characters in reStructuredText: grid tables and simple tables."""

import re
from itertools import pairwise

GRID = re.compile(r"\+(?:[-=]+\+)+\s*")
RULED = re.compile("=+")
UNDERLINED = re.compile(r"[-\s]+")
SIMPLE = re.compile(r"=+(?:\s+=+)+\s*")


def is_grid(line: str) -> bool:
    """Whether `line` is the upper edge of a grid table."""
    return bool(GRID.fullmatch(line))


def is_simple(line: str) -> bool:
    """Whether `line` is the upper edge of a simple table."""
    return bool(SIMPLE.fullmatch(line))


def grid_rows(lines: list[str]) -> list[list[str]]:
    """The cells of a grid table."""
    edges = [at for at, character in enumerate(lines[0]) if character == "+"]
    rows: list[list[str]] = []
    block: list[str] = []
    for line in lines[1:]:
        if line.startswith("+"):
            if block:
                rows.append(_cells(block, edges))
            block = []
        else:
            block.append(line)
    return rows


def _cells(block: list[str], edges: list[int]) -> list[str]:
    """The cells of one row; a row that does not match the edge is cut at its bars."""
    if all(len(line) > edge and line[edge] == "|" for line in block for edge in edges):
        return [
            " ".join(line[start + 1 : end].strip() for line in block).strip()
            for start, end in pairwise(edges)
        ]
    return [cell.strip() for cell in " ".join(line.strip().strip("|") for line in block).split("|")]


def simple_rows(lines: list[str]) -> list[list[str]]:
    """The cells of a simple table; the last column has no width limit."""
    starts = [match.start() for match in RULED.finditer(lines[0])]
    ends: list[int | None] = [*starts[1:], None]
    rows: list[list[str]] = []
    for line in lines[1:]:
        if not line.strip() or is_simple(line) or UNDERLINED.fullmatch(line):
            continue
        cells = [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]
        if cells[0] or not rows:
            rows.append(cells)
        else:
            rows[-1] = [
                f"{above} {below}".strip() for above, below in zip(rows[-1], cells, strict=True)
            ]
    return rows
