"""The console's server dies or hangs in the middle of an agent's conversation."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ivr.flow import events as e
from tests.browser.desk import Reception, hears, idle, until

pytestmark = [pytest.mark.browser, pytest.mark.network]

HANGS_MS = 6_000
"""After the page has noticed: some fifteen seconds in all."""


@pytest.fixture
def server(desk: Reception) -> Iterator[Reception]:
    """The reception, whose console's server runs again afterwards."""
    yield desk
    comes_back(desk)


def comes_back(desk: Reception) -> None:
    """As the supervisor starts it again, unless it runs."""
    if "web" in desk.installation.processes:
        desk.installation.thaw("web")
    else:
        desk.installation.start("web")


def dies(desk: Reception) -> None:
    desk.installation.kill("web")


def hangs(desk: Reception) -> None:
    desk.installation.freeze("web")


def is_right_again(page: Page) -> None:
    expect(page.locator('[data-phone="on_call"]')).to_be_visible(timeout=60_000)
    expect(page.get_by_text("En directo")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Sin conexión con el servidor")).to_have_count(0)


def takes_calls_again(page: Page) -> None:
    """Nothing of the call stands in the way of the next one."""
    expect(page.locator('[data-phone="available"]')).to_be_visible(timeout=60_000)
    expect(page.get_by_text("En directo")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("goes", [dies, hangs])
def test_a_conversation_outlives_the_consoles_server_and_is_in_hand_again_afterwards(
    server: Reception, goes: Callable[[Reception], None], tmp_path: Path
) -> None:
    lucia = server.agent("lucia")
    patient = server.in_conversation(lucia)
    goes(server)
    expect(lucia.locator(".agent-call")).to_contain_text("Sin conexión con el servidor")
    expect(lucia.get_by_text("En directo")).to_have_count(0)
    for name in ("Retener", "Transferir"):
        expect(lucia.get_by_role("button", name=name)).to_be_disabled()
    lucia.screenshot(path=tmp_path / "cut.png")
    lucia.wait_for_timeout(HANGS_MS)
    hears(patient, "lucia")
    hears(lucia, "patient")
    comes_back(server)
    is_right_again(lucia)
    lucia.get_by_role("button", name="Retener").click()
    hears(patient, "music")
    lucia.get_by_role("button", name="Retomar").click()
    hears(patient, "lucia")
    hears(lucia, "patient")
    lucia.get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()
    idle(lucia)
    until("the call's end", lambda: server.of_type(patient, e.CallEnded))
    assert server.of_type(patient, e.AgentLost) == []
    assert len(server.of_type(patient, e.AgentConnected)) == 1


@pytest.mark.parametrize("goes", [dies, hangs])
def test_a_caller_who_hangs_up_meanwhile_is_off_the_screen_afterwards(
    server: Reception, goes: Callable[[Reception], None]
) -> None:
    lucia = server.agent("lucia")
    patient = server.in_conversation(lucia)
    goes(server)
    expect(lucia.locator(".agent-call")).to_contain_text("Sin conexión con el servidor")
    patient.hang_up()
    until("the call's end", lambda: server.of_type(patient, e.CallEnded))
    comes_back(server)
    idle(lucia)
    takes_calls_again(lucia)


@pytest.mark.parametrize("goes", [dies, hangs])
def test_an_agent_who_hangs_up_meanwhile_ends_the_call(
    server: Reception, goes: Callable[[Reception], None]
) -> None:
    lucia = server.agent("lucia")
    patient = server.in_conversation(lucia)
    goes(server)
    expect(lucia.locator(".agent-call")).to_contain_text("Sin conexión con el servidor")
    lucia.get_by_role("button", name="Colgar", exact=True).click()
    idle(lucia)
    comes_back(server)
    patient.wait_for_end(30)
    until("the call's end", lambda: server.of_type(patient, e.CallEnded))
    takes_calls_again(lucia)


def test_a_server_that_hangs_while_nobody_calls_is_told_before_the_next_caller_rings(
    server: Reception,
) -> None:
    lucia = server.agent("lucia")
    expect(lucia.get_by_text("En directo")).to_be_visible()
    assert lucia.workers, "what keeps the beat in a hidden tab"
    hangs(server)
    expect(lucia.get_by_text("En directo")).to_have_count(0, timeout=15_000)
    expect(lucia.locator(".banner[role=alert]")).to_contain_text("Sin conexión con el servidor")
    comes_back(server)
    takes_calls_again(lucia)
