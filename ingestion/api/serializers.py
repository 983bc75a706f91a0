"""Documents and chunks as JSON, field by field as the contract names them."""

from datetime import UTC
from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from ingestion.documents import archive_contents as contents
from ingestion.documents.versions import OnConflict
from ingestion.models import Chunk, Document, PastChunk, Version
from ingestion.models.sources import WebPage
from ingestion.parsing.parsed import TYPES
from ingestion.pipeline import parse_servers
from ingestion.queue import claims
from web.api.serializers import ModelSerializer

MAX_NAMES_PER_REQUEST = 1000


class ErrorSerializer(serializers.Serializer[dict[str, str]]):
    """What went wrong: a code that never changes, a sentence in the caller's language."""

    code = serializers.CharField()
    message = serializers.CharField()


class PersonSerializer(serializers.ModelSerializer[User]):
    """Who added a document."""

    class Meta:
        model = User
        fields = ["id", "name"]


class LeftOutSerializer(ErrorSerializer):
    """A file in an archive that did not become a document, and why."""

    name = serializers.CharField()


class ContentsSerializer(serializers.Serializer[dict[str, Any]]):
    """What became of what was in an archive."""

    documents = serializers.IntegerField(help_text="How many documents were taken out.")
    left_out = serializers.IntegerField(help_text="How many files were not.")
    message = serializers.CharField(help_text="Both as a sentence.")
    named = LeftOutSerializer(many=True, help_text="Those that were not, as far as they are named.")


class RepeatedSerializer(serializers.Serializer[dict[str, Any]]):
    """A running header or footer that was left out."""

    text = serializers.CharField()
    count = serializers.IntegerField(help_text="On how many pages it stood.")


class WebPageSerializer(serializers.ModelSerializer[WebPage]):
    """The web page that a document is a copy of; `error` says why the last look at it failed."""

    fetched = serializers.DateTimeField(read_only=True, allow_null=True, default_timezone=UTC)
    checked = serializers.DateTimeField(read_only=True, allow_null=True, default_timezone=UTC)
    due = serializers.DateTimeField(read_only=True, allow_null=True, default_timezone=UTC)
    error = ErrorSerializer(read_only=True, allow_null=True)

    class Meta:
        model = WebPage
        fields = ["url", "refetch", "fetched", "checked", "due", "error"]


