"""Access rules of all routes, sockets and models. A new one without a decision fails."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from asgiref.testing import ApplicationCommunicator
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from support.factories import make_conversation, make_document, make_group, make_message, make_user
from support.model_server import make_connection, make_model

from accounts.models import ApiToken
from accounts.services import create_token
from chat.sockets.routing import websocket_urlpatterns
from ingestion.models.sources import PartialUpload, WatchedFolder, WebPage
from web.database import in_database
from workspaces.models import Membership

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OUR_APPS = {"accounts", "audit", "workspaces", "ingestion", "chat", "providers"}

# Anybody may come here; each with the reason.
PUBLIC = {
    "healthz": "a load balancer has no account, and learns nothing",
    "readyz": "the same; it names parts of the server, never their content",
    "setup": "there is no account to sign in to yet; it asks for the code of the terminal and closes for good",
    "login": "the way in",
    "logout": "the way out",
    "language": "visitors choose it before they sign in; it sets a cookie and nothing else",
    "schema": "what the API looks like is no secret",
    "api_docs": "the same as a page",
}
# A visitor may send this one method; the rest of the route is closed.
PUBLIC_METHODS = {("api_token_list", "POST"): "the password is the credential"}
# Any signed-in user, because it shows only their own rows.
OWN = {
    "workspace_list": "lists the workspaces that one is a member of",
    "format_list": "the formats are the same for all users",
    "workspace_create": "anybody may make a workspace, and owns it",
    "account": "oneself",
    "password_change": "oneself",
    "token_create": "oneself",
    "api_me": "oneself",
    "api_token_list": "one's own tokens",
    "api_workspace_list": "lists the workspaces that one is a member of; anybody may make one",
    "api_model_list": "the models that one may use",
    "openai_model_list": "one's workspaces and the models that one may use",
    "openai_chat_completions": "the workspace stands in the body; its own tests refuse foreign ones",
    "openai_embeddings": "text in, numbers out",
}
OWN_THINGS = {
    "api_token_detail",
    "token_revoke",
}  # Rows of one user, independent of memberships.
ADMINISTRATORS = {
    "user_list",
    "user_detail",
    "group_list",
    "group_detail",
    "group_delete",
    "api_user_list",
    "api_user_detail",
    "api_group_list",
    "api_group_detail",
    "connection_list",
    "connection_detail",
    "connection_check",
    "connection_delete",
    "model_detail",
    "server_defaults",
    "api_connection_list",
    "api_connection_detail",
    "api_connection_check",
    "api_connection_model_list",
    "api_connection_pull",
    "api_model_detail",
}
# Everything else belongs to a workspace or to a person, and is a 404 for all others.

UNSAFE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
# What a viewer may change: one's own things. Everything else in a workspace is for editors, some
# for owners alone.
VIEWERS_MAY_CHANGE = OWN_THINGS | {
    "conversation_create",
    "conversation_detail",
    "conversation_rename",
    "conversation_delete",
    "api_conversation_list",
    "api_conversation_detail",
    "api_conversation_stop",
    "api_message_list",
    "api_search",
}
OWNERS_ALONE_CHANGE = {
    "workspace_settings",
    "workspace_delete",
    "member_list",
    "member_change",
    "member_remove",
    "folder_list",
    "folder_disconnect",
    "api_workspace_detail",
    "api_member_list",
    "api_member_detail",
    "api_folder_list",
    "api_folder_detail",
}
# An upload is visible to the user who began it; for all others it is not there.
UPLOADERS_ALONE_CHANGE = {"api_upload_detail"}

# Models without visible_to, and why.
REACHED_OTHERWISE = {
    "ingestion.Blob": "bytes, only ever read through a document",
    "providers.ServerSetting": "set by administrators, read by the server itself",
    "ingestion.EmbeddingSpace": "names a model and a number; belongs to the server, not to anybody",
}


@dataclass(frozen=True)
class Route:
    name: str
    pattern: str

    def path(self, values: dict[str, object]) -> str:
        """Return the URL with existing ids, chosen by the path segment before each."""

        def fill(match: re.Match[str]) -> str:
            before = self.pattern[: match.start()].rstrip("/").rpartition("/")[2]
            key = match["name"] if match["name"] in values else before
            assert key in values, (
                f"{self.name}: say in this test what stands for <{match['name']}> after {before}/"
            )
            return str(values[key])

        return "/" + re.sub(r"<(?:\w+:)?(?P<name>\w+)>", fill, self.pattern)


def routes(
    patterns: list[URLPattern | URLResolver] | None = None, prefix: str = ""
) -> Iterator[Route]:
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, pattern)
        else:
            assert entry.name, f"{pattern} has no name"
            yield Route(entry.name, pattern)


ROUTES = list(routes())
GUARDED = [route for route in ROUTES if route.name not in PUBLIC]
FOREIGN = [route for route in GUARDED if route.name not in OWN and route.name not in ADMINISTRATORS]


def route_id(route: Route) -> str:
    return route.name


@pytest.fixture
def values(workspace, owner, reader) -> dict[str, object]:
    """Existing objects, so that a refusal depends on the caller and not on a missing object."""
    document = make_document(workspace, chunks=("one", "two"))
    WebPage.objects.create(document=document, url="http://intranet.example/rules")
    conversation = make_conversation(workspace, owner)
    create_token(user=owner)
    membership = Membership.objects.get(workspace=workspace, user=reader)
    connection = make_connection()
    model = make_model(connection)
    return {
        "connections": connection.pk,
        "models": model.model_id,
        "offered_id": model.pk,
        "slug": workspace.slug,
        "documents": document.pk,
        "chunks": document.chunks.first().pk,
        "versions": document.version,
        "c": conversation.pk,
        "conversations": conversation.pk,
        "messages": make_message(conversation).pk,
        "members": membership.pk,
        "users": reader.pk,
        "groups": make_group().pk,
        "tokens": ApiToken.objects.get(user=owner).pk,
        "uploads": PartialUpload.objects.create(
            workspace=workspace, owner=owner, name="a", size=1
        ).pk,
        "folders": WatchedFolder.objects.create(
            workspace=workspace, path="/mnt/share", label="share"
        ).pk,
    }


def answers(
    client: Client, route: Route, path: str, *, methods: tuple[str, ...] = METHODS, **headers: str
) -> dict[str, int]:
    """Return the status of each of `methods` that the route accepts."""
    found = {}
    for method in methods:
        if (route.name, method) in PUBLIC_METHODS:
            continue
        body = {} if method == "GET" else {"data": "{}", "content_type": "application/json"}
        response = client.generic(method, path, headers=headers, **body)
        if response.status_code == 302 and response["Location"].startswith("/login/"):
            response.status_code = 401
        if response.status_code != 405:
            found[method] = response.status_code
    return found


def test_each_route_has_a_decision():
    names = {route.name for route in ROUTES}

    assert set(PUBLIC) | ADMINISTRATORS <= names
    assert len(names) == len(ROUTES), "two routes share a name"


@pytest.mark.parametrize("route", GUARDED, ids=route_id)
def test_visitors_are_refused(route: Route, values, admin):
    found = answers(Client(), route, route.path(values))

    assert found
    assert set(found.values()) == {401}


@pytest.mark.parametrize("route", FOREIGN, ids=route_id)
def test_strangers_get_404(route: Route, values, stranger, browse, admin):
    _token, raw = create_token(user=stranger)

    by_session = answers(browse(stranger), route, route.path(values))
    by_token = answers(Client(), route, route.path(values), authorization=f"Bearer {raw}")

    assert set(by_session.values()) == {404}
    assert set(by_token.values()) <= {404, 401}


@pytest.mark.parametrize("route", FOREIGN, ids=route_id)
def test_viewers_and_editors_can_make_only_changes_of_their_role(
    route: Route, values, reader, editor, owner, browse
):
    values["members"] = Membership.objects.get(
        user=owner
    ).pk  # Members may end their own membership.
    values["uploads"] = PartialUpload.objects.create(
        workspace=PartialUpload.objects.get().workspace, owner=reader, name="b", size=1
    ).pk
    path = route.path(values)

    by_viewer = answers(browse(reader), route, path, methods=UNSAFE_METHODS)
    by_editor = answers(browse(editor), route, path, methods=UNSAFE_METHODS)

    if route.name not in VIEWERS_MAY_CHANGE:
        assert set(by_viewer.values()) <= {403}
    if route.name in UPLOADERS_ALONE_CHANGE:
        assert set(by_editor.values()) == {404}
    elif route.name in OWNERS_ALONE_CHANGE:
        assert set(by_editor.values()) == {403}
    else:
        assert 403 not in by_editor.values()


@pytest.mark.parametrize("route", FOREIGN, ids=route_id)
def test_former_members_and_administrators_are_strangers(
    route: Route, values, owner, admin, browse, workspace
):
    Membership.objects.create(workspace=workspace, user=make_user("Successor"), role="owner")
    client = browse(owner)
    if route.name not in OWN_THINGS:
        Membership.objects.filter(user=owner).delete()
        assert set(answers(client, route, route.path(values)).values()) == {404}
    assert set(answers(browse(admin), route, route.path(values)).values()) == {404}


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.name in ADMINISTRATORS], ids=route_id
)
def test_only_administrators_reach_administrative_routes(
    route: Route, values, owner, admin, browse
):
    assert set(answers(browse(owner), route, route.path(values)).values()) == {404}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pattern", websocket_urlpatterns, ids=lambda pattern: str(pattern.pattern))
async def test_sockets_refuse_visitors_and_strangers(pattern, values, stranger):
    from config.asgi import application

    path = Route(str(pattern.name), str(pattern.pattern)).path(values)
    _token, raw = await in_database(create_token)(user=stranger)
    visitor = {
        "headers": [(b"host", b"localhost"), (b"origin", b"http://localhost")],
        "subprotocols": [],
    }
    foreign_site = {"headers": [(b"origin", b"http://evil.example")], "subprotocols": []}
    known = {"headers": [], "subprotocols": ["reading-room", f"bearer.{raw}"]}

    for offered in (visitor, foreign_site, known):
        socket = ApplicationCommunicator(
            application,
            {
                "type": "websocket",
                "path": path,
                "raw_path": path.encode(),
                "query_string": b"",
                **offered,
            },
        )
        await socket.send_input({"type": "websocket.connect"})
        assert (await socket.receive_output(3))["type"] == "websocket.close"


def test_each_owned_model_has_a_visible_to_method():
    undecided = {
        model._meta.label
        for label in OUR_APPS
        for model in apps.get_app_config(label).get_models()
        if not hasattr(model._default_manager.all(), "visible_to")
    }

    assert undecided == set(REACHED_OTHERWISE)
