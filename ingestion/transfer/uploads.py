"""Uploads over HTTP: streamed to disk and digested as they arrive.

`documents.services` makes documents of them.
"""

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
    """One uploaded file, or its refusal; deleted at the end of the request unless stored."""

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
    """Upload handler that streams every file to disk.

    A refused file is read to its end, so that the files after it in the request still arrive.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin the next file."""
        super().new_file(*args, **kwargs)
        self._incoming: Incoming | None = None
        self._refusal: Refusal | None = None
        self._write(b"")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write the next bytes, unless the file was refused."""
        if self._refusal is None:
            self._write(raw_data)

    def _write(self, block: bytes) -> None:
        try:
            self._incoming = self._incoming or Incoming()
            self._incoming.write(block)
        except Refusal as refusal:
            self._refuse(refusal)

    def file_complete(self, file_size: int) -> Upload:
        """Return the complete file as an `Upload`."""
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
        """Delete the partial file."""
        if self._incoming is not None:
            self._incoming.abandon()


class _Parts(MultiPartParser):
    """Form parser that renames files with unusable names (`..`, `/`), which Django would drop."""

    def sanitize_file_name(self, file_name: str) -> str:
        return clean_name(file_name)


class DocumentsParser(BaseParser):
    """Parser of multipart API requests with documents."""

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
        """Raise the `Refusal` of a file without a name."""
        raise Refusal(
            _("This file has no name. Rename it and upload it again."), code=messages.NAME_MISSING
        )


@dataclass(frozen=True, slots=True)
class InFolder:
    """An upload with its folder, which the file name of a form part cannot contain."""

    folder: str
    upload: Upload

    @property
    def name(self) -> str:
        """The path of the folder, then the name of the file."""
        return f"{self.folder}/{self.upload.name}"

    def received(self) -> Received:
        """Return the bytes; raises `Refusal`."""
        return self.upload.received()


def offers_in(files: MultiValueDict[str, Any], fields: MultiValueDict[str, Any]) -> list[Offer]:
    """Return the files of the parts named `file`; an empty part without a name is no file."""
    nameless = [Nameless() for text in fields.getlist("file") if text]
    folder = fields.get("folder", "")
    named = (
        [InFolder(folder, upload) for upload in files.getlist("file")]
        if folder
        else files.getlist("file")
    )
    return [*named, *nameless]


def on_conflict_in(fields: Mapping[str, Any]) -> OnConflict:
    """Return the value of `on_conflict`; raises `ValidationError` for an unknown one."""
    wanted = fields.get("on_conflict") or OnConflict.VERSION
    try:
        return OnConflict(wanted)
    except ValueError:
        sentence = _("Unknown value “%(wanted)s”; use one of %(choices)s.")
        values = {"wanted": str(wanted)[:50], "choices": ", ".join(OnConflict)}
        raise ValidationError({"on_conflict": [sentence % values]}) from None
