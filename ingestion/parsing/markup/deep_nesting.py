"""Flattens pages that are nested too deeply for HTML parsers."""

import re

MAX_TAG_DEPTH = 100
# Tags with a required end tag; others may stay open, which would make the depth wrong.
CONTAINERS = "div|span|font|b|i|u|em|strong|big|small|center|section|article|blockquote|a|tt|code|sub|sup|s|strike"
CONTAINER_TAG = re.compile(rf"<(/?)(?:{CONTAINERS})\b[^<>]*>", re.IGNORECASE)


def flattened(text: str) -> str:
    """`text` without the containers below MAX_TAG_DEPTH; their content moves up."""
    depth = 0

    def kept(tag: re.Match[str]) -> str:
        nonlocal depth
        if tag[1]:
            depth = max(0, depth - 1)
            return tag[0] if depth < MAX_TAG_DEPTH else " "
        depth += 1
        return tag[0] if depth <= MAX_TAG_DEPTH else " "

    return CONTAINER_TAG.sub(kept, text)
