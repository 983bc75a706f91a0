"""Pages for administrators: connections and their models."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.api.permissions import administrator_required
from providers.connections import services
from providers.connections.forms import ConnectionForm, ModelForm
from providers.models import Connection, Model
from web.exceptions import Refusal
from web.partials import render_page_or_partial
from web.requests import AuthenticatedHttpRequest


@administrator_required
@require_http_methods(["GET", "POST"])
def connection_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    """All connections; the form creates one, whose page then checks it."""
    form = ConnectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = {**form.changes, "api_key": form.changes["api_key"] or ""}
        made = _save_or_report(form, lambda: services.create_connection(**values, by=request.user))
        if made is not None:
            return redirect("connection_detail", made.pk)
    connections = Connection.objects.visible_to(request.user).prefetch_related("offered")
    context = {"connections": connections, "form": form}
    return render(
        request, "providers/connection_list.html", context, status=400 if form.errors else 200
    )


@administrator_required
@require_http_methods(["GET", "POST"])
def connection_detail(request: AuthenticatedHttpRequest, connection_id: str) -> HttpResponse:
    """One connection: results of the last check, models, and a form to change it."""
    connection = _connection(request, connection_id)
    form = ConnectionForm(request.POST or None, instance=_connection(request, connection_id))
    if request.method == "POST" and form.is_valid():
        before = (connection.kind, connection.base_url, connection.sealed_key)
        if _save_or_report(
            form, lambda: services.change_connection(connection, by=request.user, **form.changes)
        ):
            messages.success(request, _("Saved."))
            is_same = before == (connection.kind, connection.base_url, connection.sealed_key)
            return redirect(request.path if is_same else f"{request.path}?check=now")
    return _rendered(
        request, connection, form, check_now="check" in request.GET or connection.checked is None
    )


@administrator_required
@require_POST
def connection_check(request: AuthenticatedHttpRequest, connection_id: str) -> HttpResponse:
    """Check a connection and show the results."""
    connection = services.check_connection(_connection(request, connection_id), by=request.user)
    if not request.htmx:
        return redirect("connection_detail", connection_id)
    return _rendered(request, connection, ConnectionForm(instance=connection))


@administrator_required
@require_POST
def connection_delete(request: AuthenticatedHttpRequest, connection_id: str) -> HttpResponse:
    """Delete a connection; settings that use its models return to the server's defaults."""
    connection = _connection(request, connection_id)
    services.delete_connection(connection, by=request.user)
    messages.success(
        request, _("The connection “%(name)s” has been deleted.") % {"name": connection}
    )
    return redirect("connection_list")


@administrator_required
@require_http_methods(["GET", "POST"])
def model_detail(
    request: AuthenticatedHttpRequest, connection_id: str, offered_id: str
) -> HttpResponse:
    """The settings of one model."""
    model = _model(request, connection_id, offered_id)
    form = ModelForm(
        request.POST or None,
        instance=_model(request, connection_id, offered_id),
        initial={"is_default": services.is_default_model(model)},
    )

    def save() -> Model:
        return services.change_model(model, by=request.user, **form.cleaned_data)

    if request.method == "POST" and form.is_valid() and _save_or_report(form, save):
        messages.success(request, _("Saved."))
        return redirect("connection_detail", connection_id)
    context = {"model": model, "form": form}
    return render(
        request, "providers/model_detail.html", context, status=400 if form.errors else 200
    )


def _connection(request: AuthenticatedHttpRequest, pk: str) -> Connection:
    return get_object_or_404(Connection.objects.visible_to(request.user), pk=pk)


def _model(request: AuthenticatedHttpRequest, connection_id: str, pk: str) -> Model:
    rows = Model.objects.visible_to(request.user).select_related("connection")
    return get_object_or_404(rows, connection=connection_id, pk=pk)


def _rendered(
    request: AuthenticatedHttpRequest,
    connection: Connection,
    form: ConnectionForm,
    *,
    check_now: bool = False,
) -> HttpResponse:
    models = list(connection.offered.select_related("connection").prefetch_related("groups"))
    for model in models:
        model.is_default = services.is_default_model(model)  # type: ignore[attr-defined] # for the template
    context = {"connection": connection, "models": models, "form": form, "check_now": check_now}
    status = 400 if form.is_bound and form.errors else 200
    template, partial = "providers/connection_detail.html", "connection-state"
    return render_page_or_partial(request, template, context, partial=partial, status=status)


def _save_or_report(form: BaseForm, save: Callable[[], Any]) -> Any:
    """Return the result of `save`, or None after adding its errors to the form."""
    try:
        return save()
    except ValidationError as error:
        form.add_error(None, error)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
    return None
