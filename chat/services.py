"""Create, rename and delete conversations. Questions and answers are in `answering`."""

from typing import Final

from accounts.models import User
from chat.models import Conversation
from workspaces.models import Workspace

MAX_TITLE_CHARS: Final = 80


def create_conversation(*, workspace: Workspace, owner: User, title: str = "") -> Conversation:
    """Create a conversation; without a title, its first question becomes the title."""
    return Conversation.objects.create(workspace=workspace, owner=owner, title=title.strip())


def rename_conversation(conversation: Conversation, *, title: str) -> Conversation:
    """Change the title of a conversation."""
    conversation.title = title.strip()
    conversation.save(update_fields=["title", "changed"])
    return conversation


def delete_conversation(conversation: Conversation) -> None:
    """Delete a conversation with its messages; answers that are being written are stopped."""
    conversation.delete()


def title_from(question: str) -> str:
    """Return a title for a question: its first words, on one line."""
    line = " ".join(question.split())
    if len(line) <= MAX_TITLE_CHARS:
        return line
    cut = line[:MAX_TITLE_CHARS]
    # Chinese has no spaces to cut at; a word longer than half a title is cut too.
    return (cut if " " not in cut[MAX_TITLE_CHARS // 2 :] else cut.rpartition(" ")[0]).rstrip(
        " ,;:，；："
    ) + "…"
