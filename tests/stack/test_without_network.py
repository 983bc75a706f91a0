"""A session from set-up to an answer in an isolated, recorded network: no process sends a packet.

The container grants no nested namespaces, so the parsing child has no separate network namespace.
"""

import json
import os
import sys
from pathlib import Path

import pytest
from support.newcomer_walk import KINDS
from support.watched_network import run_watched

from embedded.privacy import NO_TELEMETRY
from embedded.terminal_language import ROOT

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a network to watch"),
]
TESTS = Path(__file__).parents[1]
# onnxruntime 1.31 asks for the address of its maker about 12 s after it made its first session.
WAIT_SECONDS = 20
LIBRARIES = """
import sys, time
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/platform"]
from contextlib import suppress
from pathlib import Path
import cv2, openai, pypdfium2, unstructured.documents.elements, unstructured.staging.base
from ingestion.errors.exceptions import UnreadableDocument
from ingestion.parsing import parse
pdf = Path(sys.argv[1]) / "tests/fixtures/picture.pdf"
with suppress(UnreadableDocument):
    parse(pdf, "application/pdf", name=pdf.name)
assert "onnxruntime" in sys.modules
openai.OpenAI(api_key="x", base_url="http://127.0.0.1:1/v1")
time.sleep(float(sys.argv[2]))
"""


def test_a_session_from_set_up_to_answer_sends_no_packet():
    walk = [sys.executable, str(TESTS / "support" / "newcomer_walk.py"), str(WAIT_SECONDS)]

    watched = run_watched(
        walk, env={**os.environ, "PYTHONPATH": f"{TESTS}:{ROOT}:{ROOT / 'platform'}"}
    )

    assert watched.returncode == 0, watched.output
    found = json.loads(watched.output.splitlines()[-1])
    assert {"rules.pdf", "fines.docx", "规则.txt", "scan.png"} <= set(found["ready"])
    assert {Path(name).suffix for name in found["ready"]} == KINDS
    assert found["search"] == "rules.pdf"
    assert "twelve books" in found["english"]["text"]
    assert found["english"]["citations"][0]["page_from"] == 2
    assert "下午六点" in found["chinese"]["text"]
    assert found["served"]["status"] == "done"
    assert found["doctor"] == 0
    assert watched.packets == []


def test_native_libraries_send_no_packet_without_a_network_barrier():
    program = [sys.executable, "-c", LIBRARIES, str(ROOT), str(WAIT_SECONDS)]

    watched = run_watched(program, env={"PATH": os.environ["PATH"], **NO_TELEMETRY})

    assert watched.returncode == 0, watched.output
    assert watched.packets == []


def test_the_recorder_sees_a_native_resolver_and_a_connection():
    attempts = "import socket\ntry: socket.create_connection(('203.0.113.9', 443), 1)\nexcept OSError: pass"

    names = run_watched(["getent", "hosts", "example.org"])
    connection = run_watched([sys.executable, "-c", attempts])

    assert any("example.org" in packet for packet in names.packets)
    assert [packet.split(":")[0] for packet in connection.packets[:1]] == [
        "TCP to 203.0.113.9 port 443"
    ]
