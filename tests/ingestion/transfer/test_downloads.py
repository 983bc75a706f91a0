import asyncio
from urllib.parse import unquote

import pytest
from django.test import AsyncRequestFactory
from support.document_calls import upload
from support.factories import make_document

from ingestion.models import Document
from ingestion.storage import blobs
from ingestion.transfer import downloads

TEXT = bytes(range(32, 127)) * 10_000
pytestmark = pytest.mark.django_db


@pytest.fixture
def document(workspace):
    return make_document(workspace, "年度 “报告” 1.txt", text=TEXT.decode())


def address(document):
    return f"/api/v1/workspaces/{document.workspace.slug}/documents/{document.pk}/file/"


def test_the_original_comes_byte_for_byte(call, reader, document):
    response = call(reader).get(address(document))

    assert response.getvalue() == TEXT
    assert response["Content-Length"] == str(len(TEXT))
    assert response["Content-Type"] == "text/plain"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "filename*=utf-8''%E5%B9%B4" in response["Content-Disposition"]


def test_the_longest_chinese_name_is_kept_in_upload_and_download(call, editor, workspace, data_dir):
    name = "规" * 251 + ".txt"

    added = upload(call(editor), workspace, (name, "内容".encode())).json()["results"][0]
    response = call(editor).get(
        f"/api/v1/workspaces/{workspace.slug}/documents/{added['id']}/file/"
    )

    assert added["name"] == name
    assert unquote(response["Content-Disposition"]).endswith(f"filename*=utf-8''{name}")
    assert response.getvalue().decode() == "内容"


def test_the_page_returns_the_same_bytes_as_the_api(browse, reader, document):
    response = browse(reader).get(f"/w/{document.workspace.slug}/documents/{document.pk}/file/")

    assert response.getvalue() == TEXT


@pytest.mark.parametrize(
    "media_type", ["text/html", "image/svg+xml", "application/xml", "", "text/markdown"]
)
def test_active_content_is_never_shown_inline(call, reader, document, media_type):
    Document.objects.update(media_type=media_type)

    response = call(reader).get(address(document))

    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"].startswith("sandbox;")
    assert response["Content-Type"] == media_type or "application/octet-stream"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=9-", 9, len(TEXT)),
        ("bytes=-5", len(TEXT) - 5, len(TEXT)),
        ("bytes=5-1" + "0" * 9, 5, len(TEXT)),
    ],
)
def test_a_range_is_answered_with_206(call, reader, document, asked, start, stop):
    response = call(reader).get(address(document), HTTP_RANGE=asked)

    assert response.status_code == 206
    assert response.getvalue() == TEXT[start:stop]
    assert response["Content-Range"] == f"bytes {start}-{stop - 1}/{len(TEXT)}"
    assert response["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=9-2", "bytes=-0"])
def test_a_range_beyond_the_end_is_416(call, reader, document, asked):
    response = call(reader).get(address(document), HTTP_RANGE=asked)

    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(TEXT)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=-", "nonsense"])
def test_an_unsupported_range_is_answered_with_the_whole_file(call, reader, document, asked):
    assert call(reader).get(address(document), HTTP_RANGE=asked).getvalue() == TEXT


def test_an_unchanged_original_is_not_sent_again(call, reader, document):
    client = call(reader)
    tag = client.get(address(document))["ETag"]

    assert client.get(address(document), HTTP_IF_NONE_MATCH=tag).status_code == 304
    assert (
        client.get(address(document), HTTP_RANGE="bytes=0-1", HTTP_IF_RANGE='"other"').getvalue()
        == TEXT
    )
    assert client.head(address(document))["Content-Length"] == str(len(TEXT))


def test_a_missing_file_is_404(call, reader, document):
    blobs.path_of(document.blob_id).unlink()

    assert call(reader).get(address(document)).status_code == 404


def test_a_truncated_file_is_404(call, reader, document):
    path = blobs.path_of(document.blob_id)
    path.write_bytes(path.read_bytes()[:-1])

    assert call(reader).get(address(document)).status_code == 404


def test_bytes_are_streamed_when_served_asynchronously(document):
    response = downloads.original(AsyncRequestFactory().get("/"), document)

    async def blocks():
        return [block async for block in response]

    received = asyncio.run(blocks())
    assert b"".join(received) == TEXT
    assert len(received) > 1


def test_a_range_of_thousands_of_digits_is_no_range(call, reader, document):
    answer = call(reader).get(address(document), HTTP_RANGE=f"bytes={'9' * 5000}-")

    assert answer.status_code == 200
