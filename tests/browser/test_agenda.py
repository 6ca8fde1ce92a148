"""The agenda by hand and by key, finding a slot, a patient's file, tasks: in Chromium."""

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from ivr.clinic.agenda import Agenda
from ivr.clinic.schemas import AppointmentView, Slot, SlotQuery
from ivr.flow import events as e
from ivr.tickets.service import Tickets
from tests.browser.conftest import log_in
from tests.web.conftest import MADRID, Console

pytestmark = pytest.mark.browser
TUESDAY = date(2026, 12, 29)
"""Far enough ahead for the demo clinic's agendas to have room."""
SERVICE = 1
QUARTER = timedelta(minutes=15)
PIXELS = 22.5
"""A quarter of an hour on the screen."""
MADRID_ZONE = ZoneInfo("Europe/Madrid")


def clock_text(slot: Slot | AppointmentView, later: timedelta = timedelta()) -> str:
    return f"{(slot.starts_at + later).astimezone(MADRID_ZONE):%H:%M}"


def with_room(agenda: Agenda) -> Slot:
    """A free slot on Tuesday whose professional is free a quarter longer."""
    query = SlotQuery(
        service_id=SERVICE, branch_id=MADRID, date_from=TUESDAY, date_to=TUESDAY,
        limit=200, spread=False,
    )  # fmt: skip
    free = agenda.find_slots(query)
    starts = {(slot.professional_id, slot.starts_at) for slot in free}
    return next(s for s in free if (s.professional_id, s.starts_at + QUARTER) in starts)


@pytest.fixture
def agenda(console: Console) -> Agenda:
    return console.services.agenda


@pytest.fixture
def visit(agenda: Agenda, console: Console) -> AppointmentView:
    """Javier Domínguez comes on Tuesday."""
    javier = console.services.patients.by_number("+34600000002")[0]
    return agenda.schedule(with_room(agenda), patient_id=javier.id, call_id=None, agent="marta")


def opened(page: Page, search: str = "") -> None:
    log_in(page)
    expect(page.get_by_text("En directo")).to_be_visible()
    page.goto(f"/agenda?dia={TUESDAY}&sede={MADRID}{search}")
    expect(page.get_by_text("En directo")).to_be_visible()


def entry_of(page: Page, visit: AppointmentView) -> Locator:
    return page.locator(".entry", has_text="Javier Domínguez").first


def test_an_appointment_is_dragged_to_another_time_and_put_back(
    page: Page, agenda: Agenda, visit: AppointmentView
) -> None:
    opened(page)
    entry = entry_of(page, visit)
    entry.scroll_into_view_if_needed()
    box = entry.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 22, box["y"] + 20, steps=4)
    page.mouse.move(box["x"] + 20, box["y"] + 8 + PIXELS, steps=6)
    page.mouse.up()
    expect(page.get_by_text("Cita de Javier Domínguez Peña cambiada")).to_be_visible()
    expect(entry).to_contain_text(clock_text(visit, QUARTER))
    assert agenda.get(visit.id).starts_at == visit.starts_at + QUARTER
    page.get_by_role("button", name="Deshacer").click()
    expect(entry).to_contain_text(clock_text(visit))
    assert agenda.get(visit.id).starts_at == visit.starts_at


def test_an_appointment_is_moved_with_the_keyboard_alone(
    page: Page, agenda: Agenda, visit: AppointmentView
) -> None:
    opened(page)
    entry = entry_of(page, visit)
    entry.focus()
    page.keyboard.press("Space")
    expect(entry).to_have_attribute("data-dragging", "true")
    page.wait_for_timeout(150)
    page.keyboard.press("ArrowDown")
    expect(entry).to_contain_text(clock_text(visit, QUARTER))
    page.keyboard.press("Space")
    expect(page.get_by_text("Cita de Javier Domínguez Peña cambiada")).to_be_visible()
    assert agenda.get(visit.id).starts_at == visit.starts_at + QUARTER
    assert agenda.get(visit.id).professional_id == visit.professional_id


def test_a_cancellation_is_asked_for_twice_and_taken_back(
    page: Page, agenda: Agenda, visit: AppointmentView
) -> None:
    opened(page)
    entry_of(page, visit).click()
    page.get_by_role("button", name="Anular cita").click()
    assert agenda.get(visit.id).status == "booked"
    page.get_by_role("button", name="Sí, anular").click()
    expect(page.locator(".entry", has_text="Javier Domínguez")).to_have_count(0)
    assert agenda.get(visit.id).status == "cancelled"
    page.get_by_role("button", name="Deshacer").click()
    expect(entry_of(page, visit)).to_be_visible()
    assert agenda.get(visit.id).status == "booked"


def test_a_slot_is_found_in_words_and_booked_for_the_patient_on_the_line(
    page: Page, console: Console, agenda: Agenda
) -> None:
    opened(page)
    call = console.call("+34600000002")
    javier = console.services.patients.by_number("+34600000002")[0]
    console.happens(
        call,
        e.PatientIdentified(patient_id=javier.id, how="phone_and_birth_date"),
        e.AgentRinging(agent="marta"),
        e.AgentConnected(agent="marta"),
    )
    page.goto(f"/agenda?dia={TUESDAY}&sede={MADRID}")
    expect(page.get_by_text("En directo")).to_be_visible()
    before = {x.id for x in agenda.upcoming(javier.id)}
    page.keyboard.press("b")
    expect(page.get_by_role("complementary", name="Buscar hueco")).to_contain_text(
        "Javier Domínguez"
    )
    page.get_by_label("Qué hueco busca").fill("primer hueco con limpieza por la tarde")
    expect(page.get_by_text("desde las 14:00")).to_be_visible()
    page.locator(".slot").first.click()
    expect(page.get_by_text("Cita dada a Javier Domínguez Peña")).to_be_visible()
    (made,) = [x for x in agenda.upcoming(javier.id) if x.id not in before]
    assert made.starts_at.astimezone(MADRID_ZONE).hour >= 14
    assert "limpieza" in made.service.lower()


