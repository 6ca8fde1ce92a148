"""Calls in an agent's hands: held, handed on, asked about, listened to, lost and got back."""

import pytest
from playwright.sync_api import Page, expect

from ivr.flow import events as e
from ivr.queues.model import Queue
from tests.browser import axe
from tests.browser.desk import (
    Reception,
    becomes,
    hears,
    idle,
    keeps_talking,
    talking,
    until,
)

pytestmark = [pytest.mark.browser, pytest.mark.network]
FITS = "one => one.scrollWidth <= one.clientWidth"


def transfer(page: Page, how: str, to: str) -> None:
    page.get_by_role("button", name="Transferir").click()
    page.get_by_label("A quién").fill(to)
    page.get_by_role("button", name=f"{how}: {to}").click()


def test_a_held_caller_hears_music_and_then_the_agent_again(desk: Reception) -> None:
    lucia = desk.agent("lucia")
    patient = desk.in_conversation(lucia)
    hears(patient, "lucia")
    lucia.get_by_role("button", name="Retener").click()
    expect(lucia.locator(".agent-call")).to_contain_text("Retenida")
    hears(patient, "music")
    hears(lucia)
    lucia.keyboard.press("F8")
    expect(lucia.locator(".agent-call")).to_contain_text("En llamada")
    hears(patient, "lucia")
    hears(lucia, "patient")
    lucia.get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()
    idle(lucia)
    until("the call's end", lambda: desk.of_type(patient, e.CallEnded))
    kinds = [type(x) for x in desk.events(patient)]
    assert kinds.index(e.CallHeld) < kinds.index(e.CallResumed)
    assert len(desk.of_type(patient, e.AgentConnected)) == 1


def test_a_caller_is_announced_to_a_colleague_who_then_takes_the_call(desk: Reception) -> None:
    lucia, mario = desk.agent("lucia"), desk.agent("mario", paused=True)
    patient = desk.in_conversation(lucia)
    transfer(lucia, "Consultar antes", "Mario Gil")
    hears(patient, "music")
    expect(mario.locator(".agent-call")).to_contain_text("Lucía Prieto le consulta")
    mario.get_by_role("button", name="Descolgar").click()
    hears(mario, "lucia")
    hears(lucia, "mario")
    hears(patient, "music")
    expect(mario.locator(".agent-call")).to_contain_text("Consulta de Lucía Prieto")
    lucia.get_by_role("button", name="Pasar la llamada").click()
    idle(lucia)
    hears(patient, "mario")
    hears(mario, "patient")
    expect(mario.locator(".agent-call")).to_contain_text("En llamada")
    mario.get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()
    until("the call's end", lambda: desk.of_type(patient, e.CallEnded))
    charged = [
        (type(x).__name__, x.agent)
        for x in desk.events(patient)
        if isinstance(x, e.AgentConnected | e.AgentDisconnected | e.CallHandedOver)
    ]
    assert charged[0] == ("AgentConnected", "lucia")
    assert set(charged[1:4]) == {
        ("CallHandedOver", "lucia"),
        ("AgentDisconnected", "lucia"),
        ("AgentConnected", "mario"),
    }
    assert charged[4] == ("AgentDisconnected", "mario")


def test_a_colleague_who_does_not_answer_gives_the_caller_back(desk: Reception) -> None:
    lucia, mario = desk.agent("lucia"), desk.agent("mario", paused=True)
    patient = desk.in_conversation(lucia)
    transfer(lucia, "Consultar antes", "Mario Gil")
    expect(mario.get_by_role("button", name="No puedo")).to_be_visible()
    mario.get_by_role("button", name="No puedo").click()
    hears(patient, "lucia")
    hears(lucia, "patient")
    expect(lucia.locator("[data-consult]")).to_have_count(0)
    expect(lucia.locator(".agent-call")).to_contain_text("Mario Gil no puede atender ahora")
    assert [x.result for x in desk.of_type(patient, e.ConsultEnded)] == ["busy"]  # type: ignore[attr-defined]


