"""Fixtures for tests of fetching."""

import pytest


@pytest.fixture
def no_file_left_behind(data_dir):
    """Fail the test if a fetch leaves a temporary file."""
    yield
    assert [path for path in (data_dir / "tmp").iterdir() if path.name.startswith("incoming")] == []