def test_a_slot_the_ivr_took_first_is_said_and_the_next_one_offered(
    page: Page, console: Console, agenda: Agenda, visit: AppointmentView
) -> None:
    opened(page)
    expect(entry_of(page, visit)).to_be_visible()
    page.get_by_role("button", name="Buscar hueco").click()
    finder = page.get_by_role("complementary", name="Buscar hueco")
    finder.get_by_label("¿Para quién?").fill("marta serrano")
    page.get_by_role("option", name="Marta Serrano").click()
    finder.get_by_label("Qué hueco busca").fill("limpieza")
    expect(page.locator(".slot").first).to_be_visible()
    wanted = page.locator(".slot").first.inner_text()
    with_service = next(x for x in console.services.directory.services() if "impieza" in x.name)
    first = agenda.find_slots(
        SlotQuery(service_id=with_service.id, branch_id=MADRID, limit=12, spread=True)
    )[0]
    assert clock_text(first) in wanted
    page.route("**/api/v1/appointments", lambda route: _after_the_ivr(route, agenda, first))
    page.locator(".slot").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Las {clock_text(first)} se acaban de ocupar")
    page.unroute("**/api/v1/appointments")
    dialog.get_by_role("button", name=re.compile("Usar el siguiente hueco")).click()
    expect(page.get_by_text("Cita dada a Marta Serrano")).to_be_visible()


def _after_the_ivr(route: object, agenda: Agenda, slot: Slot) -> None:
    agenda.hold(slot, call_id="otra")
    route.continue_()  # type: ignore[attr-defined]


def test_the_week_is_shown_by_professional_and_follows_what_others_do(
    page: Page, agenda: Agenda, visit: AppointmentView
) -> None:
    opened(page)
    page.get_by_text("Semana", exact=True).click()
    expect(page.locator(".week tbody tr").first).to_be_visible()
    chip = page.locator(".chip", has_text="Javier Domínguez").first
    expect(chip).to_contain_text(clock_text(visit))
    agenda.cancel(visit.id, call_id=None)
    expect(page.locator(".chip", has_text="Javier Domínguez")).to_have_count(0)


def test_a_new_file_shows_whoever_it_may_be_and_two_files_become_one(
    page: Page, console: Console
) -> None:
    patients = console.services.patients
    first = patients.create_provisional(
        "Casilda", "Irrepetible", "+34600999888", date(1980, 1, 2), branch_id=MADRID
    )
    log_in(page)
    page.get_by_role("button", name="Paciente nuevo").click()
    page.get_by_label("Nombre").fill("Casilda")
    page.get_by_label("Apellidos").fill("Irepetible")
    page.get_by_label("Fecha de nacimiento").fill("2/1/1980")
    expect(page.get_by_text("Puede que ya tenga ficha")).to_be_visible()
    page.get_by_role("button", name="Guardar").click()
    file = page.get_by_role("dialog")
    expect(file).to_contain_text("¿Es la misma persona que Casilda Irrepetible?")
    file.get_by_role("button", name="Revisar").click()
    page.get_by_role("button", name="Unir fichas").click()
    expect(file.get_by_text("Fichas unidas").first).to_be_visible()
    assert patients.by_number("+34600999888")[0].id != first.id
    file.get_by_label("Añadir una nota").fill("Llamar por la tarde")
    file.get_by_role("button", name="Guardar nota").click()
    expect(file).to_contain_text("Llamar por la tarde")


def test_a_caller_nobody_knows_is_given_a_file_from_the_pop(page: Page, console: Console) -> None:
    log_in(page)
    call = console.call("+34600999111")
    pop = page.get_by_role("complementary", name="Ficha")
    pop.get_by_role("button", name="Paciente nuevo").click()
    page.get_by_label("Nombre").fill("Blas")
    page.get_by_label("Apellidos").fill("Quiroga")
    page.get_by_role("button", name="Guardar").click()
    expect(pop).to_contain_text("Blas Quiroga")
    blas = console.services.patients.by_number("+34600999111")[0]
    assert console.log.get(call).patient_id == blas.id


def test_a_callback_gets_an_owner_and_a_deadline_and_others_see_it_come(
    page: Page, console: Console
) -> None:
    log_in(page)
    page.get_by_role("link", name="Tareas").click()
    expect(page.get_by_text("En directo")).to_be_visible()
    page.get_by_role("button", name="Nueva tarea").click()
    page.get_by_label("Qué hay que hacer").fill("Devolver la llamada por el presupuesto")
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator(".ticket")).to_contain_text("presupuesto")
    Tickets(console.database, console.clock, console.stream).open(
        "callback", summary="Desde otra mesa", branch_id=MADRID
    )
    expect(page.get_by_text("Desde otra mesa")).to_be_visible()
    page.get_by_text("Sin responsable", exact=True).click()
    expect(page.locator(".ticket")).to_have_count(1)
    page.locator(".ticket").get_by_label("Responsable").click()
    page.get_by_role("option", name="Lucía").click()
    expect(page.get_by_text("Nada con este filtro")).to_be_visible()
