"""Rows for tests, each with as little as it needs."""

import hashlib
import itertools

from django.conf import settings

from accounts.models import Group, User
from chat.models import Conversation, Message
from ingestion.models import Blob, Chunk, Document
from workspaces.models import Membership, Role, Workspace

_numbers = itertools.count(1)
PASSWORD = "a quiet reading room"


def make_user(name: str = "", **fields: object) -> User:
    name = name or f"person{next(_numbers)}"
    user = User(name=name, email=fields.pop("email", f"{name.lower()}@example.org"), **fields)
    user.set_password(PASSWORD)
    user.save()
    return user


def make_group(name: str = "", members: tuple[User, ...] = ()) -> Group:
    group = Group.objects.create(name=name or f"group{next(_numbers)}")
    group.members.set(members)
    return group


def make_workspace(name: str = "", **roles: User) -> Workspace:
    """A workspace; `owner=`, `editor=`, `viewer=` say who is in it."""
    number = next(_numbers)
    workspace = Workspace.objects.create(
        name=name or f"Workspace {number}", slug=f"workspace-{number}"
    )
    for role, user in roles.items():
        Membership.objects.create(workspace=workspace, user=user, role=Role(role))
    return workspace


def make_document(
    workspace: Workspace, name: str = "", *, text: str = "", chunks: tuple[str, ...] = ()
) -> Document:
    """A ready document with these chunks, its bytes on disk."""
    content = (text or "\n\n".join(chunks) or f"document {next(_numbers)}").encode()
    digest = hashlib.sha256(content).hexdigest()
    blob, _created = Blob.objects.get_or_create(sha256=digest, defaults={"size": len(content)})
    path = settings.BLOB_DIR / digest[:2] / digest[2:4] / digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    document = Document.objects.create(
        workspace=workspace,
        blob=blob,
        name=name or f"document{next(_numbers)}.txt",
        media_type="text/plain",
        status=Document.Status.READY,
        progress=1.0,
        chunk_count=len(chunks),
    )
    Chunk.objects.bulk_create(
        Chunk(document=document, workspace=workspace, position=position, text=chunk)
        for position, chunk in enumerate(chunks)
    )
    return document


def make_conversation(workspace: Workspace, owner: User, **fields: object) -> Conversation:
    return Conversation.objects.create(workspace=workspace, owner=owner, **fields)


def make_message(conversation: Conversation, text: str = "A question", **fields: object) -> Message:
    return Message.objects.create(
        conversation=conversation, text=text, **{"role": Message.Role.USER, **fields}
    )
