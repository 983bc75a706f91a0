"""Pages of set-up, sign-in and the user's own account. `administration` has other users."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.exceptions import AccountRefusal, TooManySignIns, WrongPassword
from accounts.forms import PasswordForm, ProfileForm, SetupForm, SignInForm, TokenForm
from accounts.models import ApiToken, User
from accounts.sign_in import setup
from accounts.sign_in.addresses import address_of
from accounts.sign_in.devices import device_of, remember_device
from web.api.problems import with_retry_after
from web.requests import AuthenticatedHttpRequest, HttpRequest


@never_cache
@require_http_methods(["GET", "POST"])
def setup_server(request: HttpRequest) -> HttpResponse:
    """Create the first administrator and sign them in."""
    if not services.first_administrator_missing():
        return redirect("login")
    form = SetupForm(request.POST or None, with_code=setup.needs_code(request))
    if request.method == "POST" and form.is_valid():
        if "code" in form.fields:
            try:
                services.accept_setup_code(form.cleaned_data["code"], address=address_of(request))
            except AccountRefusal as refusal:
                form.add_error("code", str(refusal))
                return render(request, "accounts/setup.html", {"form": form}, status=403)
        values = {name: form.cleaned_data[name] for name in ("email", "name", "password")}
        try:
            user = services.create_first_administrator(**values)
        except TooManySignIns as refusal:
            return _refused(request, "accounts/setup.html", form, refusal)
        except AccountRefusal as refusal:
            # Another visitor has created the administrator since the form was shown.
            messages.error(request, str(refusal))
            return redirect("login")
        return _signed_in(request, user, "workspace_list")
    return render(
        request, "accounts/setup.html", {"form": form}, status=400 if form.errors else 200
    )


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with e-mail address and password."""
    if services.first_administrator_missing():
        return redirect("setup")
    if request.user.is_authenticated:
        return redirect(_next_page(request))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            device = device_of(request, form.cleaned_data["email"])
            user = services.sign_in(**form.cleaned_data, address=address_of(request), device=device)
        except AccountRefusal as refusal:
            form.focus_password()
            return _refused(request, "accounts/login.html", form, refusal)
        return _signed_in(request, user, _next_page(request))
    context = {"form": form, "next": request.GET.get("next", "")}
    return render(request, "accounts/login.html", context, status=400 if form.errors else 200)


def _refused(
    request: HttpRequest, template: str, form: BaseForm, refusal: AccountRefusal
) -> HttpResponse:
    form.add_error(None, str(refusal))
    return with_retry_after(
        render(request, template, {"form": form}, status=refusal.status), refusal
    )


def _signed_in(request: HttpRequest, user: User, page: str) -> HttpResponse:
    login(request, user)
    response = redirect(page)
    remember_device(response, user.email)
    return response


def _next_page(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else "workspace_list"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return redirect("login")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def account(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Name, language, theme, password and tokens of the user."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        response = redirect("account")
        # The cookie would override the choice “Browser default”.
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return response
    return _account_page(request, form=form)


def _account_page(request: AuthenticatedHttpRequest, **context: object) -> HttpResponse:
    forms: dict[str, object] = {
        "form": ProfileForm(instance=request.user),
        "password_form": PasswordForm(request.user),
        "token_form": TokenForm(),
        "tokens": ApiToken.objects.visible_to(request.user),
        **context,
    }
    wrong = any(getattr(form, "errors", None) for form in context.values())
    return render(request, "accounts/account.html", forms, status=400 if wrong else 200)


@login_required
@require_POST
def password_change(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Change the user's own password; this session continues, all others end."""
    form = PasswordForm(request.user, request.POST)
    if not form.is_valid():
        return _account_page(request, password_form=form)
    old, new = form.cleaned_data["old_password"], form.cleaned_data["password"]
    try:
        services.change_password(request.user, old=old, new=new, address=address_of(request))
    except WrongPassword:
        form.add_error("old_password", _("The current password is wrong."))
        return _account_page(request, password_form=form)
    except AccountRefusal as refusal:
        form.add_error(None, str(refusal))
        return with_retry_after(_account_page(request, password_form=form), refusal)
    update_session_auth_hash(request, request.user)
    messages.success(request, _("Your password has been changed."))
    return redirect("account")


@never_cache
@login_required
@require_POST
def token_create(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Create a token and show it once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _account_page(request, token_form=form)
    _token, raw = services.create_token(user=request.user, **form.cleaned_data)
    return _account_page(request, new_token=raw)


@login_required
@require_POST
def token_revoke(request: AuthenticatedHttpRequest, token_id: str) -> HttpResponse:
    """Revoke a token of the user."""
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), pk=token_id)
    services.revoke_token(token, by=request.user)
    messages.success(request, _("The token has been revoked."))
    return redirect("account")
