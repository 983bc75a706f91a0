"""Serializers of documents, versions and chunks."""

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
    """An error: a stable code, and a sentence in the caller's language."""

    code = serializers.CharField()
    message = serializers.CharField()


class PersonSerializer(serializers.ModelSerializer[User]):
    """The user who added a document."""

    class Meta:
        model = User
        fields = ["id", "name"]


class LeftOutSerializer(ErrorSerializer):
    """A file of an archive that did not become a document, with the reason."""

    name = serializers.CharField()


class ContentsSerializer(serializers.Serializer[dict[str, Any]]):
    """The result of unpacking an archive."""

    documents = serializers.IntegerField(help_text="How many documents were taken out.")
    left_out = serializers.IntegerField(help_text="How many files were not.")
    message = serializers.CharField(help_text="Both as a sentence.")
    named = LeftOutSerializer(many=True, help_text="Those that were not, as far as they are named.")


class RepeatedSerializer(serializers.Serializer[dict[str, Any]]):
    """A running header or footer that was removed from the text."""

    text = serializers.CharField()
    count = serializers.IntegerField(help_text="On how many pages it stood.")


class WebPageSerializer(serializers.ModelSerializer[WebPage]):
    """The web page that a document is a copy of; `error` is that of the last fetch."""

    fetched = serializers.DateTimeField(read_only=True, allow_null=True, default_timezone=UTC)
    checked = serializers.DateTimeField(read_only=True, allow_null=True, default_timezone=UTC)
    due = serializers.DateTimeField(read_only=True, allow_null=True, default_timezone=UTC)
    error = ErrorSerializer(read_only=True, allow_null=True)

    class Meta:
        model = WebPage
        fields = ["url", "refetch", "fetched", "checked", "due", "error"]


class ParsedBySerializer(serializers.Serializer[dict[str, Any]]):
    """The parse server of a document; `said` is its error if the built-in parsers replaced it."""

    slug = serializers.CharField()
    name = serializers.CharField()
    said = serializers.CharField(allow_null=True)


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """A document; only `name`, `pinned` and `parse_server` can be changed.

    Size, media type, status and error belong to `version`; title, pages and chunks to the serving
    version.
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
    source = serializers.SerializerMethodField()  # type: ignore[assignment] # shadows Field.source
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
        """Return the place in the workspace's queue, from 1.

        Null unless queued, and after uploads.
        """
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
        """Return the queued documents of the response; None if this serializer cannot list them."""
        parent: Any = self.parent
        if parent is None:
            return [document.pk]
        if not isinstance(parent, serializers.ListSerializer):
            return None
        return [each.pk for each in parent.instance or [] if each.status == Document.Status.QUEUED]

    @extend_schema_field(ContentsSerializer(allow_null=True))
    def get_contents(self, document: Document) -> dict[str, Any] | None:
        """Return the number of members, and the files left out with their reasons."""
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
        """Return the parse server of the document, with its error if it failed."""
        return parse_servers.shown(document)

    @extend_schema_field(RepeatedSerializer(many=True))
    def get_repeated(self, document: Document) -> list[dict[str, Any]]:
        """Return each removed line, as first found, with its number of occurrences."""
        return [{"text": text, "count": count} for text, count in document.repeated]

    @extend_schema_field(WebPageSerializer(allow_null=True))
    def get_source(self, document: Document) -> Any:
        """Return the web page that the document is a copy of, or None."""
        page = getattr(document, "web_page", None)
        return WebPageSerializer(page).data if page else None


class OutcomeSerializer(DocumentSerializer):
    """The outcome for one file: a new document, an existing one, or an error."""

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
    """The outcome for each file, in order."""

    results = OutcomeSerializer(many=True)


class UploadSerializer(serializers.Serializer[dict[str, Any]]):
    """One or more files, each in a part named `file`."""

    file = serializers.ListField(child=serializers.FileField())
    on_conflict = serializers.ChoiceField(
        choices=[(choice.value, choice.value) for choice in OnConflict],
        default=OnConflict.VERSION.value,
        help_text="What becomes of a file whose name is taken by other bytes: a new version of that document, a "
        "document of its own, or nothing. Files of one call are never versions of one another.",
    )


class PageSerializer(serializers.Serializer[dict[str, Any]]):
    """The URL of a web page, and the interval at which to fetch it again."""

    url = serializers.CharField(max_length=4096)
    refetch = serializers.ChoiceField(choices=WebPage.Refetch.choices, required=False)


class ConflictsSerializer(serializers.Serializer[dict[str, Any]]):
    """The names of an intended upload."""

    names = serializers.ListField(
        child=serializers.CharField(trim_whitespace=False), max_length=MAX_NAMES_PER_REQUEST
    )


class TakenSerializer(serializers.Serializer[Any]):
    """A requested name that is taken, and the document with this name."""

    name = serializers.CharField()
    document = DocumentSerializer()
    sha256 = serializers.CharField(help_text="The digest of the document's bytes, in hexadecimal.")


class NamesTakenSerializer(serializers.Serializer[Any]):
    """The requested names that are taken."""

    results = TakenSerializer(many=True)


class RetrySerializer(serializers.Serializer[dict[str, Any]]):
    """A retry, with the password of a protected document, which is never returned."""

    password = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        trim_whitespace=False,
        max_length=1000,
        write_only=True,
    )


class BoxesField(serializers.ListField):
    """Rectangles on the pages of a document."""

    def __init__(self, **options: Any) -> None:
        box = serializers.ListField(child=serializers.FloatField(), min_length=5, max_length=5)
        said = "Where it stands: page, then left, top, right and bottom as shares of the page, for each element."
        super().__init__(child=box, help_text=said, **options)


class ChunkSerializer(serializers.ModelSerializer[Chunk]):
    """A chunk of a document, the unit of search and citation."""

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
    """The corners of an element, counterclockwise from the top left; y counts from the bottom."""

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
    """An element in the format of Unstructured."""

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
        """Whether the version is searched and cited now."""
        return version.number == version.document.serving

    @extend_schema_field(ErrorSerializer(allow_null=True))
    def get_error(self, version: Version) -> dict[str, str] | None:
        """Return the error of the version, or None."""
        document = version.document
        return document.error if version.number == document.version else version.error


class PastChunkSerializer(ChunkSerializer):
    """A chunk of a version, which need not be the serving one."""

    class Meta:
        model = PastChunk
        fields = ChunkSerializer.Meta.fields
