"""Uploads over HTTP: streamed to disk and digested as they arrive. `documents.services` makes documents of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser, DataAndFiles

from ingestion.documents.services import Offer
from ingestion.documents.versions import OnConflict
from ingestion.errors import messages
from ingestion.file_names import clean_name
from ingestion.storage.blobs import Incoming, Received
from web.exceptions import Refusal


class Upload(UploadedFile[Any]):
    """One uploaded document, or why it could not be taken in; gone at the end of the request unless it was kept."""

    def __init__(self, outcome: Received | Refusal, name: str, size: int) -> None:
        super().__init__(name=name, size=size)
        self._outcome = outcome

    def received(self) -> Received:
        """Return the bytes; raises `TooLarge` or `DiskFull`."""
        if isinstance(self._outcome, Refusal):
            raise self._outcome
        return self._outcome

    def close(self) -> None:
        """Delete temporary files; Django calls this at the end of the request."""
        if isinstance(self._outcome, Received):
            self._outcome.discard()


class StreamToDisk(FileUploadHandler):
    """Django's door for uploads: all of them are documents, so all of them go to disk.

    A document that cannot be taken in is swallowed to its end, so that those behind it in the
    request still arrive.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin the next document."""
        super().new_file(*args, **kwargs)
        self._incoming: Incoming | None = None
        self._refusal: Refusal | None = None
        self._write(b"")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take the next bytes."""
        if self._refusal is None:
            self._write(raw_data)

    def _write(self, block: bytes) -> None:
        try:
            self._incoming = self._incoming or Incoming()
            self._incoming.write(block)
        except Refusal as refusal:
            self._refuse(refusal)

    def file_complete(self, file_size: int) -> Upload:
        """Return the document that has come."""
        return Upload(self._outcome(), self.file_name or "", file_size)

    def _outcome(self) -> Received | Refusal:
        if self._incoming is not None and self._refusal is None:
            try:
                return self._incoming.finish()
            except Refusal as refusal:
                self._refuse(refusal)
        assert self._refusal is not None
        return self._refusal

    def _refuse(self, refusal: Refusal) -> None:
        self._refusal = refusal
        self.upload_interrupted()

    def upload_interrupted(self) -> None:
        """Throw away the document that was coming."""
        if self._incoming is not None:
            self._incoming.abandon()


class _Parts(MultiPartParser):
    """Django's reader of forms, but for names: what it would silently leave out (`..`, `/`) is called something."""

    def sanitize_file_name(self, file_name: str) -> str:
        return clean_name(file_name)


class DocumentsParser(BaseParser):
    """Reads the documents of an API call."""

    media_type = "multipart/form-data"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, Any]":
        """Return form fields and documents; raises `ParseError` unless the body is a form."""
        assert parser_context is not None
        request = parser_context["request"]
        meta = {**request.META, "CONTENT_TYPE": media_type}
        try:
            parts = _Parts(meta, stream, request.upload_handlers, parser_context.get("encoding"))
            return DataAndFiles(*parts.parse())
        except MultiPartParserError as exc:
            raise ParseError(_("The request is not a valid file upload form.")) from exc


class Nameless:
    """A part named `file` without a file name: Django decodes it as text, so its bytes are lost."""

    name = ""

    def received(self) -> Received:
        """Refuse it."""
        raise Refusal(
            _("This file has no name. Rename it and upload it again."), code=messages.NAME_MISSING
        )


@dataclass(frozen=True, slots=True)
class InFolder:
    """An upload with its folder, which the name of a form part cannot contain."""

    folder: str
    upload: Upload

    @property
    def name(self) -> str:
        """Its name behind that of the folder."""
        return f"{self.folder}/{self.upload.name}"

    def received(self) -> Received:
        """Return the bytes; raises `Refusal`."""
        return self.upload.received()


def offers_in(files: MultiValueDict[str, Any], fields: MultiValueDict[str, Any]) -> list[Offer]:
    """Return what a request offers in parts named `file`; an empty part without a name is a form left empty."""
    nameless = [Nameless() for text in fields.getlist("file") if text]
    folder = fields.get("folder", "")
    named = (
        [InFolder(folder, upload) for upload in files.getlist("file")]
        if folder
        else files.getlist("file")
    )
    return [*named, *nameless]


def on_conflict_in(fields: Mapping[str, Any]) -> OnConflict:
    """Return what happens to a document whose name is taken; raises `ValidationError` for unknown values."""
    wanted = fields.get("on_conflict") or OnConflict.VERSION
    try:
        return OnConflict(wanted)
    except ValueError:
        sentence = _("Unknown value “%(wanted)s”; use one of %(choices)s.")
        values = {"wanted": str(wanted)[:50], "choices": ", ".join(OnConflict)}
        raise ValidationError({"on_conflict": [sentence % values]}) from None
