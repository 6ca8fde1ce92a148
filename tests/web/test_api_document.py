"""The console's client is made from the API's own description; neither may drift."""

import subprocess
from pathlib import Path

import pytest

from ivr.commands.openapi import document
from ivr.config import PROJECT

CONSOLE = PROJECT / "agents_ui"


def test_the_kept_description_is_the_present_one() -> None:
    kept = (CONSOLE / "openapi.json").read_text(encoding="utf-8")
    assert kept == document(), "run: auricula openapi --out agents_ui/openapi.json"


def test_the_consoles_client_is_made_from_the_kept_description(tmp_path: Path) -> None:
    tool = CONSOLE / "node_modules" / ".bin" / "openapi-typescript"
    if not tool.exists():
        pytest.skip("the console's packages are not installed (npm ci)")
    made = tmp_path / "schema.d.ts"
    subprocess.run(
        [tool, CONSOLE / "openapi.json", "-o", made], check=True, capture_output=True, cwd=CONSOLE
    )
    kept = (CONSOLE / "src" / "api" / "schema.d.ts").read_text(encoding="utf-8")
    assert made.read_text(encoding="utf-8") == kept, "run: npm run api in agents_ui"
