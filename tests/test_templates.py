"""Each word of a template is translatable, and no template disables escaping."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
TRANSLATED = re.compile(
    "|".join(
        [
            r"{%\s*block \w*class\w*\s*%}[^<]*?{%\s*endblock[^%]*%}",
            r"{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}",
            r"{%\s*comment.*?{%\s*endcomment\s*%}",
            r"{%.*?%}",
            r"{{.*?}}",
            r"{#.*?#}",
        ]
    ),
    re.DOTALL,
)
SPOKEN_ATTRIBUTES = {"title", "placeholder", "alt", "aria-label", "aria-description", "hx-confirm"}
LETTERS = re.compile(r"[^\W\d_]{2,}")
# Names are the same in every language, as are the names of keys.
NAMES = {"Reading Room", "Enter", "Shift", "Esc", "API", "URL", "PDF", "DOCX", "ms", "MB", "KB"}


class Words(HTMLParser):
    """Collects the visible and the accessible text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inert = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inert += tag in {"script", "style"}
        self.found += [value for name, value in attrs if name in SPOKEN_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self.inert -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self.inert:
            self.found.append(data)


def spoken(template: str) -> list[str]:
    words = Words()
    words.feed(TRANSLATED.sub(" ", template))
    return [
        text.strip() for text in words.found if LETTERS.search(text) and text.strip() not in NAMES
    ]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_word_of_a_template_is_translatable(path: Path):
    assert spoken(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_disables_escaping(path: Path):
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"\|\s*safe\b|autoescape\s+off", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", text), (
        "scripts live in static/js"
    )
    assert not re.search(r"\son[a-z]+=", text), (
        "the content security policy forbids inline handlers"
    )
