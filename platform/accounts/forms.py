"""Forms of accounts, users and groups. Rules belong to `services` and the models."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, User

NEW_PASSWORD_ATTRIBUTES = {"autocomplete": "new-password"}


class SignInForm(forms.Form):
    """E-mail address and password."""

    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def focus_password(self) -> None:
        """Put the focus on the password, for another attempt with the same address."""
        self.fields["email"].widget.attrs["autofocus"] = False
        self.fields["password"].widget.attrs["autofocus"] = True


class UserForm(forms.ModelForm[User]):
    """A user, for administrators, who pass the password on to the user."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs=NEW_PASSWORD_ATTRIBUTES),
        help_text=_("Leave blank to keep the current password."),
    )

    class Meta:
        model = User
        fields = ["email", "name", "is_admin", "is_active"]

    def clean_password(self) -> str:
        """Validate the password."""
        password: str = self.cleaned_data["password"]
        if password:
            password_validation.validate_password(password, self.instance)
        return password


class NewUserForm(UserForm):
    """A new user, whose password is required."""

    class Meta(UserForm.Meta):
        fields = ["email", "name", "is_admin"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].required = True
        self.fields["password"].help_text = _(
            "At least 8 characters. The user can change it later."
        )


class SetupForm(NewUserForm):
    """The first administrator; `with_code` asks for the set-up code."""

    code = forms.CharField(
        label=_("Setup code"), help_text=_("Shown in the terminal that runs the server.")
    )

    class Meta(UserForm.Meta):
        fields = ["email", "name"]

    def __init__(self, *args: Any, with_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = _("At least 8 characters.")
        if not with_code:
            del self.fields["code"]


class ProfileForm(forms.ModelForm[User]):
    """Name, language and theme of the signed-in user."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("Browser default")), *settings.LANGUAGES],
    )

    class Meta:
        model = User
        fields = ["name", "language", "theme"]


class PasswordForm(forms.Form):
    """A new password with the present one, which the service checks after the form is valid."""

    old_password = forms.CharField(
        label=_("Current password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs=NEW_PASSWORD_ATTRIBUTES),
        help_text=_("At least 8 characters."),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Validate the new password."""
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.user)
        return password


class TokenForm(forms.Form):
    """An API token."""

    name = forms.CharField(label=_("Name (e.g. “backup script”)"), max_length=100)
    expires_in_days = forms.IntegerField(
        label=_("Expires in (days)"), min_value=1, max_value=3650, initial=365
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The account page has another form with a field `name`, and element ids must be unique.
        super().__init__(*args, **{"auto_id": "token_%s", **kwargs})


class GroupForm(forms.ModelForm[Group]):
    """A group and its members."""

    members = forms.ModelMultipleChoiceField(
        label=_("Members"),
        queryset=User.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Group
        fields = ["name", "members"]
