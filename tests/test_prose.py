"""The English of comments, docstrings and test titles: pronouns without a referent are refused."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [
    path
    for folder in ("platform", "workspaces", "ingestion", "chat")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts
]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
# Write the noun that is meant, or the condition.
BANNED_WORDS = re.compile(
    r"\b(who(m)?ever|somebody|nobody|everybody|anew|whatever|as it is|of its own|what is)\b|['’]s? business\b",
    re.IGNORECASE,
)
BANNED_TITLES = re.compile(r"_(it|what|who|whoever|somebody|nobody|the_others?)(_|$)")


def prose_of(path: Path) -> Iterator[str]:
    """Yield the comments and docstrings of a module."""
    text = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def test_comments_and_docstrings_name_things():
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in [*SOURCES, *TESTS]
        for prose in prose_of(path)
        for match in BANNED_WORDS.finditer(prose)
    ]

    assert found == []


def test_titles_of_tests_have_a_subject():
    titles = {
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }

    assert sorted(title for title in titles if BANNED_TITLES.search(title)) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_first_line_of_a_docstring_is_a_sentence(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node)
            assert docstring is None or docstring.split("\n")[0].rstrip()[-1] in ".:;?…", getattr(
                node, "name", path
            )
