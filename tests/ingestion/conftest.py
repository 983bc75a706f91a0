"""Fixtures of the ingestion tests: documents in any state, wake-up messages, parser and model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from support.factories import make_document, make_workspace

from ingestion.documents import services
from ingestion.documents.versions import OnConflict
from ingestion.errors.exceptions import ParsingCancelled
from ingestion.models import Document
from ingestion.parsing import parse
from ingestion.parsing.parsed import ParsedDocument
from ingestion.parsing.progress import no_progress
from ingestion.pipeline import indexing
from ingestion.queue import claims, wakeup
from ingestion.storage import blobs
from providers.exceptions import PartlyEmbedded, ProviderError
from providers.registry import connected
from workspaces.models import Workspace


@dataclass
class Given:
    """Bytes with a name, as in an upload."""

    name: str
    content: bytes = b"some text to read"

    def received(self) -> blobs.Received:
        return blobs.receive([self.content])


@pytest.fixture
def given():
    return Given


@pytest.fixture
def queued():
    """Return a function that makes a waiting document."""

    def queued(workspace: Workspace, name: str = "", **fields: object) -> Document:
        document = make_document(workspace, name)
        Document.objects.filter(pk=document.pk).update(
            **{"status": Document.Status.QUEUED, "progress": 0.0, **fields}
        )
        document.refresh_from_db()
        return document

    return queued


@pytest.fixture(autouse=True)
def woken(monkeypatch) -> list[str]:
    """The messages that were sent to workers."""
    sent: list[str] = []
    monkeypatch.setattr(wakeup, "wakeup", wakeup.DebouncedWakeup(pause=0))
    monkeypatch.setattr(
        wakeup.current_app, "send_task", lambda name, **_: sent.append(name), raising=False
    )
    return sent


class Parser:
    """Parses in this process; `before` is called first."""

    def __init__(self) -> None:
        self.before = lambda: None

    def parse(
        self, path, media_type, *, name, cancelled, options, password=None, progress=no_progress
    ) -> ParsedDocument:
        self.before()
        self.password = password
        if cancelled():
            raise ParsingCancelled
        progress(0.5)
        return parse(path, media_type, name=name, password=password, options=options).rows()


class Model:
    """Returns the same three numbers for each text; `before` is called first."""

    id = "tests/model"
    dimensions = 3

    def __init__(self) -> None:
        self.before = lambda: None
        self.texts: list[str] = []
        self._refused: tuple[str, ProviderError] | None = None

    def refuse(self, bad: str, fault: ProviderError) -> None:
        """Refuse texts that contain `bad` from now on."""
        self._refused = bad, fault

    def embed_documents(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.before()
        self.texts += texts
        made = [
            None if self._refused and self._refused[0] in text else [1.0, 0.0, 0.5]
            for text in texts
        ]
        if self._refused and None in made:
            raise PartlyEmbedded(self._refused[1], made) if any(made) else self._refused[1]
        return made


class Models:
    def __init__(self, model: Model) -> None:
        self.model = model

    def embedding_model(self, name: str) -> Model | None:
        return self.model if name == "model" else None


@pytest.fixture
def parser(monkeypatch) -> Parser:
    parser = Parser()
    monkeypatch.setattr("ingestion.pipeline.parse_stage.parser_pool", lambda: parser)
    monkeypatch.setattr("ingestion.pipeline.parse_servers.parser_pool", lambda: parser)
    return parser


@pytest.fixture
def model() -> Iterator[Model]:
    model = Model()
    with connected("tests", Models(model)):
        yield model


@pytest.fixture
def place(db, parser, model) -> Workspace:
    """A workspace whose documents are parsed and embedded in this process."""
    workspace = make_workspace()
    workspace.embedding_model = "tests/model"
    workspace.save()
    return workspace


@pytest.fixture
def claimed(place, given):
    """Return a function that adds a document there and claims it."""

    def claimed(
        text: str = "# Wings\n\nLift is what wings make.", name: str = "wings.md"
    ) -> Document:
        services.add_documents(workspace=place, offers=[given(name, text.encode())], by=None)
        document = claims.claim_next()
        assert document is not None
        return document

    return claimed


@pytest.fixture
def editing(call, editor):
    return call(editor)


@pytest.fixture
def reading(call, reader):
    return call(reader)


@pytest.fixture
def a_model_of_tests(workspace, parser, model) -> None:
    """The workspace is embedded by the tests' own model."""
    workspace.embedding_model = "tests/model"
    workspace.save()


@pytest.fixture
def add(place, given):
    """Return a function that adds bytes under a name, each time in a separate call."""

    def add(
        content: str, name: str = "rules.md", on_conflict: OnConflict = OnConflict.VERSION
    ) -> services.Added:
        offers = [given(name, content.encode())]
        (outcome,) = services.add_documents(
            workspace=place, offers=offers, by=None, on_conflict=on_conflict
        )
        assert isinstance(outcome, services.Added)
        return outcome

    return add


@pytest.fixture
def read(place):
    """Return a function that indexes all queued documents."""

    def read() -> None:
        while (document := claims.claim_next()) is not None:
            indexing.index(document)

    return read
