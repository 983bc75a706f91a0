"""How the chunks of a document were made, as a short text that can be compared: model and size of its vectors, sizes of
chunks and our own method.

Settings of a workspace may change at any time, also those of the server that it falls back on; documents of another
make are then made again. What is done with that is for `services`.
"""

from ingestion.index.spaces import dimensions_of
from workspaces.models import Workspace

METHOD = 4  # Raised whenever the same document and settings would give other chunks, terms or vectors.
OF_CHUNKS = ("chunk_tokens", "chunk_overlap", "ocr")  # What the chunks depend on, whatever the model.


def make_of(workspace: Workspace, dimensions: int | None = None) -> str:
    """Return the make that documents of `workspace` should have now, or of those with vectors of `dimensions`."""
    model = workspace.setting("embedding_model")
    size = dimensions or dimensions_of(model) or "?"
    settings = (workspace.setting(name) for name in OF_CHUNKS)
    reading = f"+{server}" if (server := workspace.setting("parse_server")) else ""
    return " ".join(str(part) for part in (METHOD, model, size, *settings)) + reading


def differs_in_model_alone(made: str, wanted: str) -> bool:
    """Whether the chunks of one make are those of another, and only their vectors are not."""
    return made != wanted and made != "" and _without_model(made) == _without_model(wanted)


def _without_model(make: str) -> list[str]:
    # The model stands in the middle, with the size of its vectors, and its name may have spaces in it.
    method, _space, rest = make.partition(" ")
    return [method, *rest.rsplit(" ", len(OF_CHUNKS))[1:]]
