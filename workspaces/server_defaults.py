"""The page of the server's defaults, which workspaces use for settings that they leave empty."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.api.permissions import administrator_required
from providers.connections.defaults import change_defaults, default
from web.requests import AuthenticatedHttpRequest
from workspaces.choices import mode_choices, model_choices
from workspaces.models import Workspace
from workspaces.services import MODEL_SETTINGS


class DefaultsForm(forms.ModelForm[Workspace]):
    """The server's defaults; an empty field means the value of `settings.WORKSPACE_DEFAULTS`."""

    class Meta:
        model = Workspace
        fields = [
            *MODEL_SETTINGS,
            "mode",
            "system_prompt",
            "top_k",
            "temperature",
            "history_messages",
        ]
        widgets = {"system_prompt": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in MODEL_SETTINGS:
            built_in = str(settings.WORKSPACE_DEFAULTS[name])
            self.fields[name] = model_choices(self.fields[name], name, built_in, keep=default(name))
        self.fields["mode"] = mode_choices(
            self.fields["mode"], str(settings.WORKSPACE_DEFAULTS["mode"]), built_in=True
        )
        for name in ("top_k", "temperature", "history_messages"):
            self.fields[name].widget.attrs["placeholder"] = settings.WORKSPACE_DEFAULTS[name]


@administrator_required
@require_http_methods(["GET", "POST"])
def server_defaults(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show and change the server's defaults."""
    current = {name: default(name) for name in DefaultsForm.Meta.fields}
    initial = {
        name: value for name, value in current.items() if value != settings.WORKSPACE_DEFAULTS[name]
    }
    form = DefaultsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        wanted = {name: None if value == "" else value for name, value in form.cleaned_data.items()}
        changes = {name: value for name, value in wanted.items() if value != initial.get(name)}
        change_defaults(changes, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("server_defaults")
    return render(
        request,
        "workspaces/server_defaults.html",
        {"form": form},
        status=400 if form.errors else 200,
    )
