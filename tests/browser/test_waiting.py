"""Callers who wait for an agent: the urgent ones first, those who would rather be called
back, those who leave a message."""

import re

import pytest
from playwright.sync_api import Page, expect

from ivr.flow import events as e
from tests.browser.desk import Reception, becomes, hears, idle, keeps_talking, talking, until
from tests.telephone_network import clinic
from tests.telephone_network.person import Person
from tests.telephone_network.voices import sentence

pytestmark = [pytest.mark.browser, pytest.mark.network]


def answers(agent: Page) -> None:
    """Take the call that rings."""
    agent.get_by_role("button", name="Descolgar").click(timeout=60_000)
    talking(agent)


def asks_for_urgent_help(desk: Reception) -> Person:
    """Somebody calls, presses 2 for something urgent and 1 to be put through."""
    person = desk.network.call(clinic.open_number(0), number="+34600555001")

    def prompts() -> list[str]:
        return [x.key for x in desk.events(person) if isinstance(x, e.PromptSaid)]

    for question, key in (("pide_grabacion", "2"), ("menu_principal", "2"), ("urgencia", "1")):
        until(question, lambda wanted=question: wanted in prompts())  # type: ignore[misc]
        person.wait_for_sound(since=person.now(), timeout=10)
        person.press(key)
    until("the queue", lambda: desk.of_type(person, e.QueueJoined))
    return person


def test_an_urgent_caller_is_answered_before_one_who_has_waited_longer(desk: Reception) -> None:
    lucia = desk.agent("lucia", paused=True)
    patient = desk.patient_calls()
    urgent = asks_for_urgent_help(desk)
    becomes(lucia, "available")
    answers(lucia)
    keeps_talking(urgent, "patient")
    hears(lucia, "patient")
    assert desk.of_type(urgent, e.AgentConnected)
    assert not desk.of_type(patient, e.AgentConnected)
    patient.hang_up()
    urgent.hang_up()
    idle(lucia)


def test_a_caller_who_keeps_the_place_is_called_back_by_the_next_free_agent(
    desk: Reception,
) -> None:
    lucia = desk.agent("lucia", paused=True)
    patient = desk.patient_calls()
    desk.network.number(patient.number.removeprefix("+"))
    patient.press("1")
    patient.wait_for_end(30)
    assert desk.of_type(patient, e.PlaceKept)
    lucia.get_by_role("link", name="Tareas").click()
    still_to_call = lucia.get_by_role("region", name="Esperan nuestra llamada")
    expect(still_to_call).to_contain_text(f"…{patient.number[-3:]}")
    becomes(lucia, "available")
    again = desk.network.rung(patient.number.removeprefix("+"), 60)
    again.answer()
    answers(lucia)
    keeps_talking(again, "patient")
    hears(lucia, "patient")
    hears(again, "lucia")
    expect(still_to_call).to_have_count(0)
    again.hang_up()
    idle(lucia)


def test_a_message_left_in_the_queue_is_a_task_with_its_words_and_its_sound(
    desk: Reception,
) -> None:
    message = sentence("Por favor, llámenme para cambiar mi cita.")
    lucia = desk.agent("lucia", paused=True)
    patient = desk.patient_calls()
    patient.press("9")
    asked = patient.now()
    until("what to do", lambda: patient.now() - asked > 3)
    patient.wait_for_quiet(quiet_s=2, timeout=60)
    patient.speak(message)
    patient.press("#")
    patient.wait_for_end(30)
    lucia.get_by_role("link", name="Tareas").click()
    theirs = " ".join(re.findall("^...|..", patient.number.removeprefix("+34")))
    task = lucia.locator(".ticket", has_text=theirs).filter(has_text="Mensaje de voz")
    expect(task).to_contain_text("llámenme para cambiar", timeout=90_000)
    sound = task.locator("audio")
    sound.evaluate("audio => audio.play()")
    until("the message to be heard", lambda: sound.evaluate("audio => audio.currentTime > 0.5"))
