"""Connections that the environment asks for, and background checks of connections."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from support.model_server import CHAT, make_connection, make_model

from providers import key_encryption
from providers.connections import doctor
from providers.connections.refresh import refresh_model_lists
from providers.exceptions import ProviderUnavailable
from providers.models import Connection, Model

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


def test_a_refresh_finds_models_and_checks_the_connection(served):
    make_connection()

    refresh_model_lists()

    assert set(Model.objects.values_list("name", flat=True)) == {"llama3.2:3b", "all-minilm:latest"}
    assert Connection.objects.get().is_well
    assert Connection.objects.get().checked is not None


def test_a_server_that_is_down_is_reported_and_keeps_its_models(served):
    connection = make_connection()
    make_model(connection, CHAT, last_seen=timezone.now() - timedelta(hours=1))
    served.ill = ProviderUnavailable("Nobody there.")

    refresh_model_lists()

    assert [finding.message for finding in Connection.objects.get().found] == ["Nobody there."]
    assert Model.objects.get().is_offered


def test_a_server_that_works_again_passes_its_check(served):
    make_connection()
    served.ill = ProviderUnavailable("Nobody there.")
    refresh_model_lists()
    served.ill = None

    refresh_model_lists()

    assert Connection.objects.get().is_well


def test_recently_refreshed_and_disabled_connections_get_no_request(served):
    make_model(make_connection("One"), CHAT)
    make_connection("Two", enabled=False)

    refresh_model_lists()

    assert served.keys == []


def test_the_doctor_reports_enabled_servers_that_do_not_answer():
    make_connection("Lab")
    make_connection("Attic", enabled=False)

    finding = doctor.connections()

    assert not finding.ok
    assert "Lab: The model server at 127.0.0.1:9 is not reachable." in finding.detail
    assert "Attic" not in finding.detail


def test_the_doctor_names_connections_with_a_lost_key(data_dir, served):
    make_connection("Lab", key="sk")
    assert doctor.connections().ok

    (data_dir / key_encryption.KEY_FILE).unlink()

    finding = doctor.connections()
    assert not finding.ok
    assert "Lab" in finding.detail
    assert "Enter the keys again" in finding.advice
