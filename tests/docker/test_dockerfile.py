"""Rules of the Dockerfile, and its steps run without Docker in a new folder as an ordinary user."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.stack import free_port, wait_until

from embedded.terminal_language import ROOT

NOBODY = 65534


@dataclass
class Stage:
    """The instructions from one FROM to the next."""

    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [words for step, words in self.steps if step == name]

    def environment(self) -> dict[str, str]:
        pairs = [pair for words in self.all("ENV") for pair in shlex.split(words)]
        return dict(pair.split("=", 1) for pair in pairs)


def stages() -> list[Stage]:
    text = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    found: list[Stage] = []
    for line in filter(None, lines):
        step, words = line.split(maxsplit=1)
        if step == "FROM":
            found.append(Stage(words))
        else:
            found[-1].steps.append((step, words))
    return found


def test_each_stage_uses_the_supported_python():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "requires-python"
    ]

    versions = {re.search(r"^python:(\d+\.\d+)-", stage.base)[1] for stage in stages()}

    assert wanted == ">=3.11"
    assert len(versions) == 1, "the libraries are built for one Python"


def test_each_library_has_a_wheel_for_the_python_of_the_image():
    python = re.search(r"python:3\.(\d+)", stages()[0].base)[1]
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    fits = re.compile(
        rf"(-py3-none-|-py2\.py3-none-|-abi3-|-cp3{python}-)\S*(any|manylinux\S*x86_64\S*)\.whl$"
    )

    missing = [
        package["name"]
        for package in lock["package"]
        if package.get("wheels")
        and not any(fits.search(wheel["url"]) for wheel in package["wheels"])
    ]

    assert missing == []


def test_the_image_has_an_unprivileged_user_and_a_health_check():
    _build, final = stages()

    names = [name for name, _words in final.steps]
    assert final.all("USER") == ["10001:10001"]
    assert names.index("USER") > names.index("RUN")
    assert final.all("HEALTHCHECK")
    assert [words.split()[-2:] for words in final.all("COPY")] == [
        ["/app/.venv", ".venv"],
        [".", "."],
    ]


def test_the_build_fetches_only_locked_libraries_and_libreoffice():
    build, final = stages()

    (fetching,) = [words for words in final.all("RUN") if "apt-get" in words]
    assert "apt-get" not in str(build.steps)
    assert "--no-install-recommends" in fetching
    packages = fetching.partition("--no-install-recommends")[2].partition("&&")[0].split()
    assert {name.split("-")[0] for name in packages} == {"libreoffice"}


def test_dockerignore_excludes_unlisted_files():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]

    assert rules[0] == "*"
    assert not any(rule in {"!.git", "!var", "!tests", "!docker", "!.env"} for rule in rules)


class Replay:
    """The steps of the Dockerfile in a folder that replaces the image's root."""

    def __init__(self, root: Path) -> None:
        self.root, self.app, self.data = root, root / "app", root / "data"
        self.app.mkdir()
        self.data.mkdir()
        self.uid = NOBODY if os.geteuid() == 0 else None
        if self.uid is not None:
            os.chown(self.data, NOBODY, NOBODY)
        self.build, self.final = stages()

    def copy(self) -> None:
        """Copy the files that .dockerignore permits."""
        for rule in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
            source = ROOT / rule.removeprefix("!")
            if rule.startswith("!") and source.is_dir():
                shutil.copytree(
                    source, self.app / source.name, ignore=shutil.ignore_patterns("__pycache__")
                )
            elif rule.startswith("!") and source.exists():
                shutil.copy(source, self.app)

    def install(self) -> None:
        """Run the step that installs the libraries, most of which are in the cache of uv."""
        (step,) = [words for words in self.build.all("RUN") if words.startswith("uv sync")]
        uv = shutil.which("uv") or str(ROOT / ".venv" / "bin" / "uv")
        own = {**os.environ, "UV_PYTHON": interpreter()}
        own.pop("VIRTUAL_ENV", None)
        subprocess.run([uv, *shlex.split(step)[1:], "--quiet"], cwd=self.app, env=own, check=True)

    def environment(self, **more: str) -> dict[str, str]:
        def here(value: str) -> str:
            return re.sub(
                r"(^|:)/(app|data)", rf"\1{self.root}/\2", value.replace("$PATH", "/usr/bin:/bin")
            )

        return {name: here(value) for name, value in self.final.environment().items()} | more

    def start(self, command: str | list[str], **more: str) -> "subprocess.Popen[str]":
        """Start a command in the image's folder with the image's environment and user."""
        return subprocess.Popen(
            ["/bin/sh", "-c", command] if isinstance(command, str) else command,
            cwd=self.app,
            env=self.environment(**more),
            user=self.uid,
            group=self.uid,
            extra_groups=[] if self.uid is not None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, command: str | list[str], **more: str) -> tuple[int, str]:
        process = self.start(command, **more)
        said, _errors = process.communicate(timeout=120)
        return process.returncode, said


def interpreter() -> str:
    """Return a Python that an ordinary user may run; the current one may be in a private folder."""
    system = Path("/usr/bin/python3")
    if (
        os.geteuid() == 0
        and system.exists()
        and os.path.realpath(sys.executable).startswith("/root")
    ):
        return str(system)
    return sys.executable


@pytest.fixture(scope="module")
def replay() -> Iterator[Replay]:
    with tempfile.TemporaryDirectory(prefix="rr-image-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)
        replay = Replay(Path(folder))
        replay.copy()
        replay.install()
        yield replay


@pytest.mark.stack
def test_the_steps_of_the_dockerfile_make_a_running_server(replay: Replay):
    last = replay.final.all("RUN")[-1]
    check = last.split("&&")[-1].strip()
    code, said = replay.run(check)
    assert code == 0, said
    assert list(replay.data.iterdir()) == [], "the image brings no key along"

    port = str(free_port())
    web = replay.start(json.loads(replay.final.all("CMD")[-1]), PORT=port)
    health = json.loads(replay.final.all("HEALTHCHECK")[0].split("CMD", 1)[1])
    try:
        wait_until(lambda: replay.run(health, PORT=port)[0] == 0, 60)
        inside = {path.name for path in replay.data.iterdir()}
    finally:
        web.send_signal(signal.SIGTERM)
        said, _errors = web.communicate(timeout=30)

    assert "secret-key" in inside
    assert web.returncode in {0, -signal.SIGTERM}, said
    assert replay.run(health, PORT=port)[0] != 0, "and it says when nobody is there"
