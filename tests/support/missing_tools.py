"""Tests that cannot run on this machine are named; in CI they fail."""

import os
import shutil
import subprocess
import sys

import pytest

IN_CI = bool(os.environ.get("CI"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def installed_browser() -> str | None:
    """Return the path of the system's chromium, if it has one."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def fetch_browser() -> bool:
    """Have Playwright fetch its own chromium; return whether there is one now."""
    command = [sys.executable, "-m", "playwright", "install", "chromium-headless-shell"]
    try:
        return (
            subprocess.run(command, capture_output=True, timeout=300, check=False).returncode == 0
        )
    except subprocess.TimeoutExpired:
        return False


class LeftOut:
    """Deselects the browser tests where there is no browser, and the data tests where there is no data."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def leave_out(self, config: pytest.Config, items: list[pytest.Item], marker: str) -> None:
        """Take the tests of this marker out of the run, unless this is CI, where they then fail."""
        if IN_CI:
            return
        left = [item for item in items if item.get_closest_marker(marker)]
        items[:] = [item for item in items if item not in left]
        self.names += [item.nodeid for item in left]
        config.hook.pytest_deselected(items=left)

    def summary(self, reporter: pytest.TerminalReporter) -> None:
        """Name the tests that were left out."""
        if self.names:
            reporter.section("left out: this machine has no browser or no documents for them")
            for name in self.names:
                reporter.line(name)
