"""Form fields for models, modes and parse servers; the first choice is the server's default."""

from django import forms
from django.utils.translation import gettext as _

from accounts.models import User
from providers import registry
from providers.models import Connection
from workspaces.models import Workspace

KIND_BY_SETTING = {"chat_model": "chat", "embedding_model": "embedding", "rerank_model": "rerank"}


def model_choices(
    field: forms.Field, name: str, default: str, *, user: User | None = None, keep: object = None
) -> forms.ChoiceField:
    """Return a field of the models for the setting `name`.

    `keep` is the current choice, which may not be offered.
    """
    infos = registry.available_models() if user is None else registry.models_for(user)
    usable = [(info.id, info.label) for info in infos if info.kind == KIND_BY_SETTING[name]]
    if keep and str(keep) not in dict(usable):
        usable.append((str(keep), str(keep)))
    none = _("None") if name == "rerank_model" else default
    labels = {info.id: info.label for info in registry.available_models()}
    label = labels.get(default) or none
    default_label = _("Server default: %(default)s") if user else _("Built-in value: %(default)s")
    first = ("", default_label % {"default": label})
    return forms.ChoiceField(
        label=field.label,
        required=False,
        choices=[first, *usable],
        widget=forms.Select,
        initial=keep,
    )


def mode_choices(field: forms.Field, default: str, *, built_in: bool = False) -> forms.Field:
    """Return the field of modes with the default's label."""
    assert isinstance(field, forms.TypedChoiceField)
    label = Workspace.Mode(default).label
    default_label = (
        _("Built-in value: %(default)s") if built_in else _("Server default: %(default)s")
    )
    field.choices = [("", default_label % {"default": label}), *Workspace.Mode.choices]
    return field


def ocr_choices(field: forms.Field, *, default: bool) -> forms.TypedChoiceField:
    """Return the field of OCR with the default's label."""
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


def parse_server_choices(field: forms.Field, *, keep: object) -> forms.ChoiceField:
    """Return the field of parse servers; `keep` is the current choice, which may be deleted."""
    servers = dict(Connection.objects.enabled().of_parsing().values_list("slug", "name"))
    kept = {str(keep): str(keep)} if keep else {}
    return forms.ChoiceField(
        label=field.label,
        required=False,
        choices=[("", _("Built-in parsers")), *(kept | servers).items()],
        initial=keep,
        help_text=_(
            "Parses PDF, images, Word and PowerPoint. If it does not respond, the built-in parsers are used."
        ),
    )
