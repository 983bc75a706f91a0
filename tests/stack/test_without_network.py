"""The main job with the network cable pulled: it works, and nothing even tries to leave."""

import subprocess
import sys
from pathlib import Path

import pytest
from library_rules import write_all
from running import running

pytestmark = pytest.mark.stack
NO_NETWORK = str(Path(__file__).parents[1] / "fakes" / "no_network")
FIXTURES = Path(__file__).parents[1] / "fixtures"
KINDS = {".pdf", ".docx", ".pptx", ".xlsx", ".html", ".md", ".eml", ".csv", ".txt", ".epub", ".odt", ".rtf"}


def test_the_main_job_needs_no_network(tmp_path: Path):
    log = tmp_path / "tried"
    documents = write_all(tmp_path) + [path for path in sorted(FIXTURES.iterdir()) if path.suffix in KINDS]

    with running(PYTHONPATH=NO_NETWORK, TRIED_TO_LEAVE=str(log)) as server:
        token = server.token()
        slug = server.call("/api/v1/workspaces/", {"name": "Offline"}, token)["slug"]
        server.upload(slug, [(path.name, path.read_bytes()) for path in documents], token)
        server.wait_until_indexed(slug, token)
        ready = {row["name"] for row in server.documents(slug, token, "status=ready")}
        conversation = server.call(f"/api/v1/workspaces/{slug}/conversations/", {}, token)["id"]
        path = f"/api/v1/conversations/{conversation}/messages/"
        english = server.call(path, {"text": "How many books may a reader borrow at once?"}, token)
        chinese = server.call(path, {"text": "阅览室周末几点关门？"}, token)

    assert {"rules.pdf", "fines.docx", "规则.txt"} <= ready
    assert {Path(name).suffix for name in ready} == KINDS
    assert "twelve books" in english["text"]
    assert english["citations"][0]["page_from"] == 2
    assert "下午六点" in chinese["text"]
    assert not log.exists(), log.read_text(encoding="utf-8")


def test_the_guard_itself_sees_who_tries(tmp_path: Path):
    log = tmp_path / "tried"
    attempt = "import urllib.request; urllib.request.urlopen('http://example.org')"

    code = subprocess.run(
        [sys.executable, "-c", attempt],
        env={"PYTHONPATH": NO_NETWORK, "TRIED_TO_LEAVE": str(log)},
        capture_output=True,
        check=False,
    ).returncode

    assert code != 0
    assert "example.org" in log.read_text(encoding="utf-8")
