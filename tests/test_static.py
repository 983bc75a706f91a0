"""Scripts, styles and icons: each imported name exists, and no request goes to another server."""

import re
from pathlib import Path

import pytest

from ingestion.parsing.formats import FORMATS

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "static"
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
IMPORTED = re.compile(r"""(?:from|import)\s+["']([^"']+)["']""")


def drawn() -> set[str]:
    return set(
        re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8"))
    )


def named() -> set[str]:
    text = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    return set(re.findall(r'(?:{% icon |symbol=)"([^"]+)"', text))


def test_the_sprite_contains_exactly_the_icons_of_the_pages():
    used = named() | {each.icon for each in FORMATS} | {"file"}

    assert used == drawn()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_imports_only_existing_files(path: Path):
    for imported in IMPORTED.findall(path.read_text(encoding="utf-8")):
        assert imported.startswith(("./", "../vendor/")), imported
        assert (path.parent / imported).is_file(), imported


@pytest.mark.parametrize(
    "path", [*SCRIPTS, STATIC / "css" / "app.css", *TEMPLATES], ids=lambda path: path.name
)
def test_scripts_and_styles_fetch_nothing_from_another_server(path: Path):
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")

    assert not re.search(
        r"""(?:src|href|url|from|import|fetch)\s*[=(]?\s*["']?(?:https?:)?//""", text
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_has_inline_styles(path: Path):
    assert not re.search(r"<style|\sstyle=", path.read_text(encoding="utf-8")), (
        "the security policy forbids it"
    )


def test_each_vendored_library_has_a_version_and_a_licence():
    for library in (STATIC / "vendor").glob("*.js"):
        assert re.search(r"-\d+\.\d+\.\d+\.js$", library.name)
        assert library.with_name(library.name.removesuffix(".js") + ".LICENSE.txt").is_file()


def test_scripts_and_styles_stay_small():
    for path in [
        *SCRIPTS,
        *(ROOT / "frontend").glob("css/*.css"),
        ROOT / "frontend" / "vendor.mjs",
    ]:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path.name
