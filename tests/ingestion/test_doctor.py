"""Checks of doctor: isolation of parsing processes, office formats."""

import ctypes
import subprocess
import sys
from types import SimpleNamespace

import pytest

from embedded.health import doctor as health
from ingestion import doctor
from ingestion.parsing.sandbox import limits


def test_isolation_is_probed_in_a_process():
    tried = subprocess.run(
        [sys.executable, "-c", doctor.ISOLATION_PROBE],
        cwd=doctor.ROOT,
        check=True,
        capture_output=True,
    )

    finding = doctor.isolation()

    assert finding.ok
    assert ("no network access" in finding.detail) == tried.stdout.startswith(b"1")


@pytest.mark.parametrize(
    ("namespace", "socket_filter", "ok", "detail"),
    [
        (1, 1, True, "no network access and cannot open sockets"),
        (1, 0, True, "no system call filter is active"),
        (0, 1, True, "does not provide network namespaces"),
        (0, 0, False, "native libraries could still connect"),
    ],
)
def test_each_barrier_is_named_as_enforced_or_not(
    monkeypatch, namespace, socket_filter, ok, detail
):
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    monkeypatch.setattr(doctor, "ISOLATION_PROBE", f"print({namespace}, {socket_filter})")

    finding = doctor.isolation()

    assert finding.ok is ok
    assert detail in finding.detail


@pytest.mark.parametrize(("results", "left"), [([0], True), ([-1, 0], True), ([-1, -1], False)])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such networks")
def test_isolation_falls_back_to_the_second_barrier(monkeypatch, results, left):
    answers = iter(results)
    monkeypatch.setattr(
        ctypes, "CDLL", lambda *_, **__: SimpleNamespace(unshare=lambda flags: next(answers))
    )

    assert limits.leave_network() is left
    assert next(answers, None) is None


@pytest.mark.parametrize(
    ("program", "said"), [("/usr/bin/soffice", "/usr/bin/soffice converts"), (None, "LibreOffice")]
)
def test_doctor_reports_the_conversion_of_old_office_formats(monkeypatch, program, said):
    monkeypatch.setattr(doctor, "office_program", lambda: program)

    finding = doctor.office()

    assert finding.ok
    assert said in finding.detail


def test_the_checks_of_documents_are_registered():
    assert health.checks_of_apps()[-3:] == [doctor.originals, doctor.isolation, doctor.office]
