"""The doctor says whether documents are read without a network."""

import ctypes
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.utils.module_loading import import_string

from ingestion import doctor
from ingestion.parsing import limits


def test_it_is_really_tried():
    finding = doctor.isolation()

    left = subprocess.run([sys.executable, "-c", doctor.TRY], cwd=doctor.ROOT, check=False).returncode == 0
    assert finding.ok
    assert ("have no network" in finding.detail) == left


def test_a_system_that_does_not_allow_it_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "TRY", "raise SystemExit(3)")

    assert "does not let them leave" in doctor.isolation().detail


@pytest.mark.parametrize(("results", "left"), [([0], True), ([-1, 0], True), ([-1, -1], False)])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such networks")
def test_the_second_way_is_tried_where_the_first_is_closed(monkeypatch, results, left):
    answers = iter(results)
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: SimpleNamespace(unshare=lambda flags: next(answers)))

    assert limits.leave_network() is left
    assert next(answers, None) is None


@pytest.mark.parametrize(("program", "said"), [("/usr/bin/soffice", "read by /usr/bin/soffice"), (None, "LibreOffice")])
def test_it_is_said_whether_old_office_formats_can_be_read(monkeypatch, program, said):
    monkeypatch.setattr(doctor, "office_program", lambda: program)

    finding = doctor.office()

    assert finding.ok
    assert said in finding.detail


def test_they_are_among_the_parts_that_are_looked_at(settings):
    looked_at = [import_string(path) for path in settings.DOCTOR_CHECKS if path.startswith("ingestion.")]
    assert looked_at == [doctor.isolation, doctor.office]