def test_three_talk_and_the_call_goes_on_when_the_first_agent_leaves(desk: Reception) -> None:
    lucia, mario = desk.agent("lucia"), desk.agent("mario", paused=True)
    patient = desk.in_conversation(lucia)
    transfer(lucia, "Consultar antes", "Mario Gil")
    mario.get_by_role("button", name="Descolgar").click()
    hears(mario, "lucia")
    lucia.get_by_role("button", name="Hablar los tres").click()
    hears(patient, "lucia", "mario")
    hears(lucia, "patient", "mario")
    hears(mario, "patient", "lucia")
    lucia.get_by_role("button", name="Colgar", exact=True).click()
    asked = lucia.get_by_role("dialog")
    expect(asked).to_contain_text("Hay más personas en la llamada")
    lucia.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    hears(patient, "lucia", "mario")
    lucia.get_by_role("button", name="Colgar", exact=True).click()
    lucia.get_by_role("button", name="Salir; los demás siguen hablando").click()
    idle(lucia)
    hears(patient, "mario")
    patient.hang_up()
    idle(mario)


def test_a_caller_whom_another_agent_holds_is_kept_when_the_last_who_talks_leaves(
    desk: Reception,
) -> None:
    lucia, mario = desk.agent("lucia"), desk.agent("mario", paused=True)
    patient = desk.in_conversation(lucia)
    transfer(lucia, "Consultar antes", "Mario Gil")
    mario.get_by_role("button", name="Descolgar").click()
    hears(mario, "lucia")
    lucia.get_by_role("button", name="Hablar los tres").click()
    hears(patient, "lucia", "mario")
    expect(mario.locator(".agent-call")).to_contain_text("También en la llamada: Lucía Prieto")
    lucia.keyboard.press("F8")
    hears(patient, "mario")
    expect(mario.locator(".agent-call")).to_contain_text("Lucía Prieto tiene la llamada retenida")
    mario.keyboard.press("F8")
    hears(patient, "music")
    mario.keyboard.press("F8")
    hears(patient, "mario")
    expect(lucia.locator(".agent-call")).to_contain_text("Retenida")
    mario.get_by_role("button", name="Colgar", exact=True).click()
    mario.get_by_role("button", name="el paciente espera con música a Lucía Prieto").click()
    idle(mario)
    hears(patient, "music")
    lucia.keyboard.press("F8")
    hears(patient, "lucia")
    hears(lucia, "patient")
    lucia.get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()


def test_a_caller_handed_over_unannounced_rings_at_the_colleague(desk: Reception) -> None:
    lucia, mario = desk.agent("lucia"), desk.agent("mario", paused=True)
    patient = desk.in_conversation(lucia)
    transfer(lucia, "Pasar directamente", "Mario Gil")
    idle(lucia)
    hears(patient, "music")
    mario.get_by_role("button", name="Descolgar").click()
    hears(patient, "mario")
    hears(mario, "patient")
    mario.get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()


def test_an_outside_number_is_asked_and_given_the_call(desk: Reception) -> None:
    lucia = desk.agent("lucia")
    patient = desk.in_conversation(lucia)
    desk.network.number("34913334455")
    lucia.get_by_role("button", name="Transferir").click()
    lucia.get_by_label("A quién").fill("913 33 44 55")
    lucia.get_by_role("button", name="Consultar antes: 913 33 44 55").click()
    laboratory = desk.network.rung("34913334455")
    laboratory.answer()
    keeps_talking(laboratory, "outside")
    hears(lucia, "outside")
    hears(laboratory, "lucia")
    hears(patient, "music")
    lucia.get_by_role("button", name="Pasar la llamada").click()
    idle(lucia)
    hears(patient, "outside")
    hears(laboratory, "patient")
    laboratory.hang_up()
    patient.wait_for_end()


def test_a_page_that_reloads_in_mid_call_rings_again_and_gets_the_caller_back(
    desk: Reception,
) -> None:
    lucia = desk.agent("lucia")
    patient = desk.in_conversation(lucia)
    lucia.reload()
    hears(patient, "music")
    expect(lucia.locator(".agent-call")).to_contain_text("Vuelve su llamada", timeout=40_000)
    lucia.keyboard.press("F2")
    hears(patient, "lucia")
    hears(lucia, "patient")
    assert len(desk.of_type(patient, e.AgentLost)) == 1
    lucia.get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()
    until("the call's end", lambda: desk.of_type(patient, e.CallEnded))


