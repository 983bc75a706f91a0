"""The first hour of an organisation as a program: set-up, documents of all kinds, questions, a model server, an end.

Prints one JSON object of what came back. The server stays for SECONDS after text in pictures has
been read.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from fakes.servers import FakeDeepSeek
from support.library_documents import write_all
from support.running_server import Server, running

FIXTURES = Path(__file__).parents[1] / "fixtures"
KINDS = {
    ".png",
    ".pdf",
    ".docx",
    ".pptx",
    ".xlsx",
    ".html",
    ".md",
    ".eml",
    ".csv",
    ".txt",
    ".epub",
    ".odt",
    ".rtf",
}


def main(seconds: float) -> None:
    """Walk, and print what came back."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running() as server,
        FakeDeepSeek(key="sk-right") as model_server,
    ):
        token = server.token()
        slug = server.call("/api/v1/workspaces/", {"name": "Offline"}, token)["slug"]
        paths = write_all(Path(folder)) + [
            path for path in sorted(FIXTURES.iterdir()) if path.suffix in KINDS
        ]
        paths.append(scan_of(paths[0], Path(folder) / "scan.png"))
        server.upload(slug, [(path.name, path.read_bytes()) for path in paths], token)
        server.wait_until_indexed(slug, token)
        indexed = time.monotonic()
        found: dict[str, Any] = {
            "ready": [row["name"] for row in server.documents(slug, token, "status=ready")]
        }
        query = {"query": "How many books may a reader borrow at once?"}
        found["search"] = server.call(f"/api/v1/workspaces/{slug}/search/", query, token)["hits"][
            0
        ]["document"]["name"]
        found["english"] = ask(server, slug, token, "How many books may a reader borrow at once?")
        found["chinese"] = ask(server, slug, token, "阅览室周末几点关门？")
        body = {
            "name": "deepseek",
            "kind": "openai",
            "base_url": model_server.url,
            "api_key": "sk-right",
        }
        connection = server.call("/api/v1/connections/", body, token)["slug"]
        model = f"{connection}/deepseek-v4-flash"
        found["served"] = ask(
            server, slug, token, "How many books may a reader borrow at once?", model=model
        )
        found["doctor"] = server.run("doctor", "--json").returncode
        time.sleep(max(0.0, seconds - (time.monotonic() - indexed)))
    print(json.dumps(found))


def ask(server: Server, slug: str, token: str, question: str, **more: str) -> Any:
    """Return the answer in a new conversation."""
    conversation = server.call(f"/api/v1/workspaces/{slug}/conversations/", {}, token)["id"]
    return server.call(
        f"/api/v1/conversations/{conversation}/messages/", {"text": question, **more}, token
    )


def scan_of(pdf: Path, picture: Path) -> Path:
    """Write the first page of `pdf` as a picture, so that its text has to be recognised; return where."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    document[0].render(scale=2).to_pil().save(picture)
    document.close()
    return picture


if __name__ == "__main__":
    main(float(sys.argv[1]))
