"""The folder docker/ prepared as the first lines of compose.yaml describe."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from embedded.terminal_language import ROOT


@pytest.fixture(scope="module")
def docker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("room") / "docker"
    shutil.copytree(ROOT / "docker", folder, ignore=shutil.ignore_patterns(".env", "secrets"))
    said = (folder / "env.example").read_text(encoding="utf-8")
    more = "\nADMIN_EMAIL=ada@example.org\nWORKER_THREADS=5\nDATA_DIR=/elsewhere\n"
    (folder / ".env").write_text(said + more, encoding="utf-8")
    (folder / "secrets").mkdir()
    (folder / "secrets" / "database_password").write_text("quiet", encoding="ascii")
    return folder


@pytest.fixture(scope="module")
def tool(docker_folder: Path) -> Callable[..., str]:
    """Return a function that runs a system program in that folder and returns its output."""

    def run(*words: str, **environment: str) -> str:
        if shutil.which(words[0]) is None:
            pytest.skip(f"{words[0]} is not installed")
        own = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(docker_folder), **environment}
        done = subprocess.run(
            words, cwd=docker_folder, env=own, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
