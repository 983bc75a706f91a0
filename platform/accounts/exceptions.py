"""Refusals around accounts.

Refusal
└── AccountRefusal
    ├── WrongPassword     401  wrong_password
    ├── TooManyAttempts   429  too_many_attempts
    ├── TooManySignIns    503  too_many_sign_ins
    └── LastAdministrator 409  last_administrator
"""

from django.utils.translation import gettext as _

from web.admission import TooManyWaiting
from web.exceptions import Refusal


class AccountRefusal(Refusal):
    """Base of all refusals around accounts."""


class WrongPassword(AccountRefusal):
    """No active user has this address and password; the message does not say which is wrong."""

    code = "wrong_password"
    status = 401

    def __init__(self) -> None:
        super().__init__(_("Wrong e-mail or password."))


class TooManyAttempts(AccountRefusal):
    """Too many failed attempts within SIGN_IN_WINDOW."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, minutes: int) -> None:
        super().__init__(
            _("Too many attempts. Try again in %(minutes)s minutes.") % {"minutes": minutes}
        )
        self.retry_after = minutes * 60


class TooManySignIns(AccountRefusal, TooManyWaiting):
    """The queue of password checks is full."""

    code = "too_many_sign_ins"
    status = 503

    def __init__(self) -> None:
        AccountRefusal.__init__(
            self, _("Too many people are signing in. Try again in a few seconds.")
        )


class LastAdministrator(AccountRefusal):
    """The change would leave the server without an administrator."""

    code = "last_administrator"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("This is the only administrator. Make another user an administrator first.")
        )
