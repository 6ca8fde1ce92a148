"""The console in a real Chromium, at the size of a small laptop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ivr.clock import FixedClock
from ivr.config import PROJECT
from ivr.database import Database
from tests.conftest import Templates
from tests.web.conftest import PASSWORD, Console, serving

if TYPE_CHECKING:
    from tests.browser.desk import Reception

PAGES = PROJECT / "agents_ui" / "dist"
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]

expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the run."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM if CHROMIUM.exists() else None, args=ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture
def console(demo_clinic: Database, clock: FixedClock, tmp_path: Path) -> Iterator[Console]:
    """The console with its pages."""
    if not (PAGES / "index.html").is_file():
        pytest.skip("the console is not built: npm run build in agents_ui")
    with serving(demo_clinic, clock, tmp_path, PAGES) as console:
        yield console


@pytest.fixture
def page(chromium: Browser, console: Console) -> Iterator[Page]:
    """An empty tab; what goes wrong inside the page fails the test."""
    context = chromium.new_context(
        base_url=console.url,
        viewport={"width": 1280, "height": 720},
        locale="es-ES",
        reduced_motion="reduce",
    )
    context.set_default_timeout(20_000)
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on(
        "console",
        lambda line: errors.append(line.text) if "Content Security" in line.text else None,
    )
    yield tab
    context.close()
    assert not errors


def log_in(page: Page, username: str = "marta", password: str = PASSWORD) -> None:
    """Through the form, as a person does."""
    page.goto("/")
    page.get_by_label("Usuario").fill(username)
    page.get_by_label("Contraseña", exact=True).fill(password)
    page.get_by_role("button", name="Entrar").click()


@pytest.fixture(scope="package")
def staffed(
    templates: Templates, tmp_path_factory: pytest.TempPathFactory, chromium: Browser
) -> Iterator[Reception]:
    if not (PAGES / "index.html").is_file():
        pytest.skip("the console is not built: npm run build in agents_ui")
    from tests.browser.desk import reception

    with reception(templates, tmp_path_factory.mktemp("reception"), chromium) as running:
        yield running


@pytest.fixture
def desk(staffed: Reception) -> Iterator[Reception]:
    """The reception without anybody in it yet, and without a call afterwards."""
    try:
        yield staffed
        staffed.all_is_over()
    finally:
        staffed.close_browsers()
