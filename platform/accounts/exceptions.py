"""What can be refused around people and their keys.

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
    """No active user has this address and password; which of the two is wrong is not told."""

    code = "wrong_password"
    status = 401

    def __init__(self) -> None:
        super().__init__(_("Wrong e-mail or password."))


class TooManyAttempts(AccountRefusal):
    """Somebody is guessing."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, minutes: int) -> None:
        super().__init__(_("Too many attempts. Try again in %(minutes)s minutes.") % {"minutes": minutes})
        self.retry_after = minutes * 60


class TooManySignIns(AccountRefusal, TooManyWaiting):
    """So many passwords wait to be checked that one more would wait too long."""

    code = "too_many_sign_ins"
    status = 503

    def __init__(self) -> None:
        AccountRefusal.__init__(self, _("Too many people are signing in. Try again in a few seconds."))


class LastAdministrator(AccountRefusal):
    """Without an administrator nobody could let one in again."""

    code = "last_administrator"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This is the only administrator. Make another user an administrator first."))
