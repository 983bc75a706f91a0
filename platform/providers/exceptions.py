"""What can go wrong with a model, told apart by what helps.

ProviderError
├── ProviderUnavailable   it cannot be reached or is too busy: try again later
├── ProviderRefused       it was reached and said no (key, balance, size, content): somebody must change something
│   └── PartlyEmbedded    it embedded some of the texts it was given, and not others
└── ModelNotFound         nobody offers a model of this name

`code` says what exactly went wrong; the codes and sentences of model servers are in `http.errors`. Sentences are
translated when they are read, since a worker may meet an error that a person reads about later.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_noop as _

from web.sentences import Sentence


class ProviderError(Exception):
    """Something about a model went wrong; the message is one sentence for the person who asked."""

    code = "provider_error"
    said = ""
    """What the model's server said, word for word, for programs to look into. It may hold anything: not to be shown."""
    after: float | None = None
    """How many seconds the server asked to be left in peace, if it did."""

    def __init__(self, sentence: Sentence | str, *, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = Sentence(sentence) if isinstance(sentence, str) else sentence
        self.code = code or self.code

    def __str__(self) -> str:
        return str(self.sentence)

    @property
    def kept(self) -> dict[str, Any]:
        """The sentence as it is kept, for `web.sentences.read_again`."""
        return self.sentence.kept


class ProviderUnavailable(ProviderError):
    """The model's server cannot be reached, broke off or has no time now. Trying again later may help."""

    code = "provider_unavailable"


class ProviderRefused(ProviderError):
    """The model's server understood and declined. Trying again the same way does not help."""

    code = "provider_refused"


class PartlyEmbedded(ProviderRefused):
    """Some texts could not be embedded; says what `fault` said of the first of them. The others' vectors are here."""

    def __init__(self, fault: ProviderError, vectors: Sequence[Sequence[float] | None]) -> None:
        super().__init__(fault.sentence, code=fault.code)
        self.vectors = vectors
        """One for each text, in order, None for those left out."""


class ModelNotFound(ProviderError):
    """No connection offers a model of this name and kind."""

    code = "model_not_found"

    def __init__(self, model: str) -> None:
        super().__init__(Sentence(_("There is no model “%(model)s”. Choose another one."), {"model": model}))
        self.model = model
