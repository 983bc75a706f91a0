"""The layout of the house: what would break it silently is said here loudly."""

import ast
import re
import statistics
import sys
import tomllib
from collections import Counter, defaultdict
from importlib.metadata import packages_distributions
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[1]
MOST_WORDS_OF_A_RECORD = 400
PACKAGES = {
    path.name: path
    for folder in (ROOT, ROOT / "platform")
    for path in folder.iterdir()
    if (path / "__init__.py").exists() and path.name != "tests"
}
SOURCES = [
    path
    for folder in (ROOT / "platform", ROOT / "workspaces", ROOT / "ingestion", ROOT / "chat")
    for path in folder.rglob("*.py")
    if "migrations" not in path.parts
]
# Who may import whom: each layer those before it, and members of one layer one another.
LAYERS = [
    {"embedded", "language"},
    {"web", "accounts", "providers", "audit"},
    {"workspaces"},
    {"ingestion"},
    {"chat"},
    {"config"},
]
# Reading a variable is not wiring: commands and settings share one way of doing it.
READS_THE_ENVIRONMENT = {"config.env"}
MAX_LINES = 400
MAX_MODULES_IN_A_FOLDER = 15
FRAGMENT_LINES = 8
MAX_SHARE_OF_FRAGMENTS = 0.075
# Their names say what they are in every app.
UNDESCRIBED_MODULES = {"apps", "urls", "tasks"}
UNDESCRIBED_FOLDERS = {"management", "commands", "templatetags"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BANNED_NAMES = {"utils", "helpers", "common", "manager", "misc"}


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def functions_of(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def package_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "platform" else parts[0]


def test_platform_is_a_source_root_and_never_a_package():
    assert not (ROOT / "platform" / "__init__.py").exists(), (
        "it would shadow Python's own platform module"
    )


def test_no_package_of_ours_shadows_the_standard_library():
    assert not set(PACKAGES) & sys.stdlib_module_names


def test_tests_are_no_packages():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_every_library_that_is_imported_is_declared():
    declared = {re.split(r"[^\w.-]", line)[0] for line in PROJECT["dependencies"]}
    found_in = packages_distributions()
    outside = {name.split(".")[0] for path in SOURCES for name in imports_of(path)} - set(PACKAGES)

    undeclared = {
        name
        for name in outside - sys.stdlib_module_names
        if not declared & set(map(canonical, found_in[name]))
    }

    assert undeclared == set()


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path):
    layer = next(number for number, names in enumerate(LAYERS) if package_of(path) in names)
    later = set().union(*LAYERS[layer + 1 :])

    upward = {
        name
        for name in imports_of(path)
        if name.split(".")[0] in later
        and ".".join(name.split(".")[:2]) not in READS_THE_ENVIRONMENT
    }

    assert upward == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_has_a_docstring_and_stays_small(path: Path):
    text = path.read_text(encoding="utf-8")

    assert not text.strip() or ast.get_docstring(ast.parse(text)), "no module docstring"
    assert text.count("\n") <= MAX_LINES
    assert path.stem not in BANNED_NAMES


def test_functions_are_neither_long_nor_fragments():
    lengths = [node.end_lineno - node.lineno + 1 for path in SOURCES for node in functions_of(path)]

    assert 7 <= statistics.median(lengths) <= 13
    assert 18 <= statistics.quantiles(lengths, n=10)[-1] <= 34
    assert max(lengths) <= 60


def test_few_private_functions_are_short_and_used_once():
    """Each is a jump for the reader; its body belongs where it is used, unless its name says more than the body."""
    functions = [(path, node) for path in SOURCES for node in functions_of(path)]
    uses = {path: names_in(path) for path in SOURCES}

    fragments = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path, node in functions
        if node.name.startswith("_")
        and not node.name.startswith("__")
        and not node.decorator_list
        and node.end_lineno - node.lineno < FRAGMENT_LINES
        and uses[path][node.name] == 1
    ]

    assert len(fragments) / len(functions) <= MAX_SHARE_OF_FRAGMENTS, fragments


def names_in(path: Path) -> Counter[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return Counter(node.id for node in nodes if isinstance(node, ast.Name)) + Counter(
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    )


def test_folders_hold_few_modules_and_describe_each():
    for init in {
        path.parent / "__init__.py" for path in SOURCES if (path.parent / "__init__.py").exists()
    }:
        modules = [path.stem for path in init.parent.glob("*.py") if path != init]
        assert len(modules) <= MAX_MODULES_IN_A_FOLDER, init.parent
        docstring = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
        described = init.parent.name in UNDESCRIBED_FOLDERS or all(
            name in docstring or name in UNDESCRIBED_MODULES for name in modules
        )
        assert described, f"{init}: its docstring is the map of the folder"


def test_names_of_classes_are_unique():
    places: dict[str, list[str]] = defaultdict(list)
    for path in SOURCES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and "management/commands" not in path.as_posix():
                places[node.name].append(str(path.relative_to(ROOT)))

    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_files_of_pages_scripts_and_tests_stay_small():
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").rglob("*.js")]
    tests = list((ROOT / "tests").rglob("*.py"))

    assert [
        path
        for path in (*pages, *tests)
        if path.read_text(encoding="utf-8").count("\n") > MAX_LINES
    ] == []


@pytest.mark.django_db
def test_no_model_has_changed_without_its_migration():
    said = StringIO()

    call_command(
        "makemigrations", check=True, dry_run=True, stdout=said
    )  # Ends the process where one is missing.

    assert said.getvalue().strip() == "No changes detected"


def test_decision_records_are_numbered_without_gaps_and_short():
    records = sorted((ROOT / "docs" / "decisions").iterdir())

    for number, record in enumerate(records, start=1):
        text = record.read_text(encoding="utf-8")
        assert record.name.startswith(f"{number:04}-"), record.name
        assert text.startswith(f"# {number}. "), record.name
        assert len(text.split()) <= MOST_WORDS_OF_A_RECORD, record.name
