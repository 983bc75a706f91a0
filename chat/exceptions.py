"""What can be refused around conversations and answers.

Refusal
└── ChatRefusal
    ├── NothingHere        404  not_found          no such conversation or message, or another person's
    ├── UnknownModel       400  unknown_model
    ├── TooManyAnswers     409  too_many_answers   until one of those being written ends
    ├── TooManyCompletions 429  too_many_answers   of one person in one process
    ├── Unstorable         503  database_unavailable
    └── AnswerFailed       never answered with itself: its code and message become those of the answer
"""

from django.utils.translation import gettext as _

from web.exceptions import Refusal


class ChatRefusal(Refusal):
    """Base of all refusals around conversations."""


class NothingHere(ChatRefusal):
    """What the caller may not see is not told from what does not exist."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("Not found, or you do not have access."))


class UnknownModel(ChatRefusal):
    """The model asked for is not one of those that answer here."""

    code = "unknown_model"

    def __init__(self, model: str) -> None:
        super().__init__(
            _("There is no chat model “%(model)s”. Choose another model.") % {"model": model[:200]}
        )


class TooManyAnswers(ChatRefusal):
    """So many answers are being written in this conversation that one more would only slow them down."""

    code = "too_many_answers"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _(
                "The server has reached its limit of simultaneous answers. Wait until one finishes, or stop one of"
                " yours."
            )
        )


class TooManyCompletions(ChatRefusal):
    """So many answers are being given to programs of this person that others would go short."""

    code = "too_many_answers"
    status = 429
    retry_after = 2

    def __init__(self) -> None:
        super().__init__(
            _(
                "You have reached your limit of simultaneous answers. Wait until one finishes, then try again."
            )
        )


class Unstorable(ChatRefusal):
    """The question could not be stored, so nothing was begun."""

    code = "database_unavailable"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            _("The database is not responding. Nothing was saved; try again in a moment.")
        )


class AnswerFailed(ChatRefusal):
    """The answer can't go on. What was said stays."""

    code = "answer_failed"
