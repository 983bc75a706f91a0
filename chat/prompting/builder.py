"""Builds the messages for a model from question, passages and history, within a token budget.

Passages are data: they are numbered and fenced, and cannot close their fence. A passage or turn that
does not fit is left out whole and counted in the trace, never cut.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from chat.citing.scanner import without_marks
from chat.prompting import wording
from chat.prompting.passages import PromptPassage
from chat.prompting.readiness import Readiness
from language.tokens import count_tokens

Role = Literal["system", "user", "assistant"]
# Shares of the tokens that instructions and question leave in the budget.
HISTORY_SHARE: Final = 0.3
PINNED_SHARE: Final = 0.5
# The share of a model's context that is reserved for its answer and reasoning.
ANSWER_SHARE: Final = 0.25
_MESSAGE_OVERHEAD_TOKENS: Final = 8
_PASSAGE_OVERHEAD_TOKENS: Final = 30
_FENCE: Final = re.compile(r"<(\s*/?\s*passages?\b)", re.IGNORECASE)


class Window(Protocol):
    """The property of a model that its budget depends on."""

    @property
    def context_tokens(self) -> int | None:
        """The maximum number of tokens of prompt and answer together; None if unknown."""


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """A message for a model, or an earlier message of the conversation."""

    role: Role
    text: str

    @property
    def tokens(self) -> float:
        """The tokens that the turn takes of the budget."""
        return count_tokens(self.text) + _MESSAGE_OVERHEAD_TOKENS


@dataclass(frozen=True, slots=True)
class PromptMaterial:
    """The inputs of a prompt."""

    question: str
    language: str
    passages: Sequence[PromptPassage] = ()
    history: Sequence[ChatTurn] = ()
    mode: str = "assist"
    instructions: str = ""
    state: Readiness | None = None
    """None if no documents are searched; the prompt then does not mention passages."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages, the passages that they contain, and counts of included and omitted parts."""

    messages: tuple[ChatTurn, ...]
    passages: tuple[PromptPassage, ...]
    trace: dict[str, int]


def budget_for(model: Window, *, most: int) -> int:
    """Return the tokens that a prompt for `model` may have: `most`, or less for a smaller context."""
    if model.context_tokens is None:
        return most
    return min(most, int(model.context_tokens * (1 - ANSWER_SHARE)))


def pinned_room(material: PromptMaterial, *, budget: int) -> float:
    """Return the tokens that passages of pinned documents may take."""
    return _room(material, budget) * PINNED_SHARE


def build(material: PromptMaterial, *, budget: int, takes_system_prompt: bool = True) -> Prompt:
    """Return the messages for a model.

    Instructions and question are always included, even if they exceed `budget` by themselves.
    """
    room = _room(material, budget)
    history = _newest_that_fit(material.history, room * HISTORY_SHARE)
    room -= sum(turn.tokens for turn in history)
    passages = _best_that_fit(material.passages, room)
    messages = _messages(
        _instructions(material), history, _question(material, passages), apart=takes_system_prompt
    )
    trace = {
        "budget": budget,
        "tokens": round(sum(turn.tokens for turn in messages)),
        "passages": len(passages),
        "passages_left_out": len(material.passages) - len(passages),
        "history": len(history),
        "history_left_out": len(material.history) - len(history),
    }
    return Prompt(messages, passages, trace)


def _room(material: PromptMaterial, budget: int) -> float:
    fixed = _instructions(material) + material.question + _reminder(material)
    return budget - count_tokens(fixed) - 2 * _MESSAGE_OVERHEAD_TOKENS


def _messages(
    instructions: str, history: Sequence[ChatTurn], question: str, *, apart: bool
) -> tuple[ChatTurn, ...]:
    """Put the instructions first, or before the question if the model takes no system prompt."""
    if not instructions:
        return (*history, ChatTurn("user", question))
    if apart:
        return (ChatTurn("system", instructions), *history, ChatTurn("user", question))
    return (*history, ChatTurn("user", f"{instructions}\n\n{question}"))


def _instructions(material: PromptMaterial) -> str:
    own = material.instructions.strip()
    if material.state is None:
        return own
    language = material.language
    text = wording.INSTRUCTIONS[language] + wording.MODES[language][material.mode]
    return text + "\n" + wording.OWN_INSTRUCTIONS[language] + own if own else text


def _question(material: PromptMaterial, passages: Iterable[PromptPassage]) -> str:
    if material.state is None:
        return material.question
    fenced = "\n".join(map(_fenced, passages))
    found = fenced or wording.found_nothing(material.state, material.language)
    asked = f"<passages>\n{found}\n</passages>\n\n{wording.QUESTION[material.language]}{material.question}"
    return f"{asked}\n\n{_reminder(material)}" if fenced else asked


def _reminder(material: PromptMaterial) -> str:
    """Return the line after the question that makes small models cite."""
    return wording.REMINDER[material.language] if material.passages else ""


def _fenced(passage: PromptPassage) -> str:
    members = {
        "number": str(passage.n),
        "document": passage.document_name,
        "headings": " › ".join(passage.headings),
    }
    if passage.page_from is not None:
        members["pages"] = f"{passage.page_from}-{passage.page_to or passage.page_from}"
    written = ""
    for name, value in members.items():
        if value:
            one_line = " ".join(value.split()).replace('"', "'").replace("<", "‹").replace(">", "›")
            written += f' {name}="{one_line}"'
    # A passage must neither close its fence nor open another.
    text = _FENCE.sub(r"‹\1", passage.text)
    # The number is repeated after the text, since small models copy the nearest number.
    return f"<passage{written}>\n{text}\n[{passage.n}]\n</passage>"


def weight_of(passage: PromptPassage) -> float:
    """Return the tokens that a passage takes of a prompt."""
    return (
        count_tokens(passage.text)
        + count_tokens("".join(passage.headings))
        + _PASSAGE_OVERHEAD_TOKENS
    )


def _best_that_fit(passages: Sequence[PromptPassage], room: float) -> tuple[PromptPassage, ...]:
    fitting = []
    for passage in passages:
        room -= weight_of(passage)
        if room < 0:
            break  # A worse passage that fits must not replace a better one.
        fitting.append(passage)
    return tuple(fitting)


def _newest_that_fit(history: Sequence[ChatTurn], room: float) -> tuple[ChatTurn, ...]:
    fitting: list[ChatTurn] = []
    for turn in reversed(history):
        # The numbers in earlier answers refer to other passages.
        bare = ChatTurn(turn.role, without_marks(turn.text)) if turn.role == "assistant" else turn
        room -= bare.tokens
        if room < 0:
            break
        fitting.append(bare)
    if fitting and fitting[-1].role == "assistant":
        fitting.pop()  # Its question did not fit, and models expect a question first.
    return tuple(reversed(fitting))
