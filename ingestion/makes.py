"""How the chunks of a document were made, as a short text that can be compared: model, sizes and our own method.

Settings of a workspace may change at any time, also those of the server that it falls back on; documents of another
make are then made again. What is done with that is for `services`.
"""

from workspaces.models import Workspace

METHOD = 2  # Raised whenever the same document and settings would give other chunks, terms or vectors.
OF_CHUNKS = ("chunk_tokens", "chunk_overlap", "ocr")  # What the chunks depend on, whatever the model.


def make_of(workspace: Workspace) -> str:
    """Return the make that documents of `workspace` should have now."""
    settings = (workspace.setting(name) for name in ("embedding_model", *OF_CHUNKS))
    return " ".join(str(part) for part in (METHOD, *settings))


def differs_in_model_alone(made: str, wanted: str) -> bool:
    """Whether the chunks of one make are those of another, and only their vectors are not."""
    return made != wanted and made != "" and _without_model(made) == _without_model(wanted)


def _without_model(make: str) -> list[str]:
    # The model stands in the middle, and its name may have spaces in it.
    method, _space, rest = make.partition(" ")
    return [method, *rest.rsplit(" ", len(OF_CHUNKS))[1:]]
