"""What settings can be chosen from: the models that somebody may use, the modes, and in each case the default."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from accounts.models import User
from providers import registry
from providers.models import Connection
from providers.protocols import ModelInfo
from workspaces.models import Workspace

KINDS = {"chat_model": "chat", "embedding_model": "embedding", "rerank_model": "rerank"}


def model_choices(
    field: forms.Field, name: str, default: str, *, user: User | None = None, keep: object = None
) -> forms.ChoiceField:
    """Return a choice of models for the setting `name`; `keep` is what is chosen now, and may not be on the list."""
    infos = registry.available_models() if user is None else registry.models_for(user)
    usable = [(info.id, info.label) for info in infos if info.kind == KINDS[name]]
    if keep and str(keep) not in dict(usable):
        usable.append((str(keep), str(keep)))
    none = _("None") if name == "rerank_model" else default
    label = _label(default, registry.available_models()) or none
    default_label = _("Server default: %(default)s") if user else _("Built-in value: %(default)s")
    first = ("", default_label % {"default": label})
    return forms.ChoiceField(
        label=field.label, required=False, choices=[first, *usable], widget=forms.Select, initial=keep
    )


def own_modes(field: forms.Field, default: str) -> forms.Field:
    """Return the choice of modes with the default named."""
    assert isinstance(field, forms.TypedChoiceField)
    label = Workspace.Mode(default).label
    field.choices = [("", _("Server default: %(mode)s") % {"mode": label}), *Workspace.Mode.choices]
    return field


def read_or_left(field: forms.Field, *, default: bool) -> forms.TypedChoiceField:
    """Return the choice whether text in pictures is read, with the default named."""
    labels = {True: _("On"), False: _("Off")}
    first = ("", _("Server default: %(default)s") % {"default": labels[default]})
    return forms.TypedChoiceField(
        label=field.label,
        required=False,
        choices=[first, *((str(value), label) for value, label in labels.items())],
        coerce=lambda value: value == "True",
        empty_value=None,
        help_text=_("Each scanned page or image with text takes about five seconds."),
    )


def parse_servers(field: forms.Field, *, keep: object) -> forms.ChoiceField:
    """Return the choice of parse servers; `keep` is what is chosen now, and may be gone."""
    servers = dict(Connection.objects.enabled().of_parsing().values_list("slug", "name"))
    kept = {str(keep): str(keep)} if keep else {}
    return forms.ChoiceField(
        label=field.label,
        required=False,
        choices=[("", _("Built-in parsers")), *(kept | servers).items()],
        initial=keep,
        help_text=_("Parses PDF, images, Word and PowerPoint. If it does not respond, the built-in parsers are used."),
    )


def _label(model: str, infos: list[ModelInfo]) -> Any:
    return next((info.label for info in infos if info.id == model), "")
