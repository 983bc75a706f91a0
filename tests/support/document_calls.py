"""Calling the API of documents in tests: its addresses, its files, its fields."""

from django.core.files.uploadedfile import SimpleUploadedFile

FIELDS = {
    "id", "name", "title", "size", "media_type", "status", "stage", "progress", "done", "total", "place", "error",
    "pages", "chunks", "without_vector", "pinned", "version", "serving", "archive", "contents", "added_by",
    "source", "created", "parse_server", "parsed_by", "repeated",
}  # fmt: skip


def address(workspace, document=None, action=""):
    base = f"/api/v1/workspaces/{workspace.slug}/documents/"
    return f"{base}{document.pk}/{action}" if document else base


def upload(client, workspace, *files):
    return client.post(
        address(workspace), {"file": [file(*one) for one in files]}, format="multipart"
    )


def file(name, content=b"some text to read"):
    named = SimpleUploadedFile("x", content)
    named._name = name
    return named
