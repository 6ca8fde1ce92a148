"""What an agent and a supervisor see and do in the console."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from ivr.clinic.agenda import Agenda
from ivr.clinic.schemas import SlotQuery
from ivr.consent.ledger import Ledger
from ivr.flow import events as e
from ivr.tickets.service import Tickets
from ivr.web.stage import murmur
from tests.browser.conftest import log_in
from tests.web.conftest import MADRID, Console

pytestmark = [pytest.mark.browser]


def recorded_call(console: Console) -> str:
    call = console.call("+34600000002")
    ledger = Ledger(console.database, console.clock, console.stream)
    consent = ledger.record(
        purpose="recording", decision="granted", how="voice", wording_version="1", call_id=call
    )
    store = console.services.recordings
    recording = store.begin(call, consent)
    store.spool.mkdir(parents=True, exist_ok=True)
    (store.spool / recording.file_name).write_bytes(murmur(6))
    console.clock.moment += timedelta(seconds=2)
    console.happens(call, e.PromptSaid(text="Buenos días"))
    console.happens(call, e.TurnHeard(text="Quería una cita", confidence=0.9))
    store.seal(recording.id)
    console.log.finish(call, "completed")
    return call


def test_a_wrong_password_is_said_and_the_right_one_opens_the_asked_page(
    page: Page, console: Console
) -> None:
    page.goto("/agenda")
    expect(page).to_have_url(re.compile("/entrar"))
    page.get_by_label("Usuario").fill("marta")
    page.get_by_label("Contraseña", exact=True).fill("no es esta")
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("alert")).to_contain_text("no son correctos")
    page.get_by_label("Contraseña", exact=True).fill("una frase bastante larga")
    page.get_by_role("button", name="Entrar").click()
    expect(page).to_have_url(re.compile("/agenda"))


def test_a_call_appears_while_it_happens_with_its_words_and_the_patients_file(
    page: Page, console: Console
) -> None:
    log_in(page)
    expect(page.get_by_text("Ahora mismo no llama nadie")).to_be_visible()
    call = console.call("+34600000002")
    expect(page.locator(".call-card")).to_contain_text("Javier Domínguez")
    console.happens(
        call,
        e.PromptSaid(text="¿En qué puedo ayudarle?"),
        e.TurnHeard(text="Quería cambiar mi cita", confidence=0.92),
        e.TurnUnderstood(kind="intent", value={"intent": "move", "slots": {}}),
    )
    talk = page.get_by_label("Conversación").first
    expect(talk).to_contain_text("Quería cambiar mi cita")
    expect(page.locator(".call-card")).to_contain_text("Cambiar cita")
    patient = console.services.patients.by_number("+34600000002")[0]
    console.happens(call, e.PatientIdentified(patient_id=patient.id, how="phone_and_birth_date"))
    file = page.get_by_role("complementary", name="Ficha")
    expect(file).to_contain_text("Próximas citas")
    console.happens(call, e.QueueJoined(queue="recepcion"))
    expect(page.locator('.call-card[data-status="queued"]')).to_be_visible()
    console.log.finish(call, "abandoned")
    expect(page.get_by_text("Terminadas hace un momento")).to_be_visible()


def test_the_agenda_changes_when_a_caller_takes_a_slot_and_gives_it_back(
    page: Page, console: Console
) -> None:
    agenda = Agenda(console.database, console.clock, console.stream)
    today = console.clock.now().date()
    slot = agenda.find_slots(
        SlotQuery(service_id=1, branch_id=MADRID, date_from=today, date_to=today, limit=1)
    )[0]
    log_in(page)
    page.get_by_role("link", name="Agenda").click()
    expect(page.locator(".entry").first).to_be_visible()
    before = page.locator(".entry").count()
    held = agenda.hold(slot, call_id="c")
    expect(page.locator('.entry[data-status="held"]')).to_contain_text("Reservando")
    agenda.book(held.id, patient_id=1, call_id="c")
    expect(page.locator('.entry[data-status="held"]')).to_have_count(0)
    expect(page.locator(".entry")).to_have_count(before + 1)
    agenda.cancel(held.id, call_id="c")
    expect(page.locator(".entry")).to_have_count(before)


def test_a_supervisor_listens_to_a_recording_from_where_something_was_said(
    page: Page, console: Console
) -> None:
    recorded_call(console)
    log_in(page)
    page.get_by_role("link", name="Registro").click()
    page.locator(".log-table tbody a").first.click()
    expect(page.locator('.player[data-ready="true"]')).to_be_visible()
    page.get_by_role("button", name="Reproducir").click()
    expect(page.locator('.player[data-playing="true"]')).to_be_visible()
    expect(page.locator(".player")).to_contain_text(re.compile(r"0:0[1-9] / 0:06"))
    page.get_by_role("button", name="Pausar").click()
    page.get_by_role("button", name="Escuchar desde 0:02").first.click()
    expect(page.locator('.player[data-playing="true"]')).to_be_visible()


def test_a_lost_connection_is_said_and_what_was_missed_comes_after_it(
    page: Page, console: Console
) -> None:
    log_in(page)
    call = console.call("+34600000002")
    expect(page.locator(".call-card")).to_have_count(1)
    page.context.set_offline(True)
    page.evaluate("() => window.dispatchEvent(new Event('offline'))")
    expect(page.get_by_text("Sin conexión con el servidor")).to_be_visible(timeout=40_000)
    console.happens(call, e.TurnHeard(text="dicho mientras tanto", confidence=0.9))
    page.context.set_offline(False)
    expect(page.get_by_text("dicho mientras tanto").first).to_be_visible(timeout=40_000)
    expect(page.get_by_text("Sin conexión con el servidor")).to_have_count(0)


def test_the_log_is_filtered_and_the_filter_survives_a_reload(page: Page, console: Console) -> None:
    console.log.finish(console.call("+34600000002"), "completed")
    console.log.finish(console.call("+34699000111"), "abandoned")
    log_in(page)
    page.get_by_role("link", name="Registro").click()
    expect(page.locator(".log-table tbody tr")).to_have_count(2)
    page.get_by_label("Buscar en el registro").fill("699 000")
    expect(page.locator(".log-table tbody tr")).to_have_count(1)
    page.reload()
    expect(page.locator(".log-table tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Quitar filtros").click()
    expect(page.locator(".log-table tbody tr")).to_have_count(2)


def test_a_patient_is_found_with_the_keyboard_from_any_screen(page: Page, console: Console) -> None:
    console.services.patients.create_provisional(
        "Verónica", "Echeverría", "+34600777666", branch_id=MADRID
    )
    log_in(page)
    expect(page.get_by_text("En directo")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("beronica echeberia")
    expect(page.get_by_role("option", name="Verónica Echeverría")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Verónica Echeverría")


def test_a_task_is_taken_and_closed(page: Page, console: Console) -> None:
    Tickets(console.database, console.clock, console.stream).open(
        "late", summary="Llega quince minutos tarde", branch_id=MADRID
    )
    log_in(page)
    page.get_by_role("link", name="Tareas").click()
    page.get_by_role("button", name="Me ocupo yo").click()
    expect(page.get_by_role("combobox", name="Responsable")).to_have_value("Marta Sanz")
    page.get_by_role("button", name="Cerrar tarea").click()
    expect(page.get_by_text("Nada pendiente")).to_be_visible()


def test_the_session_ending_elsewhere_leads_back_to_the_login(page: Page, console: Console) -> None:
    log_in(page)
    expect(page.get_by_text("En directo")).to_be_visible()
    console.clock.moment += timedelta(hours=13)
    expect(page.get_by_text("Su sesión ha terminado")).to_be_visible(timeout=40_000)
