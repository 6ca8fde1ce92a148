"""A call handed on unannounced, and wanted back before anybody has answered it."""

import pytest
from playwright.sync_api import expect

from ivr.flow import events as e
from tests.browser.desk import Reception, hears, idle, until
from tests.browser.test_calls_in_hand import transfer

pytestmark = [pytest.mark.browser, pytest.mark.network]


def test_a_caller_who_rings_at_a_colleague_is_taken_back(desk: Reception) -> None:
    lucia, mario = desk.agent("lucia"), desk.agent("mario", paused=True)
    patient = desk.in_conversation(lucia)
    transfer(lucia, "Pasar directamente", "Mario Gil")
    expect(mario.get_by_role("button", name="Descolgar")).to_be_visible()
    hears(patient, "music")
    expect(lucia.locator(".handed-call")).to_contain_text("Pasando a Mario Gil")
    lucia.keyboard.press("Shift+F8")
    hears(patient, "lucia")
    hears(lucia, "patient")
    idle(mario)
    lucia.get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()
    until("the call's end", lambda: desk.of_type(patient, e.CallEnded))
    told = [
        (type(x).__name__, x.agent)
        for x in desk.events(patient)
        if isinstance(x, e.AgentConnected | e.AgentDisconnected | e.CallTakenBack)
    ]
    assert told == [
        ("AgentConnected", "lucia"),
        ("AgentDisconnected", "lucia"),
        ("CallTakenBack", "lucia"),
        ("AgentConnected", "lucia"),
        ("AgentDisconnected", "lucia"),
    ]


def test_who_waits_in_a_queue_is_taken_back(desk: Reception) -> None:
    lucia, _ = desk.agent("lucia"), desk.agent("mario", paused=True)
    patient = desk.in_conversation(lucia)
    transfer(lucia, "Pasar directamente", "Cola Recepción")
    until("the queue", lambda: len(desk.of_type(patient, e.QueueJoined)) == 2)
    lucia.get_by_role("button", name="Recuperar").click()
    hears(patient, "lucia")
    hears(lucia, "patient")
    left = desk.of_type(patient, e.QueueLeft)
    assert [x.reason for x in left] == ["connected", "other"]  # type: ignore[attr-defined]


def test_who_answers_before_the_agent_has_the_call_back_keeps_it(desk: Reception) -> None:
    lucia, mario = desk.agent("lucia"), desk.agent("mario", paused=True)
    patient = desk.in_conversation(lucia)
    transfer(lucia, "Pasar directamente", "Mario Gil")
    expect(mario.get_by_role("button", name="Descolgar")).to_be_visible()
    path = f"/api/v1/calls/{desk.call_id(patient)}/take-back"
    asks = f"async () => (await fetch('{path}', {{method: 'POST'}})).status"
    assert lucia.evaluate(asks) == 204
    expect(lucia.get_by_role("button", name="Descolgar")).to_be_visible()
    mario.get_by_role("button", name="Descolgar").click()
    hears(patient, "mario")
    expect(lucia.get_by_text("Ya ha contestado Mario Gil.")).to_be_visible()
    lucia.get_by_role("button", name="Descolgar").click()
    idle(lucia)
    hears(patient, "mario")
    hears(mario, "patient")
    assert lucia.evaluate(asks) == 409
    assert not desk.of_type(patient, e.CallTakenBack)
