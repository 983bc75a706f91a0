"""AnswerRequest: the inputs of one answer, without values that are read from the database later."""

from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from chat.models import Message
from chat.prompting.builder import ChatTurn
from web.ids import new_id
from workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """A question for a chat model, and the workspace to search; None searches no documents."""

    user: User
    question: str
    model: str
    workspace: Workspace | None = None
    stored: Message | None = None
    """The answer's row; None for an answer that is not stored."""
    before: tuple[UUID, ...] = ()
    """The messages that lead to the question, newest first."""
    history: tuple[ChatTurn, ...] | None = None
    """Earlier turns of the conversation; None takes them from the messages in `before`."""
    instructions: str = ""
    temperature: float | None = None
    id: UUID = field(default_factory=new_id)

    @property
    def conversation(self) -> UUID | None:
        """The answer's conversation; None for an answer that is not stored."""
        return self.stored.conversation_id if self.stored else None

    @property
    def message(self) -> Message:
        """The answer's row, or an equal message that is never saved."""
        if self.stored is not None:
            return self.stored
        role, status = Message.Role.ASSISTANT, Message.Status.STREAMING
        return Message(
            id=self.id, role=role, status=status, model=self.model, created=timezone.now()
        )
