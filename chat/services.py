"""Conversations: begin, rename, delete. Questions and answers are in `answering`."""

from typing import Final

from accounts.models import User
from chat.models import Conversation
from workspaces.models import Workspace

MAX_TITLE_CHARS: Final = 80


def create_conversation(*, workspace: Workspace, owner: User, title: str = "") -> Conversation:
    """Begin a conversation; without a title it takes one from its first question."""
    return Conversation.objects.create(workspace=workspace, owner=owner, title=title.strip())


def rename_conversation(conversation: Conversation, *, title: str) -> Conversation:
    """Give the conversation another title."""
    conversation.title = title.strip()
    conversation.save(update_fields=["title", "changed"])
    return conversation


def delete_conversation(conversation: Conversation) -> None:
    """Delete the conversation with all that was said in it. An answer being written notices and ends."""
    conversation.delete()


def title_from(question: str) -> str:
    """Make a title of a question: its first words, on one line."""
    line = " ".join(question.split())
    if len(line) <= MAX_TITLE_CHARS:
        return line
    cut = line[:MAX_TITLE_CHARS]
    # Chinese has no spaces to cut at; a word longer than half a title is cut too.
    return (cut if " " not in cut[MAX_TITLE_CHARS // 2 :] else cut.rpartition(" ")[0]).rstrip(
        " ,;:，；："
    ) + "…"
