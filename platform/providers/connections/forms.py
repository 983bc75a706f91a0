"""What administrators type about connections and models. Rules stand in `services`; here is only asking."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Group
from providers.models import Connection, Model


class ConnectionForm(forms.ModelForm[Connection]):
    """A model server. Its key is typed and never shown again."""

    api_key = forms.CharField(
        label=_("Key"),
        required=False,
        max_length=4000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("As the server's operator gave it to you. Ollama needs none."),
    )

    class Meta:
        model = Connection
        fields = ["name", "kind", "base_url", "enabled"]
        help_texts = {
            "base_url": _(
                "Ollama: http://localhost:11434 · DeepSeek: https://api.deepseek.com"
                " · Unstructured: http://localhost:8000 · docling-serve: http://localhost:5001"
            ),
            "enabled": _("It may be used."),
        }
        widgets = {"base_url": forms.URLInput(attrs={"placeholder": "http://localhost:11434"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.has_key:
            self.fields["api_key"].help_text = _(
                "One is kept. Leave this empty to keep it; with another host it must be entered again."
            )

    @property
    def changes(self) -> dict[str, Any]:
        """What the valid form asks for; an empty key means the one that is there."""
        return {**self.cleaned_data, "api_key": self.cleaned_data["api_key"] or None}


class ModelForm(forms.ModelForm[Model]):
    """What administrators say of a model."""

    is_default = forms.BooleanField(
        label=_("The server's default"), required=False, help_text=_("Workspaces that say nothing else use it.")
    )
    groups = forms.ModelMultipleChoiceField(
        label=_("Only for these groups (none means everybody)"),
        queryset=Group.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Model
        fields = ["label", "kind", "context_tokens", "takes_system_prompt", "enabled", "groups"]
        help_texts = {
            "label": _("What people read when they choose it. Empty means its own name."),
            "context_tokens": _("How much it can read at once. Empty means that nobody knows."),
            "takes_system_prompt": _("Off for models like DeepSeek-R1, which want them with the question."),
            "enabled": _("It can be chosen and asked."),
        }
