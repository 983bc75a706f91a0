"""The fingerprint of a document's chunks, stored in `Document.make`.

The text has the version of the method, the model, its vector size and the chunk settings.

Settings of a workspace, or the server's defaults, may change at any time; `services` then queues
the documents whose make differs.
"""

from ingestion.index.spaces import dimensions_of
from workspaces.models import Workspace

# Increased when the same document and settings give other chunks, terms or vectors.
METHOD_VERSION = 5
CHUNK_SETTINGS = ("chunk_tokens", "chunk_overlap", "ocr")


def make_of(workspace: Workspace, dimensions: int | None = None) -> str:
    """Return the make of `workspace`, with its model's present vector size or `dimensions`."""
    model = workspace.setting("embedding_model")
    size = dimensions or dimensions_of(model) or "?"
    settings = (workspace.setting(name) for name in CHUNK_SETTINGS)
    reading = f"+{server}" if (server := workspace.setting("parse_server")) else ""
    return " ".join(str(part) for part in (METHOD_VERSION, model, size, *settings)) + reading


def differs_in_model_alone(made: str, wanted: str) -> bool:
    """Whether two makes have the same chunks and differ in their vectors alone."""
    return made != wanted and made != "" and _without_model(made) == _without_model(wanted)


def _without_model(make: str) -> list[str]:
    # The model's name, in the middle with its vector size, may contain spaces.
    method, _space, rest = make.partition(" ")
    return [method, *rest.rsplit(" ", len(CHUNK_SETTINGS))[1:]]
