"""The check of connections by `manage.py doctor`."""

import pytest
from support.model_server import make_connection

from providers import key_encryption
from providers.connections import doctor

pytestmark = pytest.mark.django_db


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