class ParsedBySerializer(serializers.Serializer[dict[str, Any]]):
    """The parse server that read a document; `said` is why it did not, and the built-in readers did."""

    slug = serializers.CharField()
    name = serializers.CharField()
    said = serializers.CharField(allow_null=True)


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """A document; only its name and whether it is pinned can be changed.

    Size, kind, status and error are those of `version`; title, pages and chunks those of the
    version that serves.
    """

    serving = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="The version that is searched and cited now; another than `version` until that one is ready.",
    )
    size = serializers.IntegerField(source="blob.size", read_only=True)
    error = ErrorSerializer(read_only=True, allow_null=True)
    chunks = serializers.IntegerField(source="chunk_count", read_only=True)
    place = serializers.SerializerMethodField()
    archive = serializers.UUIDField(
        source="archive_id",
        read_only=True,
        allow_null=True,
        help_text="The archive it came out of.",
    )
    contents = serializers.SerializerMethodField(
        help_text="Of an archive: what became of what was in it."
    )
    parse_server = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=40,
        help_text="The parse server to read it; null: as the workspace says, empty: the built-in readers.",
    )
    parsed_by = serializers.SerializerMethodField(
        help_text="The parse server that read it, or was to."
    )
    repeated = serializers.SerializerMethodField(
        help_text="Running headers and footers that were left out."
    )
    added_by = PersonSerializer(read_only=True, allow_null=True)
    source = serializers.SerializerMethodField()  # type: ignore[assignment] # not the attribute of fields of this name
    created = serializers.DateTimeField(read_only=True, default_timezone=UTC)

    class Meta:
        model = Document
        fields = [
            "id",
            "name",
            "title",
            "size",
            "media_type",
            "status",
            "stage",
            "progress",
            "done",
            "total",
            "place",
            "error",
            "pages",
            "chunks",
            "without_vector",
            "pinned",
            "version",
            "serving",
            "archive",
            "contents",
            "parse_server",
            "parsed_by",
            "repeated",
            "added_by",
            "source",
            "created",
        ]
        read_only_fields = [
            "title",
            "media_type",
            "status",
            "stage",
            "progress",
            "pages",
            "version",
        ]
        extra_kwargs = {
            "done": {
                "read_only": True,
                "help_text": "Pages read or chunks embedded so far, of `total`.",
            },
            "total": {"read_only": True},
            "without_vector": {
                "read_only": True,
                "help_text": "Chunks that only their words are found by.",
            },
        }

    def get_place(self, document: Document) -> int | None:
        """Return which in its workspace's line the document is, from 1, while it waits; null in answers to uploads."""
        if document.status != Document.Status.QUEUED or not self.context:
            return None
        places: dict[UUID, dict[UUID, int]] = cast(dict[str, Any], self.context).setdefault(
            "places", {}
        )
        if document.workspace_id not in places:
            places[document.workspace_id] = claims.places(
                document.workspace_id, among=self._waiting(document)
            )
        return places[document.workspace_id].get(document.pk)

    def _waiting(self, document: Document) -> list[UUID] | None:
        """Return which of the documents in the answer wait; None where this does not know the others."""
        parent: Any = self.parent
        if parent is None:
            return [document.pk]
        if not isinstance(parent, serializers.ListSerializer):
            return None
        return [each.pk for each in parent.instance or [] if each.status == Document.Status.QUEUED]

    @extend_schema_field(ContentsSerializer(allow_null=True))
    def get_contents(self, document: Document) -> dict[str, Any] | None:
        """Return how many documents came out, and what was left out with its reasons."""
        if document.contents is None:
            return None
        counts = {key: document.contents[key] for key in ("documents", "left_out")}
        return {
            **counts,
            "message": contents.summary(document.contents),
            "named": contents.left_out(document.contents),
        }

    @extend_schema_field(ParsedBySerializer(allow_null=True))
    def get_parsed_by(self, document: Document) -> dict[str, Any] | None:
        """Return which parse server read it, or why the built-in readers did."""
        return parse_servers.shown(document)

    @extend_schema_field(RepeatedSerializer(many=True))
    def get_repeated(self, document: Document) -> list[dict[str, Any]]:
        """Return each line that was left out, as it first stood, and how often it stood."""
        return [{"text": text, "count": count} for text, count in document.repeated]

    @extend_schema_field(WebPageSerializer(allow_null=True))
    def get_source(self, document: Document) -> Any:
        """Return the web page that it is a copy of, if it is one."""
        page = getattr(document, "web_page", None)
        return WebPageSerializer(page).data if page else None


class OutcomeSerializer(DocumentSerializer):
    """What became of one file: a document, perhaps one that was here already, or why there is none."""

    id = serializers.UUIDField(required=False)
    duplicate = serializers.BooleanField(
        required=False, help_text="True: it was here already; nothing was added."
    )
    skipped = serializers.BooleanField(
        required=False,
        help_text="True: the name was taken by other bytes, and these were left out as asked.",
    )

    class Meta(DocumentSerializer.Meta):
        fields = [*DocumentSerializer.Meta.fields, "duplicate", "skipped"]


class OutcomesSerializer(serializers.Serializer[dict[str, Any]]):
    """What became of each file, in order."""

    results = OutcomeSerializer(many=True)


class UploadSerializer(serializers.Serializer[dict[str, Any]]):
    """One or more files, all in parts named `file`."""

    file = serializers.ListField(child=serializers.FileField())
    on_conflict = serializers.ChoiceField(
        choices=[(choice.value, choice.value) for choice in OnConflict],
        default=OnConflict.VERSION.value,
        help_text="What becomes of a file whose name is taken by other bytes: a new version of that document, a "
        "document of its own, or nothing. Files of one call are never versions of one another.",
    )


class PageSerializer(serializers.Serializer[dict[str, Any]]):
    """A web page by its address, and how often to look whether it has changed."""

    url = serializers.CharField(max_length=4096)
    refetch = serializers.ChoiceField(choices=WebPage.Refetch.choices, required=False)


