"""Forms of workspaces and members."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, User
from providers.connections.defaults import default
from workspaces.choices import (
    KIND_BY_SETTING,
    mode_choices,
    model_choices,
    ocr_choices,
    parse_server_choices,
)
from workspaces.models import Role, Workspace
from workspaces.services import find_holder


class WorkspaceForm(forms.ModelForm[Workspace]):
    """A new workspace."""

    class Meta:
        model = Workspace
        fields = ["name", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}


class SettingsForm(forms.ModelForm[Workspace]):
    """The settings of a workspace.

    An empty field means the server's default, which is its placeholder.
    """

    class Meta:
        model = Workspace
        fields = [
            *("name", "description", "chat_model", "mode", "top_k", "system_prompt"),
            *(
                "embedding_model",
                "rerank_model",
                "chunk_tokens",
                "chunk_overlap",
                "ocr",
                "parse_server",
            ),
        ]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 3}),
            "system_prompt": forms.Textarea(attrs={"rows": 5}),
        }
        help_texts = {
            "chunk_tokens": _("Reduced automatically if the embedding model has a smaller limit.")
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("top_k", "chunk_tokens", "chunk_overlap"):
            self.fields[name].widget.attrs["placeholder"] = default(name)
        self.fields["mode"] = mode_choices(self.fields["mode"], str(default("mode")))
        self.fields["ocr"] = ocr_choices(self.fields["ocr"], default=bool(default("ocr")))
        self.fields["parse_server"] = parse_server_choices(
            self.fields["parse_server"], keep=self.instance.parse_server
        )
        for name in KIND_BY_SETTING:
            own = getattr(self.instance, name)
            self.fields[name] = model_choices(
                self.fields[name], name, str(default(name)), user=user, keep=own
            )

    def clean(self) -> dict[str, Any]:
        """Convert empty text to None, which means the server's default."""
        cleaned = super().clean() or self.cleaned_data
        names = ("mode", "system_prompt", "parse_server", *KIND_BY_SETTING)
        return {**cleaned, **{name: cleaned.get(name) or None for name in names}}


class MemberForm(forms.Form):
    """A new member: a person by e-mail address, or a group."""

    email = forms.EmailField(label=_("E-mail address"), required=False)
    group = forms.CharField(
        label=_("or a group name"),
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"list": "own-groups", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.VIEWER)

    def clean(self) -> dict[str, Any]:
        """Find the user or the group, of which exactly one must be given."""
        cleaned = super().clean() or self.cleaned_data
        if bool(cleaned.get("email")) == bool(cleaned.get("group")):
            raise forms.ValidationError(_("Enter either an e-mail address or a group."))
        cleaned["holder"] = find_holder(
            email=cleaned.get("email", ""), group=cleaned.get("group", "")
        )
        return cleaned

    @property
    def holder(self) -> User | Group:
        """The user or group of the valid form."""
        holder: User | Group = self.cleaned_data["holder"]
        return holder
