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
            _("The model server is not reachable. Try another model or ask your administrator."),
        )

    def slow(self, seconds: float) -> ProviderError:
        """The first token did not come in time."""
        text = _(
            "The model server did not respond within %(seconds)s s. It may be busy or loading the model; try again in"
            " a few minutes."
        )
        return self._unavailable("provider_slow", text, seconds=max(1, round(seconds)))

    def silent(self) -> ProviderError:
        """It stopped speaking in the middle of an answer, and the line stayed open."""
        return self._unavailable(
            "provider_silent",
            _("The model server stopped responding before the answer was complete. Try again."),
        )

    def cut_off(self) -> ProviderError:
        """The line broke before the answer ended."""
        return self._unavailable(
            "provider_cut_off", _("The model server closed the connection before the answer was complete. Try again.")
        )

    def busy(self) -> ProviderError:
        """It has too many requests."""
        return self._unavailable(
            "provider_busy",
            _("The model server has too many requests. Try again in a minute."),
        )

    def no_capacity(self) -> ProviderError:
        """It ran out of room in the middle of an answer."""
        return self._unavailable(
            "provider_no_capacity",
            _("The model server has no free capacity. Try again in a moment, or choose another model."),
        )

    def failing(self, said: str = "") -> ProviderError:
        """It has an error of its own."""
        text = (
            _("The model server reported an error (“%(said)s”). Try again in a moment.")
            if said
            else _("The model server reported an error. Try again in a moment.")
        )
        return self._unavailable("provider_failing", text, said=said)

    def no_memory(self, model: str) -> ProviderError:
        """Its machine has too little free memory to load the model."""
        return self._unavailable(
            "provider_no_memory",
            _(
                "The model server does not have enough free memory for the model “%(model)s”. Choose a smaller model,"
                " or ask your administrator."
            ),
            model=model,
        )  # fmt: skip

    def key_refused(self) -> ProviderError:
        """It does not know the key, or wants one."""
        return self._refused(
            "provider_key_refused",
            _("The model server rejected the API key. Try another model or ask your administrator."),
        )

    def no_balance(self) -> ProviderError:
        """The account is empty."""
        return self._refused(
            "provider_no_balance",
            _("The account at the model provider has no credit left. Try another model or ask your administrator."),
        )

    def model_missing(self, model: str, nearest: Sequence[str] = ()) -> ProviderError:
        """It offers no such model; `nearest` are those it has that are called alike."""
        if nearest:
            names = [f"“{name}”" for name in nearest]
            text = _("The model server has no model “%(model)s”. Similar models: %(names)s.")
            return self._refused("provider_model_missing", text, model=model, names=names)
        text = _("The model server has no model “%(model)s”. Choose another model.")
        return self._refused("provider_model_missing", text, model=model)

    def too_long(self, model: str) -> ProviderError:
        """There is more text than the model can take."""
        return self._refused(
            "provider_too_long",
            _(
                "The text exceeds the context window of the model “%(model)s”. Start a new conversation, or choose a"
                " model with a larger context window."
            ),
            model=model,
        )  # fmt: skip

    def withheld(self) -> ProviderError:
        """Its rules about content forbid the answer."""
        return self._refused(
            "provider_withheld",
            _("The model server's content filter blocked the answer. Rephrase the question, or choose another model."),
        )  # fmt: skip

    def declined(self, said: str = "") -> ProviderError:
        """It did not accept the request, for a reason of its own."""
        text = (
            _("The model server rejected the request (“%(said)s”). Choose another model.")
            if said
            else _("The model server rejected the request. Choose another model.")
        )
        return self._refused("provider_declined", text, said=said)

    def not_understood(self) -> ProviderError:
        """What came is not what a model server says."""
        return self._refused(
            "provider_not_understood",
            _("The model server sent an invalid response. Try another model or ask your administrator."),
        )  # fmt: skip

    def too_much(self) -> ProviderError:
        """It sent more than such an answer can hold."""
        return self._refused(
            "provider_too_much",
            _("The model server's response exceeds the size limit. Try another model or ask your administrator."),
        )  # fmt: skip

    def wrong_address(self) -> ProviderError:
        """Somebody is there, but not at this path."""
        return self._refused(
            "provider_wrong_address",
            _("The address of the model server is wrong. Try another model or ask your administrator."),
        )

    def redirects(self) -> ProviderError:
        """It sends callers elsewhere; whoever followed would carry the key there."""
        return self._refused(
            "provider_redirects",
            _("The model server redirects to another address. Try another model or ask your administrator."),
        )

    def cannot(self, model: str) -> ProviderError:
        """Servers of its kind have no such thing."""
        return self._refused(
            "provider_cannot",
            _("The model server cannot use the model “%(model)s” for this task. Choose another model."),
            model=model,
        )

    def bad_vectors(self, model: str) -> ProviderError:
        """It embedded, but not into vectors that can be used."""
        return self._refused(
            "provider_bad_vectors",
            _("The embeddings of the model “%(model)s” are unusable. Choose another model or ask your administrator."),
            model=model,
        )  # fmt: skip

    def _unavailable(self, code: str, text: str, **values: object) -> ProviderError:
        return ProviderUnavailable(Sentence(text, {"host": self.host, **values}), code=code)

    def _refused(self, code: str, text: str, **values: object) -> ProviderError:
        return ProviderRefused(Sentence(text, {"host": self.host, **values}), code=code)
