"""An agent's states over the real Asterisk: ringing in vain, wrapping up; the supervisor's room."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from ivr.agents.model import Disposition, PauseReason
from ivr.clinic.model import Clinic
from tests.browser.conftest import log_in
from tests.browser.desk import becomes
from tests.browser.test_phones import (
    KNOWN,
    PhoneClinic,
    context,
    dial,
    phone_clinic,
    visitor,
)

__all__ = ["phone_clinic", "visitor"]
pytestmark = [pytest.mark.browser, pytest.mark.network]


@pytest.fixture(scope="module", autouse=True)
def rules(phone_clinic: PhoneClinic) -> None:
    """The clinic gives time after a call and wants to know how it ended."""
    with phone_clinic.log._database.transaction() as session:
        own = session.get_one(Clinic, 1)
        own.settings = {**own.settings, "wrap_up_s": 45, "disposition_required": True}
        session.add(PauseReason(code="lunch", name="Comida", limit_s=2700))
        session.add(Disposition(code="booked", name="Cita dada"))


def state(desk: Page, name: str, timeout: float = 30_000) -> None:
    expect(desk.locator(f'[data-phone="{name}"]')).to_be_visible(timeout=timeout)


def test_who_does_not_answer_is_paused_comes_back_with_a_button_and_wraps_up_the_next(
    chromium: Browser, visitor: Page, phone_clinic: PhoneClinic
) -> None:
    with context(chromium, phone_clinic) as own, context(chromium, phone_clinic) as other:
        desk, room = own.new_page(), other.new_page()
        log_in(desk, "lucia")
        desk.get_by_role("button", name="Conectar el teléfono").click()
        state(desk, "available")
        log_in(room, "teresa")
        room.get_by_role("link", name="Sala").click()
        agent = room.locator(".agents tr", has_text="Lucía")
        expect(agent).to_contain_text("Disponible")
        level = room.locator(".figure", has_text="Nivel de servicio")
        counted = re.search(r"de (\d+)", level.inner_text())
        before = int(counted[1]) if counted else 0

        dial(visitor, KNOWN)
        expect(visitor.locator(".demo-captions")).to_contain_text("nos permite grabar")
        visitor.keyboard.press("0")
        state(desk, "ringing", 60_000)
        expect(agent).to_contain_text("Le suena")
        expect(room.locator(".line li")).to_have_count(1)
        expect(desk.locator('[data-notice="rona"]')).to_be_visible(timeout=40_000)
        state(desk, "paused")
        expect(agent).to_contain_text("no contestó")

        desk.get_by_role("button", name="Volver a estar disponible").click()
        desk.get_by_role("button", name="Descolgar").click(timeout=40_000)
        state(desk, "on_call")
        expect(agent).to_contain_text("En llamada")
        expect(room.locator(".line li")).to_have_count(0)

        desk.get_by_role("button", name="Mi estado").click()
        desk.get_by_role("menuitem", name="Comida").click()
        state(desk, "on_call")
        desk.get_by_role("button", name="Colgar").click()
        state(desk, "wrap_up")
        desk.get_by_role("button", name="Listo").click()
        expect(desk.get_by_text("Elija primero")).to_be_visible()
        desk.keyboard.press("Escape")
        desk.get_by_role("radio", name="Cita dada").click()
        desk.get_by_role("button", name="Listo").click()
        state(desk, "paused")
        expect(agent).to_contain_text(re.compile("En pausa: comida"))
        expect(level).to_contain_text(f"de {before + 1}")


def test_a_page_that_goes_away_shows_as_away_and_as_available_when_it_is_back(
    chromium: Browser, phone_clinic: PhoneClinic
) -> None:
    with context(chromium, phone_clinic) as own, context(chromium, phone_clinic) as other:
        desk, room = own.new_page(), other.new_page()
        log_in(desk, "lucia")
        desk.get_by_role("button", name="Conectar el teléfono").click()
        becomes(desk, "available")
        log_in(room, "teresa")
        room.get_by_role("link", name="Sala").click()
        agent = room.locator(".agents tr", has_text="Lucía")
        expect(agent).to_contain_text("Disponible")
        desk.goto("about:blank")
        expect(agent).to_contain_text("Ausente", timeout=40_000)
        desk.goto(phone_clinic.url + "/llamadas")
        state(desk, "available", 40_000)
        expect(agent).to_contain_text("Disponible")


def test_a_shift_that_a_supervisor_ended_begins_with_the_agents_word_and_with_no_reload(
    chromium: Browser, phone_clinic: PhoneClinic
) -> None:
    with context(chromium, phone_clinic) as own, context(chromium, phone_clinic) as other:
        desk, room = own.new_page(), other.new_page()
        log_in(desk, "lucia")
        desk.get_by_role("button", name="Conectar el teléfono").click()
        becomes(desk, "available")
        log_in(room, "teresa")
        room.get_by_role("link", name="Sala").click()
        agent = room.locator(".agents tr", has_text="Lucía")
        agent.get_by_role("button").click()
        room.get_by_role("menuitem", name="Cambiar estado").click()
        room.get_by_role("radio", name="Fuera de turno").click()
        room.get_by_role("textbox").last.fill("Puede irse ya")
        room.get_by_role("dialog").get_by_role("button", name="Cambiar estado").click()
        notice = desk.locator('[data-notice="off"]')
        expect(notice).to_contain_text("Puede irse ya")
        desk.reload()
        expect(notice).to_contain_text("Puede irse ya")
        begin = desk.get_by_role("button", name="Empezar turno")
        expect(begin).to_be_visible(timeout=30_000)
        expect(agent).to_contain_text("Fuera de turno")
        begin.click()
        state(desk, "available")
        expect(notice).to_have_count(0)
        expect(agent).to_contain_text("Disponible")

        desk.get_by_role("button", name="Mi estado").click()
        desk.get_by_role("menuitem", name="Comida").click()
        state(desk, "paused")
        desk.close()
        again = own.new_page()
        again.goto(phone_clinic.url + "/llamadas")
        connect = again.get_by_role("button", name="Conectar el teléfono")
        expect(connect).to_be_visible()
        expect(again.locator(".topbar")).to_contain_text("En pausa: comida")
        connect.click()
        state(again, "paused")
