"""What reception sees without looking for it: nothing cut off, nothing out of sight or untrue."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from ivr.flow import events as e
from tests.browser import axe
from tests.browser.conftest import log_in
from tests.web.conftest import MADRID, Console

pytestmark = pytest.mark.browser
TUESDAY = date(2026, 12, 29)
"""Far enough ahead for the demo clinic's agendas to have room."""
FONT = """
name => {
  const one = document.querySelector('.mantine-UnstyledButton-root').cloneNode(true);
  one.classList.add(name);
  document.body.append(one);
  const size = getComputedStyle(one).fontSize;
  one.remove();
  return size;
}
"""
ROOM = """
() => {
  const of = (name) => document.querySelector(name).getBoundingClientRect();
  return of('.legend').right - of('.legend-keys').right;
}
"""
INSIDE = """
() => {
  const [frame, one] = ['.agenda .scroll', '.entry[data-status=booked]:focus']
    .map((name) => document.querySelector(name).getBoundingClientRect());
  return one.top >= frame.top && one.bottom <= frame.bottom;
}
"""


def ready(page: Page, path: str = "/llamadas", username: str = "marta") -> None:
    log_in(page, username)
    expect(page.get_by_text("En directo")).to_be_visible()
    page.goto(path)
    expect(page.get_by_text("En directo")).to_be_visible()


def test_the_consoles_own_style_counts_over_that_of_its_components(page: Page) -> None:
    ready(page)
    assert page.evaluate(FONT, "call-tile") == "11px"


def test_the_keys_of_the_agenda_stand_clear_of_its_edge(page: Page) -> None:
    ready(page, "/agenda")
    expect(page.locator(".legend-keys")).to_be_visible()
    assert page.evaluate(ROOM) >= 14


def test_the_letters_of_the_agenda_work_after_a_branch_was_chosen(page: Page) -> None:
    ready(page, "/agenda")
    page.get_by_text("Aurora Roma Norte", exact=True).click()
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Semana del")).to_be_visible()
    page.keyboard.press("b")
    words = page.get_by_label("Qué hueco busca")
    expect(words).to_be_focused()
    page.keyboard.type("bs dh")
    expect(words).to_have_value("bs dh")
    expect(page.get_by_role("heading", name="Semana del")).to_be_visible()


def test_what_has_just_been_booked_is_in_sight(page: Page, console: Console) -> None:
    javier = console.services.patients.by_number("+34600000002")[0]
    ready(page, f"/agenda?dia={TUESDAY}&sede={MADRID}&paciente={javier.id}")
    page.get_by_label("Qué hueco busca").fill("limpieza a partir de las siete de la tarde")
    expect(page.locator(".slot").first).to_contain_text(re.compile("19:|20:"))
    page.locator(".slot").first.click()
    expect(page.get_by_text("Cita dada a Javier Domínguez Peña")).to_be_visible()
    page.locator(".entry[data-status=booked]", has_text="Javier Domínguez").last.evaluate(
        "entry => entry.focus({ preventScroll: true })"
    )
    assert page.evaluate(INSIDE)


def test_a_paused_recording_is_not_called_a_running_one(page: Page, console: Console) -> None:
    call = console.call("+34600000002")
    console.happens(
        call,
        e.RecordingStarted(recording_id="r"),
        e.AgentConnected(agent="marta"),
        e.RecordingPaused(agent="marta"),
    )
    ready(page, f"/llamadas?llamada={call}")
    head = page.locator(".talk-head")
    expect(head).to_contain_text("Grabación en pausa")
    expect(head).not_to_contain_text("Grabando")
    console.happens(call, e.RecordingResumed(agent="marta"))
    expect(head).to_contain_text("Grabando")


def test_nobody_is_asked_to_open_a_call_that_is_not_theirs(page: Page, console: Console) -> None:
    call = console.call("+34600000002")
    console.happens(call, e.QueueJoined(queue="recepcion"))
    ready(page, username="lucia")
    expect(page.locator(".call-card")).to_be_disabled()
    expect(page.get_by_text("Ninguna llamada es suya ahora")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_warns_and_what_failed_can_be_read(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    ready(page)
    page.get_by_role("button", name="Paciente nuevo").first.click()
    page.get_by_label("Nombre").fill("Casilda")
    page.keyboard.press("Escape")
    expect(page.get_by_text("no está guardado")).to_be_visible()
    wrong = axe.broken(page, "throw away")
    page.get_by_role("button", name="Descartar").click()
    page.route("**/api/v1/session", lambda route: route.abort())
    page.get_by_role("button", name="Cuenta de Marta Sanz").click()
    page.get_by_role("menuitem", name="Cerrar sesión").click()
    expect(page.get_by_text("La sesión sigue abierta")).to_be_visible()
    assert wrong + axe.broken(page, "failure") == []


def test_a_day_is_chosen_in_the_readers_language_whatever_the_browsers_is(page: Page) -> None:
    ready(page, f"/agenda?dia={TUESDAY}&sede={MADRID}&paciente=1")
    finder = page.get_by_role("complementary", name="Buscar hueco")
    expect(finder.locator("input[type=date]")).to_have_count(0)
    finder.get_by_role("button", name="A partir del día").click()
    expect(page.get_by_role("dialog")).to_contain_text("noviembre 2026")
    page.get_by_role("dialog").get_by_role("button", name="30 noviembre 2026").click()
    expect(finder).to_contain_text("30/11/2026")
