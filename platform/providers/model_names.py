"""Properties of a model derived from its name, for servers that do not report them."""

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
    """Return the kind of a model by its name; None for images, speech and other tasks."""
    name = name.lower()
    if _RERANKS.search(name):
        return "rerank"
    if _EMBEDS.search(name):
        return "embedding"
    return None if _NEITHER.search(name) else "chat"


def takes_system_prompt(name: str) -> bool:
    """Return False for DeepSeek-R1 and its distillations, which take instructions in the question."""
    return not _R1.search(name.lower())


def begins_thinking(name: str) -> bool:
    """Whether the chat template opens the `<think>` tag, so that an answer has only its end."""
    return bool(_OPENS_THOUGHT.search(name.lower()))


def of_deepseek(name: str, host: str) -> bool:
    """Whether the model is one of DeepSeek's own service, which has a parameter for thinking."""
    return bool(_DEEPSEEK.match(name.lower())) or host.partition(":")[0].endswith("deepseek.com")


def nearest_names(wanted: str, names: Iterable[str], most: int = 3) -> list[str]:
    """Return at most `most` similar names: spelt alike, or equal without vendor and size."""
    by_lower = {name.lower(): name for name in names if name.isprintable()}
    bare = _bare(wanted)
    related = [name for lower, name in by_lower.items() if bare and _bare(lower) == bare]
    alike = [
        by_lower[lower] for lower in difflib.get_close_matches(wanted.lower(), by_lower, most, 0.6)
    ]
    return list(dict.fromkeys([*alike, *related]))[:most]


def _bare(name: str) -> str:
    return name.lower().rpartition("/")[2].partition(":")[0]