class ConflictsSerializer(serializers.Serializer[dict[str, Any]]):
    """Names that are to be added."""

    names = serializers.ListField(
        child=serializers.CharField(trim_whitespace=False), max_length=MAX_NAMES_PER_REQUEST
    )


class TakenSerializer(serializers.Serializer[Any]):
    """A name that is taken, as it was asked for, and the document that has it."""

    name = serializers.CharField()
    document = DocumentSerializer()
    sha256 = serializers.CharField(help_text="The digest of the document's bytes, in hexadecimal.")


class NamesTakenSerializer(serializers.Serializer[Any]):
    """Those names that are taken."""

    results = TakenSerializer(many=True)


class RetrySerializer(serializers.Serializer[dict[str, Any]]):
    """Another try; the password of a protected document goes in and is never stored."""

    password = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        trim_whitespace=False,
        max_length=1000,
        write_only=True,
    )


class BoxesField(serializers.ListField):
    """Where on its pages something stands."""

    def __init__(self, **options: Any) -> None:
        box = serializers.ListField(child=serializers.FloatField(), min_length=5, max_length=5)
        said = "Where it stands: page, then left, top, right and bottom as shares of the page, for each element."
        super().__init__(child=box, help_text=said, **options)


class ChunkSerializer(serializers.ModelSerializer[Chunk]):
    """A chunk of a document, as searches find it and answers cite it."""

    headings = serializers.ListField(child=serializers.CharField())
    boxes = BoxesField()

    class Meta:
        model = Chunk
        fields = [
            "id",
            "position",
            "text",
            "headings",
            "page_from",
            "page_to",
            "start",
            "end",
            "boxes",
        ]


class CoordinatesSerializer(serializers.Serializer[dict[str, Any]]):
    """The corners of an element from the upper left on, against the clock; y counts from the bottom of the page."""

    points = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    system = serializers.ChoiceField(["RelativeCoordinateSystem"])
    layout_width = serializers.FloatField()
    layout_height = serializers.FloatField()


class ElementMetadataSerializer(serializers.Serializer[dict[str, Any]]):
    """The metadata of an element; unknown fields are absent."""

    filename = serializers.CharField()
    filetype = serializers.CharField()
    page_number = serializers.IntegerField(required=False)
    coordinates = CoordinatesSerializer(required=False)
    category_depth = serializers.IntegerField(required=False, help_text="Of headings, from 0.")
    parent_id = serializers.CharField(
        required=False, help_text="The heading that the element is under."
    )
    text_as_html = serializers.CharField(required=False, help_text="Of tables.")
    style_name = serializers.CharField(
        required=False, help_text="Title: the title of the document."
    )


class ElementSerializer(serializers.Serializer[dict[str, Any]]):
    """An element as Unstructured writes it."""

    type = serializers.ChoiceField(sorted(TYPES))
    element_id = serializers.CharField()
    text = serializers.CharField()
    metadata = ElementMetadataSerializer()


class VersionSerializer(ModelSerializer[Version]):
    """A version of a document."""

    version = serializers.IntegerField(source="number", read_only=True)
    size = serializers.IntegerField(source="blob.size", read_only=True)
    added_by = PersonSerializer(read_only=True, allow_null=True)
    serving = serializers.SerializerMethodField(
        help_text="Whether it is the one that is searched and cited now."
    )
    error = serializers.SerializerMethodField()

    class Meta:
        model = Version
        fields = ["version", "size", "media_type", "added_by", "created", "serving", "error"]

    def get_serving(self, version: Version) -> bool:
        """Return whether it serves."""
        return version.number == version.document.serving

    @extend_schema_field(ErrorSerializer(allow_null=True))
    def get_error(self, version: Version) -> dict[str, str] | None:
        """Return why it could not be read, where it could not."""
        document = version.document
        return document.error if version.number == document.version else version.error


class PastChunkSerializer(ChunkSerializer):
    """A chunk of a version, also of one that is not searched any more."""

    class Meta:
        model = PastChunk
        fields = ChunkSerializer.Meta.fields
