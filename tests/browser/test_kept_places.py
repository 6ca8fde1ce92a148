"""Those who hung up in the queue and wait for our call, on the desk's list of tasks."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ivr.flow import events as e
from tests.browser.conftest import log_in
from tests.queues.kept_places import keep_place
from tests.web.conftest import Console

pytestmark = [pytest.mark.browser]

PLACES = "**/api/v1/kept-places"


def keeps_the_place(console: Console, number: str) -> str:
    call = console.call(number)
    console.happens(call, e.QueueJoined(queue="recepcion"), e.PlaceKept(queue="recepcion"))
    keep_place(console.database, number, call, console.clock.now())
    console.log.finish(call, "completed")
    return call


def test_an_agent_says_that_somebody_need_not_be_called_and_may_take_it_back(
    page: Page, console: Console, tmp_path: Path
) -> None:
    call = keeps_the_place(console, "+34600000021")
    log_in(page, "lucia")
    page.get_by_role("link", name="Tareas").click()
    waiting = page.get_by_role("region", name="Esperan nuestra llamada")
    waiting.get_by_role("button", name="No llamar a …021").click()
    asked = page.get_by_role("dialog")
    expect(asked.get_by_role("button", name="No llamar")).to_be_disabled()
    asked.get_by_label("Motivo").click()
    page.get_by_role("option", name="Ya se le ha atendido").click()
    page.screenshot(path=tmp_path / "cancel.png")
    asked.get_by_role("button", name="No llamar").click()
    expect(waiting).to_have_count(0)
    page.get_by_role("button", name="Deshacer").click()
    expect(waiting).to_contain_text("…021")
    told = [x.event for x in console.log.events(call) if isinstance(x.event, e.PlaceChanged)]
    assert [(x.status, x.by, x.note) for x in told] == [
        ("cancelled", "lucia", "Ya se le ha atendido"),
        ("waiting", "lucia", ""),
    ]


def test_a_list_that_cannot_be_read_is_told_and_read_again(
    page: Page, console: Console, tmp_path: Path
) -> None:
    keeps_the_place(console, "+34600000022")
    log_in(page, "lucia")
    page.route(PLACES, lambda route: route.fulfill(status=503, json={"code": "unavailable"}))
    page.get_by_role("link", name="Tareas").click()
    waiting = page.get_by_role("region", name="Esperan nuestra llamada")
    expect(waiting.get_by_role("alert")).to_be_visible()
    page.screenshot(path=tmp_path / "failed.png")
    page.unroute(PLACES)
    waiting.get_by_role("button", name="Reintentar").click()
    expect(waiting).to_contain_text("…022")
