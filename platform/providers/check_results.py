"""Results of a connection's check, stored as JSON, each with a sentence in the reader's language.

`connections.checks` runs the check.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from web.sentences import listed, read_again

KEY_LOST = "key_lost"
REACHABLE = "reachable"
NO_MODELS = "no_models"
MODELS_FOUND = "models_found"
MODEL_MISSING = "model_missing"
EMBEDDING_SIZE = "embedding_size"
FIRST_TOKEN = "first_token"
SILENT = "model_silent"
PARSES = "parses"

SENTENCES = {
    KEY_LOST: gettext_noop("Enter the API key of this connection again."),
    REACHABLE: gettext_noop("The server is responding (%(version)s)."),
    NO_MODELS: gettext_noop(
        "The server is responding but has no models. Load a model on it, then test again."
    ),
    PARSES: gettext_noop("The server parsed a test page in %(seconds)s s."),
    MODEL_MISSING: gettext_noop("The server has no model “%(model)s”. %(nearest)s"),
    EMBEDDING_SIZE: gettext_noop("%(model)s: %(dimensions)s-dimensional embeddings."),
    FIRST_TOKEN: gettext_noop("%(model)s: first token after %(seconds)s s."),
    SILENT: gettext_noop(
        "%(model)s did not respond within %(seconds)s s. The model may still be loading; test again in a minute."
    ),
}

FAULT_SENTENCES = {
    "provider_unreachable": gettext_noop(
        "The model server at %(host)s is not reachable. Check that it is running and that the address is correct."
    ),
    "provider_key_refused": gettext_noop(
        "The model server at %(host)s rejected the API key. Enter a valid key in the connection."
    ),
    "provider_no_balance": gettext_noop(
        "The account at %(host)s has no credit left. Top it up at the provider."
    ),
    "provider_no_memory": gettext_noop(
        "The model server does not have enough free memory for the model “%(model)s”. Free memory on the server, or"
        " use a smaller model."
    ),
    "provider_not_understood": gettext_noop(
        "The server at %(host)s is not a model server of this type. Check the address and the type of the connection."
    ),
    "provider_too_much": gettext_noop(
        "The response from %(host)s exceeds the size limit. Check the address and the type of the connection."
    ),
    "provider_wrong_address": gettext_noop(
        "There is no model server of this type at this address of %(host)s. Check the address of the connection."
    ),
    "provider_redirects": gettext_noop(
        "%(host)s redirects to another address. Enter that address in the connection."
    ),
    "provider_bad_vectors": gettext_noop(
        "The embeddings of the model “%(model)s” are unusable. Check the model on its server."
    ),
}
"""Sentences for administrators, by the code of an error; `http.errors` has those for readers."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One result of a check; `details` are the values of its sentence."""

    code: str
    ok: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)
    said: Any = None
    """The stored sentence of a provider's error."""

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> "CheckResult":
        """Return the result of a stored row."""
        return cls(row["code"], row["ok"], row["details"], row.get("said"))

    @property
    def row(self) -> dict[str, Any]:
        """The result as JSON."""
        return {"code": self.code, "ok": self.ok, "details": dict(self.details), "said": self.said}

    @property
    def message(self) -> str:
        """The sentence of the result."""
        if self.code == REACHABLE and not self.details.get("version"):
            return _("The server is responding.")
        if self.code == MODEL_MISSING:
            return _(SENTENCES[self.code]) % {
                **self.details,
                "nearest": _nearest(self.details.get("nearest", [])),
            }
        if self.code == MODELS_FOUND:
            return _models_found(self.details)
        if known := SENTENCES.get(self.code):
            return _(known) % self.details
        if (
            (known := FAULT_SENTENCES.get(self.code))
            and isinstance(self.said, Mapping)
            and self.said["values"]
        ):
            return str(_(known) % self.said["values"])
        return read_again(self.said or self.code)


def _nearest(names: list[str]) -> str:
    if not names:
        return _("It has no model with a similar name.")
    return _("Similar names: %(names)s.") % {"names": listed(names)}


def _models_found(details: Mapping[str, Any]) -> str:
    said = {
        "chat": _("%(count)s chat"),
        "embedding": _("%(count)s embedding"),
        "rerank": _("%(count)s reranker"),
    }
    kinds = [
        said[kind] % {"count": count} for kind, count in details["kinds"].items() if kind in said
    ]
    return _("Models found: %(kinds)s.") % {"kinds": listed(kinds)}
