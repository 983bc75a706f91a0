"""What a check found, as rows that are kept, and the sentence for each in the reader's language.

How a check is made is in `connections.checks`.
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
    KEY_LOST: gettext_noop("Enter the key of this connection again."),
    REACHABLE: gettext_noop("The server answers (%(version)s)."),
    NO_MODELS: gettext_noop("The server answers but offers no model. Load one there, then check again."),
    PARSES: gettext_noop("The server read a page within %(seconds)s s."),
    MODEL_MISSING: gettext_noop("The server does not offer “%(model)s”. %(nearest)s"),
    EMBEDDING_SIZE: gettext_noop("“%(model)s” embeds into %(dimensions)s numbers."),
    FIRST_TOKEN: gettext_noop("“%(model)s” began to answer after %(seconds)s s."),
    SILENT: gettext_noop(
        "“%(model)s” said nothing within %(seconds)s s. It may still be loading; check again in a minute."
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found; `details` fill in the sentence."""

    code: str
    ok: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)
    said: Any = None
    """The sentence of a provider's error, as that is kept."""

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> "Finding":
        """Return a finding from what is kept of it."""
        return cls(row["code"], row["ok"], row["details"], row.get("said"))

    @property
    def row(self) -> dict[str, Any]:
        """What is kept of it."""
        return {"code": self.code, "ok": self.ok, "details": dict(self.details), "said": self.said}

    @property
    def message(self) -> str:
        """One sentence that says it."""
        if self.code == REACHABLE and not self.details.get("version"):
            return _("The server answers.")
        if self.code == MODEL_MISSING:
            return _(SENTENCES[self.code]) % {**self.details, "nearest": _nearest(self.details.get("nearest", []))}
        if self.code == MODELS_FOUND:
            return _models_found(self.details)
        if known := SENTENCES.get(self.code):
            return _(known) % self.details
        return read_again(self.said or self.code)


def _nearest(names: list[str]) -> str:
    if not names:
        return _("Nothing there has a name like it.")
    return _("Nearest in name: %(names)s.") % {"names": listed(names)}


def _models_found(details: Mapping[str, Any]) -> str:
    said = {
        "chat": _("%(count)s for answers"),
        "embedding": _("%(count)s for embedding"),
        "rerank": _("%(count)s for reranking"),
    }
    kinds = [said[kind] % {"count": count} for kind, count in details["kinds"].items() if kind in said]
    return _("Models found: %(kinds)s.") % {"kinds": listed(kinds)}
