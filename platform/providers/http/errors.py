"""The errors of model servers, each with a code and a sentence: the failure and the remedy.

A sentence names the host and never the key. It quotes at most a short excerpt of the server's
message. This module maps exceptions of httpx2; `refusals` maps error responses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.utils.translation import gettext_noop as _

from providers.exceptions import ProviderError, ProviderRefused, ProviderUnavailable
from web.sentences import Sentence


def host_of_url(base_url: str) -> str:
    """Return the host and port for a sentence, without user name and password."""
    return base_url.partition("://")[2].partition("/")[0].rpartition("@")[2] or base_url


def transport_failure(error: Exception) -> Literal["unreachable", "slow", "cut_off"]:
    """Classify an exception of httpx2, a `TimeoutError` or a `UnicodeError`.

    Python raises `UnicodeError` for a host name such as “a..b”.
    """
    import httpx2

    not_connected = (
        httpx2.ConnectError,
        httpx2.ConnectTimeout,
        httpx2.UnsupportedProtocol,
        httpx2.InvalidURL,
    )
    if isinstance(error, (*not_connected, UnicodeError)):
        return "unreachable"
    return "slow" if isinstance(error, TimeoutError | httpx2.TimeoutException) else "cut_off"


@dataclass(frozen=True, slots=True)
class FaultFactory:
    """Creates the errors of one server. A sentence is translated when it is read."""

    host: str
    key: str = field(default="", repr=False)
    """The API key, which is removed from quoted messages."""

    def of_transport(self, error: Exception, seconds: float) -> ProviderError:
        """Return the error for an exception of the transport, after `seconds` of waiting."""
        match transport_failure(error):
            case "unreachable":
                return self.unreachable()
            case "slow":
                return self.slow(seconds)
        return self.cut_off()

    def unreachable(self) -> ProviderError:
        """No connection was made."""
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
        """The server sent nothing more within the time limit, with the connection still open."""
        return self._unavailable(
            "provider_silent",
            _("The model server stopped responding before the answer was complete. Try again."),
        )

    def cut_off(self) -> ProviderError:
        """The connection closed before the answer ended."""
        return self._unavailable(
            "provider_cut_off",
            _("The model server closed the connection before the answer was complete. Try again."),
        )

    def busy(self) -> ProviderError:
        """The server has too many requests."""
        return self._unavailable(
            "provider_busy",
            _("The model server has too many requests. Try again in a minute."),
        )

    def no_capacity(self) -> ProviderError:
        """The server ran out of resources during an answer."""
        return self._unavailable(
            "provider_no_capacity",
            _(
                "The model server has no free capacity. Try again in a moment, or choose another model."
            ),
        )

    def failing(self, said: str = "") -> ProviderError:
        """The server reported an internal error."""
        text = (
            _("The model server reported an error (“%(said)s”). Try again in a moment.")
            if said
            else _("The model server reported an error. Try again in a moment.")
        )
        return self._unavailable("provider_failing", text, said=said)

    def no_memory(self, model: str) -> ProviderError:
        """The server has too little free memory to load the model."""
        return self._unavailable(
            "provider_no_memory",
            _(
                "The model server does not have enough free memory for the model “%(model)s”. Choose a smaller model,"
                " or ask your administrator."
            ),
            model=model,
        )  # fmt: skip

    def key_refused(self) -> ProviderError:
        """The server refused the key, or requires one."""
        return self._refused(
            "provider_key_refused",
            _(
                "The model server rejected the API key. Try another model or ask your administrator."
            ),
        )

    def no_balance(self) -> ProviderError:
        """The account has no balance."""
        return self._refused(
            "provider_no_balance",
            _(
                "The account at the model provider has no credit left. Try another model or ask your administrator."
            ),
        )

    def model_missing(self, model: str, nearest: Sequence[str] = ()) -> ProviderError:
        """The server offers no such model; `nearest` are offered models with similar names."""
        if nearest:
            names = [f"“{name}”" for name in nearest]
            text = _("The model server has no model “%(model)s”. Similar models: %(names)s.")
            return self._refused("provider_model_missing", text, model=model, names=names)
        text = _("The model server has no model “%(model)s”. Choose another model.")
        return self._refused("provider_model_missing", text, model=model)

    def too_long(self, model: str) -> ProviderError:
        """The text exceeds the context of the model."""
        return self._refused(
            "provider_too_long",
            _(
                "The text exceeds the context window of the model “%(model)s”. Start a new conversation, or choose a"
                " model with a larger context window."
            ),
            model=model,
        )  # fmt: skip

    def withheld(self) -> ProviderError:
        """The server's content policy forbids the answer."""
        return self._refused(
            "provider_withheld",
            _("The model server's content filter blocked the answer. Rephrase the question, or choose another model."),
        )  # fmt: skip

    def declined(self, said: str = "") -> ProviderError:
        """The server refused the request for another reason."""
        text = (
            _("The model server rejected the request (“%(said)s”). Choose another model.")
            if said
            else _("The model server rejected the request. Choose another model.")
        )
        return self._refused("provider_declined", text, said=said)

    def not_understood(self) -> ProviderError:
        """The response is not of the server's protocol."""
        return self._refused(
            "provider_not_understood",
            _("The model server sent an invalid response. Try another model or ask your administrator."),
        )  # fmt: skip

    def too_much(self) -> ProviderError:
        """The response is larger than the limit."""
        return self._refused(
            "provider_too_much",
            _("The model server's response exceeds the size limit. Try another model or ask your administrator."),
        )  # fmt: skip

    def wrong_address(self) -> ProviderError:
        """The host answers, but has no model server at this path."""
        return self._refused(
            "provider_wrong_address",
            _(
                "The address of the model server is wrong. Try another model or ask your administrator."
            ),
        )

    def redirects(self) -> ProviderError:
        """The server redirects. Redirects are not followed, as the key would be sent along."""
        return self._refused(
            "provider_redirects",
            _(
                "The model server redirects to another address. Try another model or ask your administrator."
            ),
        )

    def cannot(self, model: str) -> ProviderError:
        """The server has no call for this task."""
        return self._refused(
            "provider_cannot",
            _(
                "The model server cannot use the model “%(model)s” for this task. Choose another model."
            ),
            model=model,
        )

    def bad_vectors(self, model: str) -> ProviderError:
        """The vectors have a wrong number or size, or are not finite."""
        return self._refused(
            "provider_bad_vectors",
            _("The embeddings of the model “%(model)s” are unusable. Choose another model or ask your administrator."),
            model=model,
        )  # fmt: skip

    def _unavailable(self, code: str, text: str, **values: object) -> ProviderError:
        return ProviderUnavailable(Sentence(text, {"host": self.host, **values}), code=code)

    def _refused(self, code: str, text: str, **values: object) -> ProviderError:
        return ProviderRefused(Sentence(text, {"host": self.host, **values}), code=code)
