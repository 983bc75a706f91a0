"""Administrators created on the command line, the set-up code, and expired sessions."""

import os
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone
from support.factories import PASSWORD, make_user

from accounts import services
from accounts.models import User
from accounts.sign_in import setup

pytestmark = pytest.mark.django_db


def test_set_up_stays_open_without_an_administrator(browse, reader):
    assert browse().get("/login/")["Location"] == "/setup/"

    make_user("Ada", is_admin=True)

    assert browse().get("/setup/")["Location"] == "/login/"


def test_the_first_administrator_removes_the_set_up_code(
    django_capture_on_commit_callbacks,
):
    used = setup.setup_code()

    with django_capture_on_commit_callbacks(execute=True):
        services.create_first_administrator(email="ada@example.org", name="Ada", password=PASSWORD)

    assert setup.setup_code() != used


def test_the_file_of_the_set_up_code_is_private(settings):
    code = setup.setup_code()

    assert setup.setup_code() == code
    assert (settings.DATA_DIR / setup.SETUP_CODE_FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "options", [{"email": "new@example.org"}, {"email": "rui@example.org", "reset": True}]
)
def test_a_weak_password_is_refused_on_the_command_line(reader, monkeypatch, options):
    monkeypatch.setenv("ADMIN_PASSWORD", "short")

    with pytest.raises(CommandError, match="too short"):
        call_command("createadmin", **options)

    assert not User.objects.filter(is_admin=True).exists()


def test_only_expired_sessions_are_deleted():
    for key, days in (("live", 1), ("expired", -1)):
        Session.objects.create(session_key=key, expire_date=timezone.now() + timedelta(days=days))

    services.forget_old_sessions()

    assert Session.objects.get().session_key == "live"


def test_processes_that_start_concurrently_print_the_same_code(settings, monkeypatch):
    link = os.link

    def link_after_another(written, path):
        monkeypatch.setattr(os, "link", link)
        others.append(setup.setup_code())
        link(written, path)

    others: list[str] = []
    monkeypatch.setattr(os, "link", link_after_another)

    assert setup.setup_code() == others[0]
