"""Forms of connections and models. The rules of changes belong to `services`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Group
from providers.models import Connection, Model


class ConnectionForm(forms.ModelForm[Connection]):
    """A connection. Its key is write-only."""

    api_key = forms.CharField(
        label=_("API key"),
        required=False,
        max_length=4000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("API key from your provider. Not needed for Ollama."),
    )

    class Meta:
        model = Connection
        fields = ["name", "kind", "base_url", "enabled"]
        help_texts = {
            "base_url": _(
                "Ollama: http://localhost:11434\n"
                "DeepSeek: https://api.deepseek.com\n"
                "Unstructured: http://localhost:8000\n"
                "docling-serve: http://localhost:5001"
            ),
            "enabled": _("Turn off to stop using this connection."),
        }
        widgets = {"base_url": forms.URLInput(attrs={"placeholder": "http://localhost:11434"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.has_key:
            self.fields["api_key"].help_text = _(
                "A key is saved. Leave blank to keep it; re-enter it if you change the host."
            )

    @property
    def changes(self) -> dict[str, Any]:
        """The changes of the valid form; an empty key keeps the stored one."""
        return {**self.cleaned_data, "api_key": self.cleaned_data["api_key"] or None}


class ModelForm(forms.ModelForm[Model]):
    """The settings of a model."""

    is_default = forms.BooleanField(
        label=_("Server default"),
        required=False,
        help_text=_("Used by workspaces that have no model of their own."),
    )
    groups = forms.ModelMultipleChoiceField(
        label=_("Only for these groups (select none to allow everyone)"),
        queryset=Group.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Model
        fields = ["label", "kind", "context_tokens", "takes_system_prompt", "enabled", "groups"]
        help_texts = {
            "label": _("Leave blank to use the model's name."),
            "context_tokens": _("Leave blank if unknown."),
            "takes_system_prompt": _(
                "Turn off for models such as DeepSeek-R1 that expect instructions together with the question."
            ),
            "enabled": _("Turn off to hide this model from users."),
        }