def test_a_call_outlives_twenty_seconds_without_the_server(desk: Reception) -> None:
    lucia = desk.agent("lucia")
    patient = desk.in_conversation(lucia)
    lucia.evaluate("() => window.__cut(20000)")
    expect(lucia.locator(".agent-call")).to_contain_text("Sin conexión con el servidor")
    lucia.wait_for_timeout(15_000)
    hears(patient, "lucia")
    hears(lucia, "patient")
    expect(lucia.locator('[data-phone="on_call"]')).to_be_visible(timeout=60_000)
    hears(patient, "lucia")
    assert desk.of_type(patient, e.AgentLost) == []
    patient.hang_up()
    idle(lucia)


def test_a_supervisor_listens_whispers_joins_and_takes_the_call(desk: Reception) -> None:
    lucia, marta = desk.agent("lucia"), desk.agent("marta", paused=True)
    patient = desk.in_conversation(lucia)
    call = desk.call_id(patient)
    marta.goto(f"/llamadas?llamada={call}")
    marta.get_by_role("button", name="Escuchar").click()
    talking(marta)
    hears(marta, "patient", "lucia")
    hears(lucia, "patient")
    marta.get_by_text("Susurrar", exact=True).click()
    hears(lucia, "patient", "marta")
    hears(patient, "lucia")
    marta.get_by_text("Intervenir", exact=True).click()
    hears(patient, "lucia", "marta")
    with_lucia = lucia.evaluate(
        "id => fetch(`/api/v1/calls/${id}`).then(answer => answer.text())", call
    )
    assert "agent.connected" in with_lucia
    assert "supervision" not in with_lucia
    marta.get_by_role("button", name="Tomar la llamada").click()
    marta.get_by_role("dialog").get_by_role("button", name="Tomar la llamada").click()
    idle(lucia)
    hears(patient, "marta")
    hears(marta, "patient")
    panel = marta.locator(".agent-call")
    expect(panel).not_to_contain_text("auricula")
    expect(panel.get_by_role("button", name="Retener")).to_be_visible()
    panel.get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()
    connected = [x.agent for x in desk.of_type(patient, e.AgentConnected)]  # type: ignore[attr-defined]
    assert connected == ["lucia", "marta"]
    modes = [x.mode for x in desk.of_type(patient, e.SupervisionStarted)]  # type: ignore[attr-defined]
    assert modes == ["listen", "whisper", "barge"]
    assert len(desk.of_type(patient, e.CallTakenOver)) == 1


def test_two_tabs_of_an_agent_are_one_phone_and_the_second_takes_over(desk: Reception) -> None:
    first = desk.agent("lucia")
    second = first.context.new_page()
    second.goto("/llamadas")
    expect(second.locator('[data-phone="available"]')).to_be_visible()
    patient = desk.patient_calls()
    expect(first.get_by_role("button", name="Descolgar")).to_be_visible(timeout=60_000)
    expect(second.get_by_role("button", name="Descolgar")).to_be_visible()
    second.get_by_role("button", name="Descolgar").click()
    talking(first)
    talking(second)
    keeps_talking(patient, "patient")
    hears(first, "patient")
    hears(patient, "lucia")
    second.get_by_role("button", name="Retener").click()
    expect(first.locator(".agent-call")).to_contain_text("Retenida")
    expect(second.locator(".agent-call")).to_contain_text("Retenida")
    second.get_by_role("button", name="Retomar").click()
    hears(patient, "lucia")
    first.close()
    hears(patient, "music")
    expect(second.locator(".agent-call")).to_contain_text("Vuelve su llamada", timeout=40_000)
    second.get_by_role("button", name="Descolgar").click()
    hears(patient, "lucia")
    hears(second, "patient")


