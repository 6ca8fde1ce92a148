"""A call rings while the agent looks at something else."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ivr.flow import events as e
from tests.browser.conftest import log_in
from tests.web.conftest import Console

pytestmark = [pytest.mark.browser]

WATCH = """
(() => {
  const Native = window.Notification;
  window.__made = [];
  window.__focused = 0;
  window.focus = () => { window.__focused += 1; };
  window.Notification = class extends Native {
    constructor(title, options) {
      super(title, options);
      this.told = { title, body: options.body, stays: options.requireInteraction, open: false };
      this.addEventListener("show", () => { this.told.open = true; });
      window.__made.push(this);
    }
    close() {
      this.told.open = false;
      super.close();
    }
  };
  let hidden = false;
  Object.defineProperty(document, "hidden", { get: () => hidden });
  Object.defineProperty(document, "visibilityState", { get: () => hidden ? "hidden" : "visible" });
  window.__hide = (on) => {
    hidden = on;
    document.dispatchEvent(new Event("visibilitychange"));
  };
})();
"""
"""The browser's own notifications, written down. A headless Chromium never hides a page, so the
page is told that it is hidden."""

Open = Callable[[bool], Page]


@pytest.fixture
def lucia(chromium: Browser, console: Console) -> Iterator[Open]:
    """Lucía's page, with or without permission to notify."""
    contexts = []

    def opened(allowed: bool) -> Page:
        context = chromium.new_context(
            base_url=console.url,
            locale="es-ES",
            permissions=["notifications"] if allowed else [],
        )
        contexts.append(context)
        context.add_init_script(WATCH)
        page = context.new_page()
        log_in(page, "lucia")
        expect(page.get_by_text("En directo")).to_be_visible()
        return page

    yield opened
    for context in contexts:
        context.close()


def rings(console: Console) -> str:
    patient = console.services.patients.by_number("+34600000002")[0]
    call = console.call("+34600000002", caller_name="Javier Domínguez")
    console.happens(
        call,
        e.PatientIdentified(patient_id=patient.id, how="phone_and_birth_date"),
        e.TurnHeard(text="Me sangra la encía", confidence=0.9),
        e.QueueJoined(queue="recepcion"),
        e.AgentRinging(agent="lucia"),
    )
    return call


def made(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("() => window.__made.map(one => one.told)")
    return found


def test_a_call_that_rings_at_a_hidden_page_is_notified_without_a_word_about_the_patient(
    lucia: Open, console: Console
) -> None:
    page = lucia(True)
    page.evaluate("() => window.__hide(true)")
    call = rings(console)
    page.wait_for_function("() => window.__made.length === 1 && window.__made[0].told.open")
    (shown,) = made(page)
    assert (shown["title"], shown["body"], shown["stays"]) == (
        "Llamada entrante",
        "Descuelgue en la consola.",
        True,
    )
    console.happens(
        call, e.QueueLeft(queue="recepcion", reason="connected"), e.AgentConnected(agent="lucia")
    )
    page.wait_for_function("() => !window.__made[0].told.open")
    assert len(made(page)) == 1


def test_a_click_on_the_notification_brings_the_console_to_the_front(
    lucia: Open, console: Console
) -> None:
    page = lucia(True)
    page.evaluate("() => window.__hide(true)")
    rings(console)
    page.wait_for_function("() => window.__made.length === 1 && window.__made[0].told.open")
    page.evaluate('() => window.__made[0].dispatchEvent(new Event("click"))')
    assert page.evaluate("() => window.__focused") == 1
    assert [one["open"] for one in made(page)] == [False]


def test_a_page_left_while_it_rings_notifies_too_and_one_that_is_seen_does_not(
    lucia: Open, console: Console
) -> None:
    page = lucia(True)
    rings(console)
    expect(page).to_have_title("☎ Llamada entrante · Aurícula")
    assert made(page) == []
    page.evaluate("() => window.__hide(true)")
    page.wait_for_function("() => window.__made.length === 1 && window.__made[0].told.open")
    page.evaluate("() => window.__hide(false)")
    page.wait_for_function("() => !window.__made[0].told.open")


def test_without_permission_the_hidden_tab_blinks_until_the_call_is_answered(
    lucia: Open, console: Console
) -> None:
    page = lucia(False)
    page.evaluate("() => window.__hide(true)")
    call = rings(console)
    expect(page).to_have_title("☎ ☎ ☎")
    expect(page).to_have_title("☎ Llamada entrante · Aurícula")
    expect(page).to_have_title("☎ ☎ ☎")
    assert made(page) == []
    console.happens(
        call, e.QueueLeft(queue="recepcion", reason="connected"), e.AgentConnected(agent="lucia")
    )
    expect(page).to_have_title("Aurícula")
    page.wait_for_timeout(2_500)
    expect(page).to_have_title("Aurícula")
