"""Fixtures of all tests: database, users, workspace, clients, real documents.

Sockets to other machines are blocked.
"""

import os
import socket
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import Client, TransactionTestCase
from rest_framework.test import APIClient
from support.database_cleaner import delete_rows
from support.factories import PASSWORD, make_user, make_workspace
from support.missing_tools import IN_CI, LeftOut, fetch_browser, installed_browser
from support.model_server import ServedModels

from accounts.models import User
from accounts.services import create_token
from embedded.postgres.server import database, socket_dir
from providers.connections import cache as snapshot
from workspaces.models import Workspace

left_out = LeftOut()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that this machine cannot run, and start with the longest."""
    if any(item.get_closest_marker("browser") for item in items) and not (
        installed_browser() or fetch_browser()
    ):
        left_out.leave_out(config, items, "browser")
    if not settings.READING_ROOM_DATA.is_dir():
        left_out.leave_out(config, items, "data")
    begin_with_the_longest(items)


def begin_with_the_longest(items: list[pytest.Item]) -> None:
    """Sort files that start servers first, then by number of tests.

    A long file at the end would keep one process busy while the others are idle.
    """
    tests = Counter(item.path for item in items)

    def length(item: pytest.Item) -> tuple[bool, bool, int]:
        stack, browser = (
            item.get_closest_marker(name) is not None for name in ("stack", "browser")
        )
        return stack, browser, tests[item.path]

    items.sort(key=length, reverse=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out.summary(terminalreporter)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in CI that skipped tests."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def chromium() -> str | None:
    """The path of the system's browser; None for the browser that Playwright downloaded."""
    return installed_browser()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Start a PostgreSQL for each test process unless DATABASE_URL is set."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="rr-test-") as folder:
        # Under root the database belongs to another system user, who must traverse the folder.
        os.chmod(folder, 0o755)
        data_dir = Path(folder) / "var"
        # The database need not survive a crash, so writes are not synchronised.
        with database(
            data_dir, "0", {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        ):
            connections["default"].settings_dict["HOST"] = str(socket_dir(data_dir))
            with pytest.MonkeyPatch.context() as patched:
                # delete_rows needs a superuser, which an external database may not grant.
                patched.setattr(TransactionTestCase, "_fixture_teardown", delete_rows)
                yield
            connections.close_all()


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: object) -> Path:
    """A DATA_DIR for each test."""
    settings.DATA_DIR = tmp_path / "var"
    settings.BLOB_DIR = settings.DATA_DIR / "blobs"
    settings.FILE_UPLOAD_TEMP_DIR = str(settings.DATA_DIR / "tmp")
    (settings.DATA_DIR / "tmp").mkdir(parents=True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return settings.DATA_DIR


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Block connections to other machines; a test that opens one fails."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = address[0]
            if host not in {"127.0.0.1", "::1", "localhost"}:
                raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _asynchronous_code_sees_the_transaction(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run database work of asynchronous code in the test's thread, unless the test commits."""
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if not commits and not (marker and marker.kwargs.get("transaction")):
        monkeypatch.setattr("web.database.threads", None)


@pytest.fixture(autouse=True)
def _own_umask() -> Iterator[None]:
    """Restore the umask, which commands change for the whole process."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()
    snapshot.clear()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> ServedModels:
    """A fake model server for all connections, without sockets."""
    server = ServedModels()

    def server_for(protocol: str, base_url: str, api_key: str, timeouts: object) -> ServedModels:
        server.keys.append(api_key)
        return server

    monkeypatch.setattr("providers.connections.factory.server_for", server_for)
    return server


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real documents, for tests marked `data`."""
    folder: Path = settings.READING_ROOM_DATA
    if not folder.is_dir():
        pytest.fail(
            f"{folder} is not there: leave these tests out with -m 'not data', or set READING_ROOM_DATA"
        )
    return folder


@pytest.fixture
def admin(db: None) -> User:
    return make_user("Ada", is_admin=True)


@pytest.fixture
def owner(db: None) -> User:
    return make_user("Olga")


@pytest.fixture
def editor(db: None) -> User:
    return make_user("Edith")


@pytest.fixture
def reader(db: None) -> User:
    """A viewer of the workspace."""
    return make_user("Rui")


@pytest.fixture
def stranger(db: None) -> User:
    """A user who is not a member of the workspace."""
    return make_user("Stanley")


@pytest.fixture
def workspace(owner: User, editor: User, reader: User) -> Workspace:
    return make_workspace("Aerodynamics", owner=owner, editor=editor, viewer=reader)


@pytest.fixture
def browse():
    """Return a function that signs a user in and returns the client."""

    def browse(user: User | None = None) -> Client:
        client = Client()
        if user is not None:
            assert client.login(username=user.email, password=PASSWORD)
        return client

    return browse


@pytest.fixture
def call():
    """Return a function that returns an API client with a token of a user, or without token."""

    def call(user: User | None = None) -> APIClient:
        client = APIClient()
        if user is not None:
            _token, raw = create_token(user=user)
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {raw}")
        return client

    return call
