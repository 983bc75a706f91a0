"""Pages for administrators: users and groups."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.api.permissions import administrator_required
from accounts.exceptions import AccountRefusal
from accounts.forms import GroupForm, NewUserForm, UserForm
from accounts.models import Group, User
from web.requests import AuthenticatedHttpRequest


@administrator_required
@require_http_methods(["GET", "POST"])
def user_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    """All users; the form creates one."""
    form = NewUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with _errors_added_to(form):
            user = services.create_user(**form.cleaned_data, by=request.user)
            messages.success(request, _("%(name)s can sign in now.") % {"name": user})
            return redirect("user_list")
    context = {"users": User.objects.visible_to(request.user), "form": form}
    return render(request, "accounts/user_list.html", context, status=400 if form.errors else 200)


@administrator_required
@require_http_methods(["GET", "POST"])
def user_detail(request: AuthenticatedHttpRequest, user_id: str) -> HttpResponse:
    """Change a user: name, address, password, administrator, active."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=user_id)
    form = UserForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        stored = User.objects.get(pk=person.pk)  # The form has already changed its own instance.
        with _errors_added_to(form):
            services.change_user(stored, by=request.user, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("user_list")
    context = {"person": person, "form": form}
    return render(request, "accounts/user_detail.html", context, status=400 if form.errors else 200)


@contextmanager
def _errors_added_to(form: forms.BaseForm) -> Iterator[None]:
    """Add errors of the service to `form`, for example a name that was taken meanwhile."""
    try:
        yield
    except AccountRefusal as refusal:
        form.add_error(None, str(refusal))
    except ValidationError as error:
        form.add_error(None, error)


@administrator_required
@require_http_methods(["GET", "POST"])
def group_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    """All groups; the form creates one."""
    form = GroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with _errors_added_to(form):
            services.create_group(
                name=form.cleaned_data["name"],
                members=list(form.cleaned_data["members"]),
                by=request.user,
            )
            return redirect("group_list")
    groups = Group.objects.visible_to(request.user).prefetch_related("members")
    return render(
        request,
        "accounts/group_list.html",
        {"groups": groups, "form": form},
        status=400 if form.errors else 200,
    )


@administrator_required
@require_http_methods(["GET", "POST"])
def group_detail(request: AuthenticatedHttpRequest, group_id: str) -> HttpResponse:
    """Change a group's name and members."""
    group = get_object_or_404(Group.objects.visible_to(request.user), pk=group_id)
    form = GroupForm(request.POST or None, instance=group)
    if request.method == "POST" and form.is_valid():
        with _errors_added_to(form):
            services.change_group(group, by=request.user, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("group_list")
    context = {"group": group, "form": form}
    return render(
        request, "accounts/group_detail.html", context, status=400 if form.errors else 200
    )


@administrator_required
@require_POST
def group_delete(request: AuthenticatedHttpRequest, group_id: str) -> HttpResponse:
    """Delete a group and its roles."""
    group = get_object_or_404(Group.objects.visible_to(request.user), pk=group_id)
    services.delete_group(group, by=request.user)
    return redirect("group_list")
