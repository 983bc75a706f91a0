"""Pages nested deeper than any parser follows, made shallow enough to be read."""

import re

MAX_TAG_DEPTH = 100
# Tags that must be closed by hand; the others may be left open and would be counted wrong.
CONTAINERS = "div|span|font|b|i|u|em|strong|big|small|center|section|article|blockquote|a|tt|code|sub|sup|s|strike"
CONTAINER_TAG = re.compile(rf"<(/?)(?:{CONTAINERS})\b[^<>]*>", re.IGNORECASE)


def flattened(text: str) -> str:
    """`text` without the containers below a depth of 100: their content moves up."""
    depth = 0

    def kept(tag: re.Match[str]) -> str:
        nonlocal depth
        if tag[1]:
            depth = max(0, depth - 1)
            return tag[0] if depth < MAX_TAG_DEPTH else " "
        depth += 1
        return tag[0] if depth <= MAX_TAG_DEPTH else " "

    return CONTAINER_TAG.sub(kept, text)
