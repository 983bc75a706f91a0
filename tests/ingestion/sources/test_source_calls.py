"""API calls and pages for web pages and watched folders."""

import pytest
from support.document_calls import address, upload

from ingestion.models import Document
from ingestion.models.sources import WatchedFile, WatchedFolder, WebPage

pytestmark = pytest.mark.django_db
URL = "https://example.org/wings"


@pytest.fixture
def _on(settings):
    settings.FETCH_ALLOW = ("public",)


@pytest.fixture
def share(tmp_path, settings):
    share = tmp_path / "share"
    share.mkdir()
    settings.WATCH_ROOTS = (str(share),)
    return share


def folders(workspace, folder=None):
    return f"/api/v1/workspaces/{workspace.slug}/folders/" + (f"{folder}/" if folder else "")


@pytest.mark.usefixtures("_on")
def test_a_page_is_added_by_its_address(editing, reading, workspace):
    response = editing.post(address(workspace), {"url": URL, "refetch": "daily"})

    (row,) = response.json()["results"]
    assert response.status_code == 202
    assert (row["name"], row["status"]) == ("example.org/wings", "queued")
    assert row["source"] == {
        "url": URL, "refetch": "daily", "fetched": None, "checked": None, "due": None, "error": None,
    }  # fmt: skip
    assert reading.get(address(workspace, Document.objects.get())).json()["source"] == row["source"]
    assert editing.post(address(workspace), {"url": URL}).json()["results"][0]["duplicate"] is True


@pytest.mark.parametrize(
    ("url", "code"), [("nonsense", "fetch_address_invalid"), (URL, "fetch_off")]
)
def test_a_refused_page_is_reported_with_its_reason(editing, workspace, settings, url, code):
    settings.FETCH_ALLOW = ("public",) if code != "fetch_off" else ()

    response = editing.post(address(workspace), {"url": url})

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert response.json()["results"][0]["error"]["code"] == code


@pytest.mark.parametrize(
    "body", [{}, {"url": ""}, {"url": None}, {"url": ["x"]}, {"url": URL, "refetch": "hourly"}, []]
)
def test_an_invalid_address_is_a_problem(editing, workspace, body):
    response = editing.post(address(workspace), body)

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.usefixtures("_on")
def test_viewers_and_strangers_add_no_pages(reading, call, stranger, workspace):
    assert reading.post(address(workspace), {"url": URL}).status_code == 403
    assert call(stranger).post(address(workspace), {"url": URL}).status_code == 404
    assert not Document.objects.exists()


def test_an_upload_may_name_its_folder(editing, workspace):
    from support.document_calls import file

    response = editing.post(
        address(workspace),
        {"file": [file("a.txt")], "folder": "../reports/2026"},
        format="multipart",
    )

    assert [row["name"] for row in response.json()["results"]] == ["reports/2026/a.txt"]
    assert [row["name"] for row in upload(editing, workspace, ("x/b.txt",)).json()["results"]] == [
        "b.txt"
    ]


def test_the_form_for_web_pages_is_shown_only_when_fetching_is_on(
    browse, editor, workspace, settings
):
    client = browse(editor)
    assert 'id="add-page"' not in client.get(f"/w/{workspace.slug}/documents/").content.decode()

    settings.FETCH_ALLOW = ("public",)
    assert 'id="add-page"' in client.get(f"/w/{workspace.slug}/documents/").content.decode()


@pytest.mark.usefixtures("_on")
def test_people_add_a_page_with_its_interval(browse, editor, reader, workspace):
    client = browse(editor)
    client.post(f"/w/{workspace.slug}/documents/page/", {"url": URL})
    again = client.post(
        f"/w/{workspace.slug}/documents/page/", {"url": URL}, follow=True
    ).content.decode()
    wrong = client.post(
        f"/w/{workspace.slug}/documents/page/", {"url": "nonsense"}, follow=True
    ).content.decode()
    document = Document.objects.get()
    here = f"/w/{workspace.slug}/documents/{document.pk}/"

    assert "already exists" in again
    assert "Enter a web address that starts with" in wrong
    assert URL in client.get(here).content.decode()
    assert browse(reader).post(f"{here}page/", {"refetch": "weekly"}).status_code == 403

    WebPage.objects.update(due=None)
    client.post(f"{here}page/", {"refetch": "weekly"})
    assert WebPage.objects.get().refetch == "weekly"
    client.post(f"{here}page/", {"refetch": "hourly"})
    assert WebPage.objects.get().refetch == "weekly"
    client.post(f"{here}page/", {"now": "1"})
    assert WebPage.objects.get().due is not None


def test_a_document_without_a_web_page_has_no_interval_to_change(
    browse, editor, workspace, editing
):
    upload(editing, workspace, ("a.txt",))

    assert (
        browse(editor)
        .post(f"/w/{workspace.slug}/documents/{Document.objects.get().pk}/page/")
        .status_code
        == 404
    )


def test_an_owner_connects_and_disconnects_a_folder(call, owner, workspace, share):
    client = call(owner)

    made = client.post(folders(workspace), {"path": str(share)})
    row = made.json()
    WatchedFile.objects.create(
        folder_id=row["id"], path="a.exe", size=1, modified=1, error_code="unsupported"
    )
    found = client.get(folders(workspace)).json()["results"]

    assert made.status_code == 201
    assert (row["path"], row["label"], row["files"], row["error"], row["scanned"]) == (
        str(share),
        "share",
        0,
        None,
        None,
    )
    assert found[0]["files"] == 1
    assert found[0]["troubles"][0]["error"]["code"] == "unsupported"
    assert client.get(folders(workspace, row["id"])).json() == found[0]
    assert client.delete(folders(workspace, row["id"])).status_code == 204
    assert not WatchedFolder.objects.exists()


def test_only_owners_manage_folders(call, editing, stranger, workspace, share):
    folder = WatchedFolder.objects.create(workspace=workspace, path=str(share), label="share")

    for client, status in ((editing, 403), (call(stranger), 404)):
        assert client.get(folders(workspace)).status_code == status
        assert client.post(folders(workspace), {"path": str(share)}).status_code == status
        assert client.delete(folders(workspace, folder.pk)).status_code == status


def test_a_folder_that_is_not_allowed_is_a_problem(call, owner, workspace, share):
    response = call(owner).post(folders(workspace), {"path": "/etc"})

    assert (response.status_code, response.json()["code"]) == (400, "folder_not_allowed")


def test_the_page_of_folders_lists_folders_and_errors(
    browse, owner, editor, workspace, share, settings
):
    client, here = browse(owner), f"/w/{workspace.slug}/folders/"

    assert str(share) in client.get(here).content.decode()
    refused = client.post(here, {"path": "/etc"})
    assert refused.status_code == 400
    assert "WATCH_ROOTS" in refused.content.decode()
    client.post(here, {"path": str(share)})
    folder = WatchedFolder.objects.get()
    WatchedFile.objects.create(
        folder=folder, path="<b>.exe", size=1, modified=1, error_code="unsupported"
    )
    page = client.get(here).content.decode()
    assert "&lt;b&gt;.exe" in page
    assert browse(editor).get(here).status_code == 403
    client.post(f"{here}{folder.pk}/disconnect/")
    assert not WatchedFolder.objects.exists()

    settings.WATCH_ROOTS = ()
    assert "No folders are allowed yet" in client.get(here).content.decode()
