"""What can go wrong with a model, told apart by what helps.

ProviderError
├── ProviderUnavailable   it cannot be reached or is too busy: try again later
├── ProviderRefused       it was reached and said no (key, balance, size, content): somebody must change something
└── ModelNotFound         nobody offers a model of this name

What exactly went wrong is in `code`; the codes and sentences of model servers are in `faults`.
"""

from django.utils.translation import gettext as _


class ProviderError(Exception):
    """Something about a model went wrong; the message is one sentence for the person who asked."""

    code = "provider_error"
    said = ""
    """What the model's server said, word for word, for programs to look into. It may hold anything: not to be shown."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code or self.code


class ProviderUnavailable(ProviderError):
    """The model's server cannot be reached, broke off or has no time now. Trying again later may help."""

    code = "provider_unavailable"


class ProviderRefused(ProviderError):
    """The model's server understood and declined. Trying again the same way does not help."""

    code = "provider_refused"


class ModelNotFound(ProviderError):
    """No connection offers a model of this name and kind."""

    code = "model_not_found"

    def __init__(self, model: str) -> None:
        super().__init__(_("There is no model “%(model)s” here. Choose another one.") % {"model": model})
        self.model = model
