"""Folders for parts that change their user: pytest's own are closed to any other."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that a database run by root's helper user can reach."""
    with tempfile.TemporaryDirectory(prefix="auricula-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
