"""A laptop that sleeps with the console open, and a page that the browser froze."""

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import psutil
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.desk import Reception, hears, idle

pytestmark = [pytest.mark.browser, pytest.mark.network]


def browsers() -> set[psutil.Process]:
    """The main processes of the browsers that run here."""
    found = set()
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # gone, or not waited for yet
            if one.name() in ("chromium", "chrome") and "--type=" not in " ".join(one.cmdline()):
                found.add(one)
    return found


@dataclass
class Laptop:
    """A computer of its own, with a browser of its own."""

    desk: Reception
    browser: psutil.Process

    def stops(self, wanted: Callable[[list[str]], bool]) -> None:
        for process in self._browser():
            with suppress(psutil.NoSuchProcess):
                if wanted(process.cmdline()):
                    process.send_signal(signal.SIGSTOP)

    def wakes(self) -> None:
        for process in self._browser():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)

    def _browser(self) -> list[psutil.Process]:
        return [self.browser, *self.browser.children(recursive=True)]


@pytest.fixture
def laptop(desk: Reception, chromium: Browser) -> Iterator[Laptop]:
    before = browsers()
    own = chromium.browser_type.launch(
        executable_path=CHROMIUM if CHROMIUM.exists() else None, args=ARGUMENTS
    )
    (main,) = browsers() - before
    found = Laptop(replace(desk, chromium=own, contexts=[]), main)
    try:
        yield found
    finally:
        found.wakes()
        own.close()


def everything(_: list[str]) -> bool:
    """The laptop sleeps: nothing of the browser runs, the network is silent."""
    return True


def the_page(command: list[str]) -> bool:
    """The browser froze the page; it still answers for it on the network by itself."""
    return "--type=renderer" in command


@pytest.mark.timeout(400)
@pytest.mark.parametrize("what", [everything, the_page])
def test_an_agent_whose_laptop_sleeps_is_away_and_takes_calls_again_when_it_wakes(
    desk: Reception, laptop: Laptop, what: Callable[[list[str]], bool]
) -> None:
    marta = desk.browser("marta")
    lucia = laptop.desk.agent("lucia")
    marta.get_by_role("link", name="Sala").click()
    seen = marta.locator(".agents tr", has_text="Lucía")
    expect(seen).to_contain_text("Disponible")
    laptop.stops(what)
    expect(seen).to_contain_text("Ausente", timeout=150_000)
    laptop.wakes()
    expect(seen).to_contain_text("Disponible", timeout=60_000)
    expect(lucia.locator('[data-phone="available"]')).to_be_visible(timeout=60_000)
    patient = laptop.desk.in_conversation(lucia)
    hears(patient, "lucia")
    lucia.get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()
    idle(lucia)
