"""The periodic refresh of lists of models."""

from datetime import timedelta

import pytest
from django.utils import timezone
from support.model_server import CHAT, make_connection, make_model

from providers.connections.refresh import refresh_model_lists
from providers.exceptions import ProviderUnavailable
from providers.models import Connection, Model

pytestmark = pytest.mark.django_db


def test_a_refresh_finds_models_and_checks_the_connection(served):
    make_connection()

    refresh_model_lists()

    assert set(Model.objects.values_list("name", flat=True)) == {"llama3.2:3b", "all-minilm:latest"}
    assert Connection.objects.get().is_well
    assert Connection.objects.get().checked is not None


def test_a_server_that_is_down_is_reported_and_keeps_its_models(served):
    connection = make_connection()
    make_model(connection, CHAT, last_seen=timezone.now() - timedelta(hours=1))
    served.ill = ProviderUnavailable("No answer.")

    refresh_model_lists()

    assert [finding.message for finding in Connection.objects.get().found] == ["No answer."]
    assert Model.objects.get().is_offered


def test_a_server_that_works_again_passes_its_check(served):
    make_connection()
    served.ill = ProviderUnavailable("No answer.")
    refresh_model_lists()
    served.ill = None

    refresh_model_lists()

    assert Connection.objects.get().is_well


def test_recently_refreshed_and_disabled_connections_get_no_request(served):
    make_model(make_connection("One"), CHAT)
    make_connection("Two", enabled=False)

    refresh_model_lists()

    assert served.keys == []
