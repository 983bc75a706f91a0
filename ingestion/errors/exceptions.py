"""Exceptions of ingestion.

IngestionError
├── UnreadableDocument   the document is at fault or unsupported; a retry does not help
└── ParsingCancelled     the caller stopped the parse

Models, pages and retries do not belong here.
"""

EMPTY = "empty"
UNSUPPORTED = "unsupported"
CORRUPT = "corrupt"
PASSWORD_NEEDED = "password_needed"
NO_TEXT = "no_text"
TOO_LARGE = "too_large"
TOO_SLOW = "too_slow"
PARSER_CRASHED = "parser_crashed"

CODES = frozenset(
    {EMPTY, UNSUPPORTED, CORRUPT, PASSWORD_NEEDED, NO_TEXT, TOO_LARGE, TOO_SLOW, PARSER_CRASHED}
)


class IngestionError(Exception):
    """Base of everything that ingestion raises on purpose."""


class UnreadableDocument(IngestionError):
    """A document that cannot become text.

    `code` is one of `CODES`, for programs; `reason` narrows it and selects the sentence. Both are
    plain strings, so that the sentence can be made later in the reader's language.
    """

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    @property
    def message(self) -> str:
        """One sentence in the active language: the fault, and what to do about it."""
        # Imported here, since translations take 11 MB in parsing processes, which never use them.
        from ingestion.errors.reading import sentence

        return sentence(self.code, self.reason)

    def __str__(self) -> str:
        return self.message


class ParsingCancelled(IngestionError):
    """The caller no longer wants the document that was being parsed."""
