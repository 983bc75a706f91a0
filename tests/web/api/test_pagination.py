from base64 import b64encode

import pytest
from support.factories import make_document

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("position", ["p=abc", "p=", "p=%00", "r=x"])
def test_an_invalid_cursor_answers_404(call, reader, workspace, position):
    document = make_document(workspace, chunks=("one", "two"))
    documents = f"/api/v1/workspaces/{workspace.slug}/documents/"
    cursor = {"cursor": b64encode(position.encode()).decode()}

    for address in (documents, f"{documents}{document.pk}/chunks/"):
        answer = call(reader).get(address, cursor)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