def test_everything_of_the_phone_is_readable_for_everybody(desk: Reception) -> None:
    lucia = desk.agent("lucia")
    with desk.database.transaction() as session:
        session.add(Queue(name="largas", title="Tratamientos, presupuestos y financiación"))
    desk.in_conversation(lucia, recorded=True)
    wrong: list[str] = []

    def check(name: str) -> None:
        lucia.wait_for_timeout(400)
        wrong.extend(axe.broken(lucia, name))

    check("call")
    tiles = lucia.locator(".call-tile")
    expect(tiles).to_have_count(5)
    assert [one.inner_text() for one in tiles.all() if not one.evaluate(FITS)] == []
    lucia.keyboard.press("F9")
    expect(lucia.get_by_label("A quién")).to_be_focused()
    check("transfer")
    targets = lucia.locator(".targets")
    expect(targets).to_contain_text("financiación")
    assert targets.evaluate(FITS)
    with desk.database.transaction() as session:
        session.delete(session.get_one(Queue, "largas"))
    lucia.keyboard.press("Escape")
    expect(lucia.get_by_role("dialog")).to_have_count(0)
    lucia.keyboard.press("F1")
    expect(lucia.get_by_role("dialog")).to_contain_text("Atajos de teclado")
    check("shortcuts")
    lucia.keyboard.press("Escape")
    expect(lucia.get_by_role("dialog")).to_have_count(0)
    lucia.locator("[data-phone]").click()
    lucia.get_by_role("menuitem", name="Micrófono y sonido").click()
    expect(lucia.get_by_role("button", name="Probar el micrófono")).to_be_enabled()
    check("audio")
    lucia.keyboard.press("Escape")
    expect(lucia.get_by_role("dialog")).to_have_count(0)
    expect(lucia.locator("[data-quality]")).to_contain_text("conexión")
    assert wrong == []


def test_a_number_is_called_with_a_click_from_the_clinics_own_number(desk: Reception) -> None:
    lucia, mario = desk.agent("lucia"), desk.agent("mario", paused=True)
    desk.network.number("34600777888")
    lucia.keyboard.press("Shift+F9")
    lucia.get_by_label("Número", exact=True).fill("600 777 888")
    lucia.get_by_role("button", name="Llamar", exact=True).click()
    patient = desk.network.rung("34600777888")
    patient.answer()
    keeps_talking(patient, "patient")
    hears(lucia, "patient")
    hears(patient, "lucia")
    expect(lucia.locator(".agent-call")).to_contain_text("En llamada")
    assert patient.other.endswith("910001000")
    lucia.get_by_role("button", name="Retener").click()
    hears(patient, "music")
    lucia.get_by_role("button", name="Retomar").click()
    hears(patient, "lucia")
    transfer(lucia, "Pasar directamente", "Mario Gil")
    mario.get_by_role("button", name="Descolgar").click()
    hears(patient, "mario")
    mario.get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()


def test_what_is_said_while_the_recording_is_paused_is_not_kept(desk: Reception) -> None:
    lucia = desk.agent("lucia")
    patient = desk.in_conversation(lucia, recorded=True)
    pause = lucia.get_by_role("button", name="Pausar la grabación")
    expect(pause).to_be_visible()
    pause.click()
    expect(lucia.locator(".agent-call")).to_contain_text("Grabación en pausa")
    lucia.wait_for_timeout(4_000)
    lucia.keyboard.press("F10")
    expect(pause).to_be_visible()
    kinds = [type(x) for x in desk.events(patient)]
    assert kinds.index(e.RecordingPaused) < kinds.index(e.RecordingResumed)
    lucia.wait_for_timeout(2_000)
    patient.hang_up()
    idle(lucia)
    until("the sealed recording", lambda: desk.of_type(patient, e.RecordingStopped))


def test_the_agents_phone_rings_again_after_the_sound_stops_and_then_the_queue_has_the_caller(
    desk: Reception,
) -> None:
    lucia, mario = desk.agent("lucia"), desk.agent("mario", paused=True)
    patient = desk.in_conversation(lucia)
    lucia.context.close()
    desk.contexts.remove(lucia.context)
    hears(patient, "music")
    becomes(mario, "available")
    expect(mario.get_by_role("button", name="Descolgar")).to_be_visible(timeout=90_000)
    mario.get_by_role("button", name="Descolgar").click()
    hears(patient, "mario")
    joined = desk.of_type(patient, e.QueueJoined)
    assert joined[-1].priority == 10  # type: ignore[attr-defined]
