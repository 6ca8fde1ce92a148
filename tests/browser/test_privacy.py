"""An agent's screen shows their own calls, and of the others only what the desk needs."""

import pytest
from playwright.sync_api import Page, expect

from ivr.flow import events as e
from tests.browser.conftest import log_in
from tests.web.conftest import Console

pytestmark = [pytest.mark.browser]
WORDS = "Quería cambiar mi cita"


def test_a_call_is_counted_then_waits_by_initial_then_opens_in_full_when_it_rings_here(
    page: Page, console: Console
) -> None:
    log_in(page, "lucia")
    expect(page.get_by_text("Ahora mismo no llama nadie")).to_be_visible()
    patient = console.services.patients.by_number("+34600000002")[0]
    call = console.call("+34600000002")
    console.happens(
        call,
        e.TurnHeard(text=WORDS, confidence=0.92),
        e.PatientIdentified(patient_id=patient.id, how="phone_and_birth_date"),
    )
    expect(page.get_by_text("1 llamada, con el asistente o con otra persona")).to_be_visible()
    expect(page.locator(".call-card")).to_have_count(0)
    console.happens(call, e.QueueJoined(queue="recepcion", priority=10))
    card = page.locator(".call-card")
    expect(card).to_contain_text(f"{patient.given} {patient.family[0]}.")
    expect(card).to_contain_text("Con prioridad")
    expect(card).to_be_disabled()
    assert patient.family not in page.content()
    console.happens(call, e.AgentRinging(agent="lucia"))
    expect(card).to_contain_text(patient.family)
    expect(page.get_by_label("Conversación").first).to_contain_text(WORDS)
    expect(page.get_by_role("complementary", name="Ficha")).to_contain_text("Próximas citas")
    console.happens(
        call,
        e.AgentNoAnswer(agent="lucia"),
        e.QueueLeft(queue="recepcion", reason="connected"),
        e.AgentConnected(agent="mario"),
    )
    expect(card).to_have_count(0)
    assert WORDS not in page.content()
    page.goto(f"/registro/{call}")
    expect(page.get_by_text("Esta llamada no es suya")).to_be_visible()


def test_who_waits_is_sorted_by_priority_and_then_by_how_long(page: Page, console: Console) -> None:
    log_in(page, "lucia")
    for number, priority in (("+34600000011", 0), ("+34600000012", 10), ("+34600000013", 10)):
        console.happens(console.call(number), e.QueueJoined(queue="recepcion", priority=priority))
        console.clock.moment = console.clock.moment.replace(second=console.clock.moment.second + 5)
    expect(page.locator(".call-card")).to_have_count(3)
    names = page.locator(".call-who").all_inner_texts()
    assert names == ["…012", "…013", "…011"]
