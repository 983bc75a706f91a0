"""Compiled querysets return the rows of their querysets."""

from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from support.factories import make_document, make_workspace

from accounts.models import User
from chat.models import Conversation
from ingestion.models import Document
from web.compiled_querysets import CompiledQueryset, columns, instance
from workspaces.models import Workspace


@pytest.fixture
def conversation(owner):
    return Conversation.objects.create(
        workspace=make_workspace(owner=owner), owner=owner, title="Lift"
    )


def test_a_compiled_queryset_returns_the_rows_of_its_queryset(owner, admin):
    by_email = CompiledQueryset(
        lambda email: User.objects.filter(email=email, is_active=True).values_list("pk", "name"),
        str,
    )

    assert by_email.rows(owner.email) == [(owner.pk, owner.name)]
    assert by_email.rows(admin.email) == [(admin.pk, admin.name)]
    assert by_email.rows("nobody@example.org") == []


def test_a_compiled_queryset_is_built_once(owner, django_assert_num_queries):
    built = []
    compiled = CompiledQueryset(
        lambda pk: built.append(pk) or User.objects.filter(pk=pk).values_list("pk"), UUID
    )

    with django_assert_num_queries(3):
        found = [compiled.rows(owner.pk) for _time in range(3)]

    assert found == [[(owner.pk,)]] * 3
    assert len(built) == 1


def test_a_parameter_missing_from_the_sql_is_refused(db):
    with pytest.raises(AssertionError, match="did not reach"):
        CompiledQueryset(lambda pk: User.objects.values_list("pk"), UUID).rows(UUID(int=1))


def test_an_instance_has_the_values_of_its_row(owner):
    row = CompiledQueryset(
        lambda pk: User.objects.filter(pk=pk).values_list(*columns(User)), UUID
    ).rows(owner.pk)[0]

    made, kept = instance(User, row), User.objects.get(pk=owner.pk)

    assert made == kept
    assert {name: getattr(made, name) for name in columns(User)} == {
        name: getattr(kept, name) for name in columns(User)
    }
    assert not made._state.adding


def test_a_conversation_is_visible_according_to_visible_to(
    conversation, owner, stranger, django_assert_num_queries
):
    with django_assert_num_queries(1):
        seen = Conversation.seen_by(owner, conversation.pk)
        assert seen.workspace == conversation.workspace

    kept = Workspace.objects.get(pk=conversation.workspace_id)
    assert {name: getattr(seen.workspace, name) for name in columns(Workspace)} == {
        name: getattr(kept, name) for name in columns(Workspace)
    }
    assert Conversation.seen_by(stranger, conversation.pk) is None
    assert Conversation.seen_by(AnonymousUser(), conversation.pk) is None


def test_a_conversation_is_invisible_to_a_former_member(conversation, owner):
    assert Conversation.seen_by(owner, conversation.pk) == conversation

    conversation.workspace.memberships.all().delete()

    assert Conversation.seen_by(owner, conversation.pk) is None


def test_values_stored_as_text_are_converted(owner):
    document = make_document(make_workspace(owner=owner))
    Document.objects.update(error_details={"limit": 5})

    row = CompiledQueryset(
        lambda pk: Document.objects.filter(pk=pk).values_list(*columns(Document)), UUID
    ).rows(document.pk)[0]

    assert instance(Document, row).error_details == {"limit": 5}
