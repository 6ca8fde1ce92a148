"""Flows are read again as soon as a file of theirs changes, and a folder that is gone says so."""

import os
import shutil
from pathlib import Path

import pytest

from ivr.actions.connect import library
from ivr.config import PROJECT
from ivr.errors import NotFound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(PROJECT / "callflows", tmp_path / "callflows")


def test_a_text_that_was_changed_is_said_from_the_next_call_on(folder: Path) -> None:
    flows = library(folder)
    before = flows.texts("es-ES")
    assert flows.texts("es-ES") is before
    file = next(f for f in (folder / "prompts").rglob("*.yaml") if "es-ES" in str(f))
    os.utime(file, ns=(1, 1))
    assert flows.texts("es-ES") is not before


def test_a_folder_that_is_gone_for_a_moment_costs_nobody_an_unnamed_error(folder: Path) -> None:
    flows = library(folder)
    (folder / "again").symlink_to(folder, target_is_directory=True)
    assert flows.flow("recepcion").name == "recepcion"
    shutil.rmtree(folder)
    with pytest.raises(NotFound):
        library(folder).flow("recepcion")
