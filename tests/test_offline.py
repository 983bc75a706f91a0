"""Pages and scripts load nothing from other servers, and start-up imports no heavy library."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SERVED = [
    path
    for folder in (ROOT / "templates", ROOT / "static")
    for path in folder.rglob("*")
    if path.suffix in {".html", ".css", ".js", ".svg"} and "vendor" not in path.parts
]
OUTSIDE = re.compile(
    r"""(?:src|href|action|url|import|fetch|from)\s*[=(]?\s*["'(]?\s*(?:https?:)?//(?!www\.w3\.org)[\w.-]+"""
)
HEAVY = [
    "pypdfium2",
    "wordllama",
    "langchain_text_splitters",
    "langchain_core",
    "trafilatura",
    "rapidocr",
    "onnxruntime",
    "cv2",
    "xlrd",
    "oxmsg",
    "openai",
    "httpx2",
]


@pytest.mark.parametrize("path", SERVED, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_load_no_resource_of_another_server(path: Path):
    assert OUTSIDE.findall(path.read_text(encoding="utf-8")) == []


def test_start_up_imports_no_heavy_library():
    code = (
        "import sys; sys.path[:0] = ['.', 'platform']\n"
        "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; django.setup()\n"
        "import config.urls, config.asgi, config.celery, ingestion.tasks, chat.tasks\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )

    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout

    assert said.strip() == "[]"


def test_plain_sync_to_async_is_not_used():
    """sync_to_async keeps its database connection; `web.database` returns it to the pool."""
    offenders = [
        path
        for folder in ("platform", "workspaces", "ingestion", "chat")
        for path in (ROOT / folder).rglob("*.py")
        if path != ROOT / "platform" / "web" / "database.py"
        and re.search(
            r"\bsync_to_async\(",
            re.sub(r"database_sync_to_async\(", "", path.read_text(encoding="utf-8")),
        )
    ]

    assert offenders == []
