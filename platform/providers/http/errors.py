"""What can go wrong with a model server, each with its code and its sentence: what happened, and what to do.

A sentence names the host, never the key, and of what the server said at most a short, cleaned piece. Which of these a
refusal of a server is, is read from its status and its words in `refusals`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from providers.exceptions import ProviderError, ProviderRefused, ProviderUnavailable
from web.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults of one server. Each is returned to be raised, in the language of whoever reads it."""

    host: str
    key: str = field(default="", repr=False)
    """Only so that it can be taken out of what the server says."""

    def unreachable(self) -> ProviderError:
        """Nobody answers there."""
        return self._unavailable(
            "provider_unreachable",
            _("The model server at %(host)s cannot be reached. Check that it runs and that its address is right."),
        )

    def slow(self, seconds: float) -> ProviderError:
        """The first token did not come in time."""
        text = _(
            "The model server at %(host)s had not begun to answer after %(seconds)s s. It may be busy, or loading the"
            " model; ask again in a few minutes."
        )
        return self._unavailable("provider_slow", text, seconds=max(1, round(seconds)))

    def silent(self) -> ProviderError:
        """It stopped speaking in the middle of an answer, and the line stayed open."""
        return self._unavailable(
            "provider_silent",
            _("The model server at %(host)s fell silent in the middle of its answer. Ask again."),
        )

    def cut_off(self) -> ProviderError:
        """The line broke before the answer ended."""
        return self._unavailable(
            "provider_cut_off", _("The model server at %(host)s broke off before its answer ended. Ask again.")
        )

    def busy(self) -> ProviderError:
        """It has too many requests."""
        return self._unavailable(
            "provider_busy",
            _("The model server at %(host)s has too many requests at once. Wait a minute and ask again."),
        )

    def no_capacity(self) -> ProviderError:
        """It ran out of room in the middle of an answer."""
        return self._unavailable(
            "provider_no_capacity",
            _("The model server at %(host)s ran out of capacity. Ask again in a moment, or choose another model."),
        )

    def failing(self, said: str = "") -> ProviderError:
        """It has an error of its own."""
        text = (
            _("The model server at %(host)s has trouble of its own (“%(said)s”). Ask again in a moment.")
            if said
            else _("The model server at %(host)s has trouble of its own. Ask again in a moment.")
        )
        return self._unavailable("provider_failing", text, said=said)

    def no_memory(self, model: str) -> ProviderError:
        """Its machine has too little free memory to load the model."""
        return self._unavailable(
            "provider_no_memory",
            _("The model server at %(host)s has too little free memory for the model “%(model)s”. Choose a smaller"
              " model, or ask an administrator to free memory on that server."),
            model=model,
        )  # fmt: skip

    def key_refused(self) -> ProviderError:
        """It does not know the key, or wants one."""
        return self._refused(
            "provider_key_refused",
            _("The model server at %(host)s refused the key. An administrator can enter the right one."),
        )

    def no_balance(self) -> ProviderError:
        """The account is empty."""
        return self._refused(
            "provider_no_balance",
            _("The account at %(host)s has no balance left. Top it up, or choose another model."),
        )

    def model_missing(self, model: str, nearest: Sequence[str] = ()) -> ProviderError:
        """It offers no such model; `nearest` are those it has that are called alike."""
        if nearest:
            names = [f"“{name}”" for name in nearest]
            text = _("The model server at %(host)s has no model “%(model)s”. It has %(names)s: choose one of them.")
            return self._refused("provider_model_missing", text, model=model, names=names)
        text = _("The model server at %(host)s has no model “%(model)s”. Choose another one.")
        return self._refused("provider_model_missing", text, model=model)

    def too_long(self, model: str) -> ProviderError:
        """There is more text than the model can take."""
        return self._refused(
            "provider_too_long",
            _("This is more text than the model “%(model)s” can take at once. Begin a new conversation, or choose"
              " a model with a larger context."),
            model=model,
        )  # fmt: skip

    def withheld(self) -> ProviderError:
        """Its rules about content forbid the answer."""
        return self._refused(
            "provider_withheld",
            _("The model server at %(host)s withheld the answer because of its rules about content. Ask in other words,"
              " or choose another model."),
        )  # fmt: skip

    def declined(self, said: str = "") -> ProviderError:
        """It did not accept the request, for a reason of its own."""
        text = (
            _("The model server at %(host)s did not accept the request (“%(said)s”). Choose another model.")
            if said
            else _("The model server at %(host)s did not accept the request. Choose another model.")
        )
        return self._refused("provider_declined", text, said=said)

    def not_understood(self) -> ProviderError:
        """What came is not what a model server says."""
        return self._refused(
            "provider_not_understood",
            _("What answers at %(host)s does not speak as a model server of this kind does. Check the address and the"
              " kind of the connection."),
        )  # fmt: skip

    def too_much(self) -> ProviderError:
        """It sent more than such an answer can hold."""
        return self._refused(
            "provider_too_much",
            _("The model server at %(host)s sent more than an answer of this kind can hold. Check the address and the"
              " kind of the connection, and the model on its server."),
        )  # fmt: skip

    def wrong_address(self) -> ProviderError:
        """Somebody is there, but not at this path."""
        return self._refused(
            "provider_wrong_address",
            _("There is no model server of this kind at this address of %(host)s. Check the connection’s address."),
        )

    def redirects(self) -> ProviderError:
        """It sends callers elsewhere; whoever followed would carry the key there."""
        return self._refused(
            "provider_redirects",
            _("The server at %(host)s sends callers to another address. Enter that one in the connection."),
        )

    def cannot(self, model: str) -> ProviderError:
        """Servers of its kind have no such thing."""
        return self._refused(
            "provider_cannot",
            _("The model server at %(host)s cannot use the model “%(model)s” for this. Choose another one."),
            model=model,
        )

    def bad_vectors(self, model: str) -> ProviderError:
        """It embedded, but not into vectors that can be used."""
        return self._refused(
            "provider_bad_vectors",
            _("The model “%(model)s” at %(host)s gave vectors that cannot be used. Check the model on its server, or"
              " choose another one."),
            model=model,
        )  # fmt: skip

    def _unavailable(self, code: str, text: str, **values: object) -> ProviderError:
        return ProviderUnavailable(Sentence(text, {"host": self.host, **values}), code=code)

    def _refused(self, code: str, text: str, **values: object) -> ProviderError:
        return ProviderRefused(Sentence(text, {"host": self.host, **values}), code=code)
