"""Columns of running text, in which each line continues in the line below.

Such columns are no table. If the file stores their lines row by row across the page, they are
reordered column by column. Cells of a table do not run on: each begins a sentence, and its last
line ends anywhere.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingestion.parsing.layout.lines import HYPHEN, Line, Page
from ingestion.parsing.layout.paragraphs import ends_sentence, goes_on

LEFT_EDGE_POINTS = 3.0  # Lines whose left edges differ by less begin at the same place.
# The distance between consecutive lines of a stack, in line heights.
MIN_STEP_HEIGHTS = 0.5
MAX_STEP_HEIGHTS = 1.7
MIN_STACK_LINES = 3
# The mean per line of a stack; labels and figures have less.
MIN_MEAN_WORDS = 2.5
MIN_MEAN_IDEOGRAPHS = 6
MIN_RUNNING_SHARE = 0.5  # Share of the lines without a sentence end that run on.
MIN_STACKED_SHARE = 0.7  # Share of the lines of a region that belong to its stacks.
MAX_PAGE_LINES = 3_000
IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff]")

Column = list[Line]


def put_columns_in_order(page: Page) -> set[int]:
    """Reorder columns of prose that the file stores row by row; return the ids of their lines."""
    if len(page.lines) > MAX_PAGE_LINES or len(page.lines) < 2 * MIN_STACK_LINES:
        return set()
    prose: set[int] = set()
    for columns in _regions(page.lines):
        lines = [line for column in columns for line in column]
        taken = {id(line) for line in lines}
        prose |= taken
        column_of = {id(line): number for number, column in enumerate(columns) for line in column}
        told = [column_of[id(line)] for line in page.lines if id(line) in taken]
        goes_across = sum(one != other for one, other in pairwise(told)) >= len(columns)
        if not page.seen and not page.turns and goes_across:
            first = next(position for position, line in enumerate(page.lines) if id(line) in taken)
            rest = [line for line in page.lines[first:] if id(line) not in taken]
            page.lines = [*page.lines[:first], *lines, *rest]
            for line in lines:
                line.part = 0  # The order of this line is final.
    return prose


def _regions(lines: Sequence[Line]) -> Iterator[list[Column]]:
    """Yield the columns of each part of the page in which stacks of prose stand side by side."""
    group: list[Column] = []
    low = 0.0
    for stack in sorted(filter(_is_prose, _stacks(lines)), key=lambda stack: -stack[0].middle):
        if group and stack[0].middle < low:
            yield from _columns(lines, group)
            group = []
        low = min(low, stack[-1].middle) if group else stack[-1].middle
        group.append(stack)
    yield from _columns(lines, group)


def _stacks(lines: Sequence[Line]) -> list[Column]:
    """Stacks: lines close to one another that begin at the same place."""
    stacks: list[Column] = []
    open_stacks: dict[int, Column] = {}
    for line in sorted(lines, key=lambda line: -line.middle):
        place = round(line.left / LEFT_EDGE_POINTS)
        for near in (place, place - 1, place + 1):
            stack = open_stacks.get(near)
            if (
                stack
                and stack[-1].is_like(line)
                and MIN_STEP_HEIGHTS
                < (stack[-1].middle - line.middle) / max(line.size, 1)
                < MAX_STEP_HEIGHTS
            ):
                stack.append(line)
                open_stacks.pop(near)
                break
        else:
            stack = [line]
            stacks.append(stack)
        open_stacks[place] = stack
    return [stack for stack in stacks if len(stack) >= MIN_STACK_LINES]


def _is_prose(stack: Column) -> bool:
    """Whether the lines of `stack` run on from one to the next."""
    words = sum(len(line.text.split()) for line in stack) / len(stack)
    ideographs = sum(len(IDEOGRAPH.findall(line.text)) for line in stack) / len(stack)
    if words < MIN_MEAN_WORDS and ideographs < MIN_MEAN_IDEOGRAPHS:
        return False
    edge = max(line.right for line in stack)
    inside = [(last, line) for last, line in pairwise(stack) if not ends_sentence(last)]
    running = sum(
        last.text.endswith((HYPHEN, "-"))
        or (
            (line.text[:1].islower() or bool(IDEOGRAPH.match(line.text[:1])))
            and goes_on(last, line, edge)
        )
        for last, line in inside
    )
    return running >= max(1, MIN_RUNNING_SHARE * len(inside))


def _columns(lines: Sequence[Line], stacks: Sequence[Column]) -> Iterator[list[Column]]:
    """Yield the columns of the region of `stacks`, with the lines between, if there are several."""
    spans: list[tuple[float, float]] = []
    for left, right in sorted(
        (min(line.left for line in stack), max(line.right for line in stack)) for stack in stacks
    ):
        if spans and left < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], right))
        else:
            spans.append((left, right))
    if len(spans) < 2:
        return
    top, bottom = (
        max(stack[0].middle for stack in stacks),
        min(stack[-1].middle for stack in stacks),
    )
    inside = [line for line in lines if bottom <= line.middle <= top]
    columns: list[Column] = [[] for _span in spans]
    for line in inside:
        touched = [
            number
            for number, (left, right) in enumerate(spans)
            if line.left < right and left < line.right
        ]
        # A line across columns, or beside all of them, labels a row in a table of long cells.
        if len(touched) != 1:
            return
        columns[touched[0]].append(line)
    if sum(map(len, stacks)) >= MIN_STACKED_SHARE * len(inside):
        yield [sorted(column, key=lambda line: -line.middle) for column in columns]
