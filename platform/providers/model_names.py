"""What the name of a model tells where its server does not: kind, habits, and which names are alike."""

import difflib
import re
from collections.abc import Iterable
from typing import Final

from providers.protocols import ModelKind

_RERANKS: Final = re.compile(r"rerank|cross-encoder")
_EMBEDS: Final = re.compile(
    r"embed|minilm|\bbge\b|(?:^|[/-])bge-|(?:^|[/-])e5-|(?:^|[/-])gte-|mxbai|\bbce-|paraphrase|sentence-t5|instructor|voyage-"
)
_NEITHER: Final = re.compile(
    r"whisper|(?:^|[-/])tts|speech|transcri|realtime|moderation|dall-?e|gpt-image|stable-?diffusion|flux|sdxl|sora|kolors"
    r"|wan-?\d|text-to-|clip-|cosyvoice|sensevoice"
)
_R1: Final = re.compile(r"(?:^|[^a-z0-9])r1(?:[^a-z0-9]|$)")
_OPENS_THOUGHT: Final = re.compile(r"(?:^|[^a-z0-9])(?:r1|qwq|thinking)(?:[^a-z0-9]|$)|minimax-m\d")
_DEEPSEEK: Final = re.compile(r"deepseek-(?:chat|reasoner|v\d)")


def kind_of(name: str) -> ModelKind | None:
    """Return what a model of this name is for, None for pictures, speech and the like."""
    name = name.lower()
    if _RERANKS.search(name):
        return "rerank"
    if _EMBEDS.search(name):
        return "embedding"
    return None if _NEITHER.search(name) else "chat"


def takes_system_prompt(name: str) -> bool:
    """Return False for DeepSeek-R1 and what was distilled from it: instructions are to come with the question."""
    return not _R1.search(name.lower())


def begins_thinking(name: str) -> bool:
    """Return whether the template of such a model opens the `<think>` tag itself, so that answers begin within it."""
    return bool(_OPENS_THOUGHT.search(name.lower()))


def of_deepseek(name: str, host: str) -> bool:
    """Return whether this is a model as DeepSeek's own service calls it, which has a switch for thinking."""
    return bool(_DEEPSEEK.match(name.lower())) or host.partition(":")[0].endswith("deepseek.com")


def nearest_names(wanted: str, names: Iterable[str], most: int = 3) -> list[str]:
    """Return the names that are most like the wanted one: spelt alike, or the same without vendor and size."""
    by_lower = {name.lower(): name for name in names if name.isprintable()}
    bare = _bare(wanted)
    related = [name for lower, name in by_lower.items() if bare and _bare(lower) == bare]
    alike = [
        by_lower[lower] for lower in difflib.get_close_matches(wanted.lower(), by_lower, most, 0.6)
    ]
    return list(dict.fromkeys([*alike, *related]))[:most]


def _bare(name: str) -> str:
    return name.lower().rpartition("/")[2].partition(":")[0]
