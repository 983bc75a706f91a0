"""What goes wrong each time that it is called."""

from collections.abc import Callable


def failing(error: BaseException) -> Callable[..., None]:
    """Return a function that raises this and does nothing else."""

    def fail(*_: object, **__: object) -> None:
        raise error

    return fail
