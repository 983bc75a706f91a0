"""Refusals and failures of conversations and answers.

Refusal
└── ChatRefusal
    ├── NothingHere        404  not_found          no such conversation or message, or another person's
    ├── UnknownModel       400  unknown_model
    ├── TooManyAnswers     409  too_many_answers   in one conversation, until one answer ends
    ├── TooManyCompletions 429  too_many_answers   of one person in one process
    ├── Unstorable         503  database_unavailable
    └── AnswerFailed       no response: its code and message become those of the answer
"""

from django.utils.translation import gettext as _

from web.exceptions import Refusal


class ChatRefusal(Refusal):
    """Base class of refusals about conversations."""


class NothingHere(ChatRefusal):
    """The object does not exist, or the caller may not see it; both have the same response."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("Not found, or you do not have access."))


class UnknownModel(ChatRefusal):
    """The requested chat model does not exist, or the user may not use it."""

    code = "unknown_model"

    def __init__(self, model: str) -> None:
        super().__init__(
            _("There is no chat model “%(model)s”. Choose another model.") % {"model": model[:200]}
        )


class TooManyAnswers(ChatRefusal):
    """The conversation has reached its limit of simultaneous answers, ANSWERS_AT_ONCE."""

    code = "too_many_answers"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _(
                "This conversation has reached its limit of simultaneous answers. Wait until one finishes, or stop"
                " one of them."
            )
        )


class TooManyCompletions(ChatRefusal):
    """A person has reached the limit of simultaneous API completions, COMPLETIONS_AT_ONCE."""

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
    """The question could not be stored, so no answer was started."""

    code = "database_unavailable"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            _("The database is not responding. Nothing was saved; try again in a moment.")
        )


class AnswerFailed(ChatRefusal):
    """The answer cannot be continued; its text so far is kept."""

    code = "answer_failed"
