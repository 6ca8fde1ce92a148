"""A call and the agenda on one screen: the file before the ring, booking while talking, and
the assistant and an agent who want the same time."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from ivr.clinic.model import Appointment, Branch
from tests.browser.desk import Reception, hears, idle, talking, until
from tests.calls_over_sip.callers import Turn, press
from tests.telephone_network import clinic
from tests.telephone_network.clinic import new_patient
from tests.telephone_network.person import Person
from tests.telephone_network.player import Player
from tests.telephone_network.watch import CallWatch, find_call, last_number

pytestmark = [pytest.mark.browser, pytest.mark.network]
NOTES = """
name => {
  window.__order = [];
  const note = (what) => window.__order.includes(what) || window.__order.push(what);
  const look = () => {
    const file = document.querySelector('aside[aria-label="Ficha"]');
    if (file?.textContent.includes(name)) note('file');
    if (document.querySelector('.agent-call[data-stage="ringing"]')) note('ringing');
  };
  new MutationObserver(look).observe(document, {
    subtree: true, childList: true, characterData: true, attributes: true,
  });
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    if (this.frequency.value !== window.__tone) {
      look();
      note('ringtone');
    }
    return start.apply(this, when);
  };
}
"""
"""The first moment of each, in order: the caller's file, the ringing phone, its sound."""


def booked(desk: Reception, patient: int) -> list[Appointment]:
    with desk.database.transaction() as session:
        query = select(Appointment).where(
            Appointment.patient_id == patient, Appointment.status == "booked"
        )
        return list(session.scalars(query))


@pytest.mark.parametrize("screen", ["Agenda", "Llamadas"])
def test_the_callers_file_is_on_the_page_before_the_phone_rings(
    desk: Reception, screen: str
) -> None:
    _, number = desk.somebody("Remedios", f"Salvatierra {screen}")
    lucia = desk.agent("lucia")
    lucia.get_by_role("link", name=screen).click()
    lucia.evaluate(NOTES, f"Salvatierra {screen}")
    patient = desk.patient_calls(number)
    expect(lucia.get_by_role("button", name="Descolgar")).to_be_visible(timeout=60_000)
    until("the ringtone", lambda: "ringtone" in lucia.evaluate("() => window.__order"))
    order = lucia.evaluate("() => window.__order")
    assert order[0] == "file", order
    assert set(order) == {"file", "ringing", "ringtone"}
    patient.hang_up()
    idle(lucia)


def test_an_agent_books_in_the_agenda_while_the_patient_is_on_the_line(desk: Reception) -> None:
    remedios, number = desk.somebody("Remedios", "Salvatierra Gómez")
    lucia = desk.agent("lucia")
    patient = desk.in_conversation(lucia, number)
    call = desk.call_id(patient)
    lucia.get_by_role("link", name="Agenda").click()
    lucia.get_by_role("button", name="Buscar hueco").click()
    finder = lucia.get_by_role("complementary", name="Buscar hueco")
    expect(finder).to_contain_text("Remedios Salvatierra")
    finder.get_by_label("Qué hueco busca").fill("limpieza por la tarde")
    finder.locator(".slot").first.click()
    expect(lucia.get_by_text("Cita dada a Remedios Salvatierra")).to_be_visible()
    [made] = booked(desk, remedios)
    assert made.call_id == call
    talking(lucia)
    hears(lucia, "patient")
    hears(patient, "lucia")
    lucia.get_by_role("link", name="Llamadas").click()
    file = lucia.get_by_role("complementary", name="Ficha")
    expect(file).to_contain_text("limpieza dental")
    patient.hang_up()
    idle(lucia)


@dataclass
class Racer:
    """A patient with the assistant, who has just been offered three times."""

    patient: int
    person: Person
    player: Player
    branch: int


def offered(desk: Reception, index: int, *, wait_s: float) -> Racer:
    """Somebody calls a branch of their own, after a while, and is offered the first free
    times by key."""
    time.sleep(wait_s)
    number = clinic.open_number(1 + index)
    ani, born = f"+3460200{index:04d}", date(1979, 6, 21)
    patient = new_patient(desk.database, "Berta", f"Carrera {index}", number=ani, born=born)
    since = last_number(desk.database)
    person = desk.network.call(number, number=ani)
    watch = CallWatch(desk.database, find_call(desk.database, ani, after=since))
    player = Player(person, watch)
    player.go_on(press("2", "1", f"{born:%d%m%Y}", "1", "1"))
    player.go_on([Turn("hear", "huecos_tres_teclas")])
    with desk.database.transaction() as session:
        branch = session.scalars(select(Branch.id).where(Branch.phone == number)).one()
    return Racer(patient, person, player, branch)


