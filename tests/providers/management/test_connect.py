"""`manage.py connect`: connections of environment variables."""

import pytest
from django.core.management import call_command

from providers.models import Connection

pytestmark = pytest.mark.django_db


def test_environment_variables_create_connections_without_requests(monkeypatch):
    monkeypatch.setenv("OLLAMA_URL", "http://gpu:11434/")
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-env")

    call_command("connect")

    ollama, deepseek = (
        Connection.objects.get(slug="ollama"),
        Connection.objects.get(slug="deepseek"),
    )
    assert (ollama.kind, ollama.base_url, ollama.api_key) == ("ollama", "http://gpu:11434", "")
    assert (deepseek.kind, deepseek.base_url, deepseek.api_key) == (
        "openai",
        "https://api.deepseek.com",
        "sk-env",
    )


def test_a_deleted_connection_is_not_created_again(monkeypatch):
    monkeypatch.setenv("OLLAMA_URL", "http://gpu:11434")
    call_command("connect")
    call_command("connect")
    assert Connection.objects.count() == 1

    Connection.objects.all().delete()
    call_command("connect")

    assert not Connection.objects.exists()


def test_an_invalid_address_is_reported_and_can_be_corrected(monkeypatch, capsys):
    monkeypatch.setenv("OLLAMA_URL", "gpu")
    call_command("connect")
    said = capsys.readouterr().err
    monkeypatch.setenv("OLLAMA_URL", "http://gpu")
    call_command("connect")

    assert said.startswith("OLLAMA_URL: Enter an address that starts with http")
    assert Connection.objects.get().base_url == "http://gpu"
