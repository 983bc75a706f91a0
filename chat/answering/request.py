"""Asked: all that is known when an answer begins. What is read from the database later is not in here."""

from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from chat.models import Message
from chat.prompting.builder import Turn
from web.ids import new_id
from workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a model, with the documents of `workspace` or, without one, without documents."""

    user: User
    question: str
    model: str
    workspace: Workspace | None = None
    stored: Message | None = None
    """The row of the answer; None when nothing of it is kept."""
    before: tuple[UUID, ...] = ()
    """The messages of the conversation that led to the question, the newest first."""
    history: tuple[Turn, ...] | None = None
    """What was said before; None means: what those messages say."""
    instructions: str = ""
    temperature: float | None = None
    id: UUID = field(default_factory=new_id)

    @property
    def conversation(self) -> UUID | None:
        """The conversation that this belongs to, None when nothing of it is kept."""
        return self.stored.conversation_id if self.stored else None

    @property
    def message(self) -> Message:
        """The answer's row, or one like it that is never saved."""
        if self.stored is not None:
            return self.stored
        role, status = Message.Role.ASSISTANT, Message.Status.STREAMING
        return Message(id=self.id, role=role, status=status, model=self.model, created=timezone.now())
