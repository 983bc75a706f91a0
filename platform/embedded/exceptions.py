"""Errors before Reading Room serves. There is one class, because each is shown as one sentence.

EmbeddedError
└── CannotStart
"""


class EmbeddedError(Exception):
    """Base of the package's errors."""


class CannotStart(EmbeddedError):
    """Reading Room, or its database, cannot start; the message is the sentence to show."""
