"""The page with the user's workspaces."""

from support.factories import make_conversation, make_document


def test_each_document_counts_once_and_only_own_questions_set_the_date(
    browse, owner, reader, stranger, workspace
):
    for number in range(2):
        make_document(workspace, f"{number}.txt")
        make_conversation(workspace, owner)
        make_conversation(workspace, owner)

    mine = browse(owner).get("/").content.decode()
    theirs = browse(reader).get("/").content.decode()

    assert "2 documents<" in mine
    assert ">last asked " in mine
    assert "2 documents<" in theirs
    assert ">last asked " not in theirs
