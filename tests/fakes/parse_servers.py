"""A fake Unstructured API and a fake docling-serve, for tests: `with fake_parse_server("docling") as server`.

What they ask of a request is what the real ones do: the path, the key under its own header, the
multipart form with the file and known fields. They answer with `elements`, which a test may change.
"""

from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from fakes.sockets import Answer, FakeServer, Request

UNSTRUCTURED_FIELDS = {
    "strategy": {"auto", "fast", "hi_res", "ocr_only"},
    "coordinates": {"true", "false"},
    "skip_infer_table_types": {"[]"},
    "output_format": {"application/json"},
}
DOCLING_FIELDS = {
    "to_formats": {"json", "md", "html", "text", "doctags"},
    "image_export_mode": {"placeholder", "embedded", "referenced"},
    "do_ocr": {"true", "false"},
    "table_mode": {"fast", "accurate"},
    "do_formula_enrichment": {"true", "false"},
}
ELEMENTS = [
    {
        "type": "Title",
        "element_id": "a1",
        "text": "Tide tables",
        "metadata": {
            "page_number": 1,
            "coordinates": {
                "points": [[100, 200], [100, 300], [900, 300], [900, 200]],
                "system": "PixelSpace",
                "layout_width": 1000,
                "layout_height": 2000,
            },
        },
    },
    {
        "type": "NarrativeText",
        "element_id": "a2",
        "text": "High water stands at noon.",
        "metadata": {"page_number": 2, "parent_id": "a1"},
    },
    {
        "type": "Table",
        "element_id": "a3",
        "text": "Day Height 1 4.2",
        "metadata": {
            "page_number": 2,
            "text_as_html": "<table><tr><th>Day</th><th>Height</th></tr><tr><td>1</td><td>4.2</td></tr></table>",
        },
    },
]
DOCUMENT = {
    "schema_name": "DoclingDocument",
    "version": "1.7.0",
    "name": "tides",
    "body": {
        "self_ref": "#/body",
        "children": [{"$ref": "#/texts/0"}, {"$ref": "#/texts/1"}, {"$ref": "#/tables/0"}],
    },
    "groups": [],
    "texts": [
        {
            "self_ref": "#/texts/0",
            "label": "section_header",
            "level": 1,
            "text": "Tide tables",
            "prov": [
                {
                    "page_no": 1,
                    "bbox": {"l": 60, "t": 720, "r": 540, "b": 680, "coord_origin": "BOTTOMLEFT"},
                }
            ],
        },
        {
            "self_ref": "#/texts/1",
            "label": "text",
            "text": "High water stands at noon.",
            "prov": [{"page_no": 2}],
        },
    ],
    "tables": [
        {
            "self_ref": "#/tables/0",
            "label": "table",
            "prov": [{"page_no": 2}],
            "data": {
                "grid": [[{"text": "Day"}, {"text": "Height"}], [{"text": "1"}, {"text": "4.2"}]]
            },
        }
    ],
    "pages": {"1": {"size": {"width": 600, "height": 800}, "page_no": 1}},
}


class FakeParseServer(FakeServer):
    """What both have in common: a form is posted, and refused where a real server would refuse it."""

    path = ""
    key_header = ""
    fields: Mapping[str, set[str]] = {}
    elements: Any = None

    def __init__(self, *args: Any, key: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted_key = key
        self.files: list[tuple[str, str, bytes]] = []

    async def answer(self, request: Request) -> Answer:
        if request.path != self.path:
            return Answer(404, {"detail": "Not Found"})
        if request.method != "POST":
            return Answer(405, {"detail": "Method Not Allowed"})
        if self.wanted_key and request.headers.get(self.key_header) != self.wanted_key:
            return Answer(401, {"detail": "API key is missing or wrong"})
        form = _form(request)
        files = [part for part in form if part.get_filename()]
        if len(files) != 1 or files[0].get_param("name", header="content-disposition") != "files":
            return Answer(
                422,
                {
                    "detail": [
                        {"loc": ["body", "files"], "msg": "Field required", "type": "missing"}
                    ]
                },
            )
        for part in form:
            name = str(part.get_param("name", header="content-disposition"))
            if not part.get_filename() and part.get_content().strip() not in self.fields.get(
                name, set()
            ):
                return Answer(
                    422,
                    {"detail": [{"loc": ["body", name], "msg": "Input should be", "type": "enum"}]},
                )
        self.files.append(
            (
                files[0].get_filename(),
                files[0].get_content_type(),
                files[0].get_payload(decode=True),
            )
        )
        return Answer(body=self.parsed())

    def parsed(self) -> Any:
        """Return what a file was parsed into."""
        return self.elements

    def refusal(self, status: int, request: Request) -> Answer:
        return Answer(status, {"detail": "as told"})


class FakeUnstructured(FakeParseServer):
    """Speaks as the self-hosted Unstructured API."""

    path = "/general/v0/general"
    key_header = "unstructured-api-key"
    fields = UNSTRUCTURED_FIELDS
    elements = ELEMENTS


class FakeDocling(FakeParseServer):
    """Speaks as docling-serve."""

    path = "/v1/convert/file"
    key_header = "x-api-key"
    fields = DOCLING_FIELDS
    elements = DOCUMENT

    def parsed(self) -> Any:
        document = {
            "filename": self.files[-1][0],
            "json_content": self.elements,
            "md_content": None,
        }
        return {
            "document": document,
            "status": "success",
            "errors": [],
            "processing_time": 0.1,
            "timings": {},
        }


def fake_parse_server(kind: str, key: str = "") -> FakeParseServer:
    """Return a fake of this kind of connection."""
    return {"unstructured": FakeUnstructured, "docling": FakeDocling}[kind](key=key)


def _form(request: Request) -> list[EmailMessage]:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = message_from_bytes(head + request.content, policy=policy.HTTP)
    return list(message.iter_parts())