def looking_at_the_same(agent: Page, racer: Racer, patient: str) -> None:
    """The agent has that branch's free times on the screen, and a patient to book for."""
    agent.goto(f"/agenda?sede={racer.branch}")
    agent.get_by_role("button", name="Buscar hueco").click()
    finder = agent.get_by_role("complementary", name="Buscar hueco")
    finder.get_by_label("¿Para quién?").fill(patient)
    agent.get_by_role("option", name=patient).click()
    finder.get_by_label("Qué hueco busca").fill("revisión")
    expect(finder.locator(".slot").first).to_be_visible()


def one_each(desk: Reception, racer: Racer, other: int) -> None:
    """Both have an appointment, at the same people's, and not the same one."""
    [theirs], [ours] = booked(desk, racer.patient), booked(desk, other)
    assert theirs.branch_id == ours.branch_id == racer.branch
    assert (theirs.professional_id, theirs.during) != (ours.professional_id, ours.during)


def takes_one(racer: Racer) -> None:
    """The caller says yes to whatever is offered or read back, until it is booked."""
    for _ in range(4):
        racer.player.go_on(press("1"))
        if racer.player.watch.has("appointment.changed", change="booked"):
            break
    racer.player.play(press("2"))
    assert racer.player.watch.wait_for_end().outcome == "completed"


def agent_first(desk: Reception, agent: Page, racer: Racer) -> None:
    """The caller is told that an agent was faster, and is offered another time."""
    casilda, _ = desk.somebody("Casilda", "Rápida Primera")
    looking_at_the_same(agent, racer, "Casilda Rápida Primera")
    agent.locator(".slot").first.click()
    expect(agent.get_by_text("Cita dada a Casilda Rápida Primera")).to_be_visible()
    racer.player.go_on(press("1"))
    racer.player.watch.wait_for("prompt.said", key="hueco_ocupado")
    takes_one(racer)
    one_each(desk, racer, casilda)


def both_at_once(desk: Reception, agent: Page, racer: Racer) -> None:
    """Whoever is first, the other is told and has the next time."""
    casilda, _ = desk.somebody("Casilda", "Rápida Segunda")
    looking_at_the_same(agent, racer, "Casilda Rápida Segunda")
    key = threading.Thread(target=lambda: racer.player.go_on(press("1")))
    key.start()
    agent.locator(".slot").first.click()
    key.join()
    told = agent.get_by_text("Cita dada a Casilda Rápida Segunda")
    hitch = agent.get_by_role("dialog")
    expect(told.or_(hitch).first).to_be_visible()
    if hitch.is_visible():
        assert not racer.player.watch.has("prompt.said", key="hueco_ocupado")
        expect(hitch).to_contain_text("se acaban de ocupar")
        hitch.get_by_role("button", name="Usar el siguiente hueco").click()
        expect(told).to_be_visible()
    takes_one(racer)
    one_each(desk, racer, casilda)


def caller_first(desk: Reception, agent: Page, racer: Racer) -> None:
    """The agent is told that the assistant was faster, and uses the next time."""
    casilda, _ = desk.somebody("Casilda", "Lenta Tercera")
    looking_at_the_same(agent, racer, "Casilda Lenta Tercera")

    def after_the_key(route: Route) -> None:
        racer.player.go_on(press("1"))
        racer.player.watch.wait_for("appointment.changed", change="held")
        route.continue_()

    agent.route("**/api/v1/appointments", after_the_key)
    agent.locator(".slot").first.click()
    hitch = agent.get_by_role("dialog")
    expect(hitch).to_contain_text("se acaban de ocupar")
    agent.unroute("**/api/v1/appointments")
    hitch.get_by_role("button", name="Usar el siguiente hueco").click()
    expect(agent.get_by_text("Cita dada a Casilda Lenta Tercera")).to_be_visible()
    takes_one(racer)
    assert not racer.player.watch.has("prompt.said", key="hueco_ocupado")
    one_each(desk, racer, casilda)


def test_a_caller_and_an_agent_race_for_a_time_one_gets_it_and_the_other_is_told(
    desk: Reception,
) -> None:
    lucia = desk.browser("lucia")
    with ThreadPoolExecutor(3) as pool:
        racers = [pool.submit(offered, desk, index, wait_s=8.0 * index) for index in range(3)]
        for race, racer in zip((agent_first, both_at_once, caller_first), racers, strict=True):
            race(desk, lucia, racer.result())
