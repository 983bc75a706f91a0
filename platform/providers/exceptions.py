"""Errors of models, distinguished by their remedy.

ProviderError
├── ProviderUnavailable   the server cannot be reached or is too busy: a retry may succeed
├── ProviderRefused       refused for key, balance, size or content: the same request fails again
│   └── PartlyEmbedded    the server embedded only some of the texts
└── ModelNotFound         no connection offers a model of this name

`code` identifies the error; `http.errors` has the codes and sentences of model servers. Sentences
are translated when they are read, since a reader may see the error of a worker later.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_noop as _

from web.sentences import Sentence


class ProviderError(Exception):
    """An error of a model; the message is one sentence for the user."""

    code = "provider_error"
    said = ""
    """The unvalidated message of the server, for programs only; it must not be shown."""
    after: float | None = None
    """The seconds of the server's Retry-After, if any."""

    def __init__(self, sentence: Sentence | str, *, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = Sentence(sentence) if isinstance(sentence, str) else sentence
        self.code = code or self.code

    def __str__(self) -> str:
        return str(self.sentence)

    @property
    def kept(self) -> dict[str, Any]:
        """The sentence as JSON, for `web.sentences.read_again`."""
        return self.sentence.kept


class ProviderUnavailable(ProviderError):
    """The model's server cannot be reached, broke off or is busy. A retry later may succeed."""

    code = "provider_unavailable"


class ProviderRefused(ProviderError):
    """The model's server refused the request. The same request fails again."""

    code = "provider_refused"


class PartlyEmbedded(ProviderRefused):
    """Only some texts were embedded. `fault` is the error of the first text that was not."""

    def __init__(self, fault: ProviderError, vectors: Sequence[Sequence[float] | None]) -> None:
        super().__init__(fault.sentence, code=fault.code)
        self.vectors = vectors
        """One vector for each text, in order; None for a text that was not embedded."""


class ModelNotFound(ProviderError):
    """No connection offers a model of this name and kind."""

    code = "model_not_found"

    def __init__(self, model: str) -> None:
        super().__init__(
            Sentence(_("There is no model “%(model)s”. Choose another one."), {"model": model})
        )
        self.model = model
