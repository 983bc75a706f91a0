"""Text in `format=flowed` (RFC 3676): a line that ends with a space continues in the next."""

from ingestion.parsing.text.line_joining import UNSPACED_CHARACTER

SIGNATURE = "-- "


def unflowed(text: str, *, delete_spaces: bool) -> str:
    """`text` with soft line breaks joined; `delete_spaces` (DelSp) also removes their spaces.

    Blank lines separate joined and quoted paragraphs, so that long lines are not taken for wrapped
    ones.
    """
    paragraphs: list[tuple[str, list[str]]] = []
    going_on: str | None = None  # The quote marks of the line before, if it continues.
    for line in text.split("\n"):
        marks = line[: len(line) - len(line.lstrip(">"))]
        said = line.removesuffix("\r")[len(marks) :].removeprefix(" ")
        is_soft = said.endswith(" ") and said != SIGNATURE
        if is_soft and (delete_spaces or UNSPACED_CHARACTER.match(said[-2:])):
            said = said[:-1]
        if marks == going_on and said != SIGNATURE:
            paragraphs[-1][1].append(said)
        else:
            paragraphs.append((marks, [said]))
        going_on = marks if is_soft else None
    closed: list[str] = []
    before: tuple[str, list[str]] = ("", [])
    for marks, lines in paragraphs:
        if marks != before[0] or len(lines) > 1 or len(before[1]) > 1:
            closed.append("")
        closed.append(f"{marks} {''.join(lines)}" if marks else "".join(lines))
        before = (marks, lines)
    return "\n".join(closed)
