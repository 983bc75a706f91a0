"""What can go wrong before Reading Room serves. One class: whatever it is, people get one sentence.

EmbeddedError
└── CannotStart
"""


class EmbeddedError(Exception):
    """Base of this package."""


class CannotStart(EmbeddedError):
    """Reading Room, or its database, cannot start; the message is the whole sentence to show."""
