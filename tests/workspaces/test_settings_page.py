"""The page of a workspace's settings; empty fields mean the server's defaults."""

import pytest

from ingestion.index.fingerprint import make_of
from ingestion.pipeline.parser_pool import options_of
from providers.connections.services import create_connection
from workspaces.models import Workspace


@pytest.fixture
def page(workspace):
    return f"/w/{workspace.slug}/settings/"


@pytest.mark.parametrize(
    ("chosen", "kept", "reads"), [("False", False, False), ("True", True, True), ("", None, True)]
)
def test_owners_switch_ocr_on_and_off(browse, owner, workspace, page, chosen, kept, reads):
    before = make_of(workspace)

    answer = browse(owner).post(page, {"name": workspace.name, "ocr": chosen})

    changed = Workspace.objects.get(pk=workspace.pk)
    assert answer.status_code == 302
    assert changed.ocr is kept
    assert options_of(changed).ocr is reads
    assert (make_of(changed) == before) is reads


def test_the_current_choice_is_shown(browse, owner, workspace, page):
    Workspace.objects.filter(pk=workspace.pk).update(ocr=False)

    assert '<option value="False" selected>' in browse(owner).get(page).text


def test_owners_choose_a_parse_server_among_the_connections(browse, owner, workspace, page):
    create_connection(name="Reader", kind="unstructured", base_url="http://gpu:8000", by=None)
    create_connection(name="Lab", kind="ollama", base_url="http://lab:11434", by=None)
    before = make_of(workspace)

    shown = browse(owner).get(page).text
    browse(owner).post(page, {"name": workspace.name, "parse_server": "reader"})

    assert '<option value="reader">Reader</option>' in shown
    assert '<option value="lab">' not in shown
    changed = Workspace.objects.get(pk=workspace.pk)
    assert changed.parse_server == "reader"
    assert make_of(changed) == f"{before}+reader"
    browse(owner).post(page, {"name": workspace.name, "parse_server": ""})
    assert make_of(Workspace.objects.get(pk=workspace.pk)) == before
