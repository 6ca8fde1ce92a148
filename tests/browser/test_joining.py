"""A supervisor joins a conversation: the caller is never alone, whatever the agent does."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ivr.flow import events as e
from tests.browser.desk import Reception, hears, idle, talking, until
from tests.telephone_network.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.network]


def sees(supervisor: Page, desk: Reception, patient: Person) -> str:
    """The supervisor has the call on the screen; its id."""
    call = desk.call_id(patient)
    supervisor.goto(f"/llamadas?llamada={call}")
    expect(supervisor.get_by_role("button", name="Intervenir", exact=True)).to_be_visible()
    return call


def joins(supervisor: Page) -> None:
    supervisor.get_by_role("button", name="Intervenir", exact=True).click()
    talking(supervisor)


def refused(supervisor: Page, call: str, mode: str = "barge") -> tuple[int, str]:
    """What the server says to somebody whose page does not know better."""
    status, code = supervisor.evaluate(
        """async ([id, mode]) => {
            const answer = await fetch(`/api/v1/calls/${id}/supervision`, {
                method: "PUT",
                headers: { "content-type": "application/json" },
                body: JSON.stringify({ mode }),
            });
            return [answer.status, answer.ok ? "" : (await answer.json()).code];
        }""",
        [call, mode],
    )
    return status, code


def test_a_supervisor_joins_without_having_listened_and_leaves_the_two_to_it(
    desk: Reception,
) -> None:
    lucia, marta = desk.agent("lucia"), desk.agent("marta", paused=True)
    patient = desk.in_conversation(lucia)
    sees(marta, desk, patient)
    joins(marta)
    hears(patient, "lucia", "marta")
    hears(lucia, "patient", "marta")
    hears(marta, "patient", "lucia")
    marta.get_by_role("button", name="Dejar de escuchar").click()
    idle(marta)
    hears(patient, "lucia")
    hears(lucia, "patient")
    modes = [x.mode for x in desk.of_type(patient, e.SupervisionStarted)]  # type: ignore[attr-defined]
    assert modes == ["barge"]
    lucia.get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()


def test_nobody_joins_a_caller_on_hold_and_the_supervisor_is_told_why(
    desk: Reception, tmp_path: Path
) -> None:
    lucia, marta = desk.agent("lucia"), desk.agent("marta", paused=True)
    patient = desk.in_conversation(lucia)
    call = sees(marta, desk, patient)
    lucia.get_by_role("button", name="Retener").click()
    expect(marta.get_by_text("El paciente está retenido")).to_be_visible()
    expect(marta.get_by_role("button", name="Intervenir", exact=True)).to_be_disabled()
    expect(marta.get_by_role("button", name="Escuchar", exact=True)).to_be_disabled()
    marta.screenshot(path=tmp_path / "held.png")
    for mode in ("listen", "barge"):
        assert refused(marta, call, mode) == (409, "caller_held")
    hears(patient, "music")
    lucia.get_by_role("button", name="Retomar").click()
    hears(patient, "lucia")
    joins(marta)
    hears(patient, "lucia", "marta")


def test_a_consultation_is_heard_but_not_joined_until_the_agent_is_back_with_the_caller(
    desk: Reception, tmp_path: Path
) -> None:
    lucia, mario = desk.agent("lucia"), desk.agent("mario", paused=True)
    marta = desk.agent("marta", paused=True)
    patient = desk.in_conversation(lucia)
    call = sees(marta, desk, patient)
    lucia.get_by_role("button", name="Transferir").click()
    lucia.get_by_label("A quién").fill("Mario Gil")
    lucia.get_by_role("button", name="Consultar antes: Mario Gil").click()
    mario.get_by_role("button", name="Descolgar").click()
    hears(mario, "lucia")
    expect(marta.get_by_role("button", name="Intervenir", exact=True)).to_be_disabled()
    expect(marta.get_by_text("está consultando y el paciente espera")).to_be_visible()
    assert refused(marta, call) == (409, "consulting")
    hears(patient, "music")
    marta.get_by_role("button", name="Escuchar", exact=True).click()
    talking(marta)
    hears(marta, "lucia", "mario")
    assert refused(marta, call) == (409, "consulting")
    marta.screenshot(path=tmp_path / "consulting.png")
    hears(patient, "music")
    lucia.get_by_role("button", name="Volver con el paciente").click()
    hears(patient, "lucia")
    marta.get_by_text("Intervenir", exact=True).click()
    hears(patient, "lucia", "marta")


def test_a_caller_whose_agent_goes_has_the_supervisor_who_joined(desk: Reception) -> None:
    lucia, marta = desk.agent("lucia"), desk.agent("marta", paused=True)
    patient = desk.in_conversation(lucia)
    sees(marta, desk, patient)
    joins(marta)
    hears(patient, "lucia", "marta")
    lucia.get_by_role("button", name="Colgar", exact=True).click()
    idle(lucia)
    hears(patient, "marta")
    hears(marta, "patient")
    marta.locator(".agent-call").get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()
    until("the call's end", lambda: desk.of_type(patient, e.CallEnded))


def test_an_agent_who_steps_out_of_a_joined_call_finds_the_caller_again(
    desk: Reception,
) -> None:
    lucia, marta = desk.agent("lucia"), desk.agent("marta", paused=True)
    patient = desk.in_conversation(lucia)
    sees(marta, desk, patient)
    joins(marta)
    hears(patient, "lucia", "marta")
    lucia.get_by_role("button", name="Retener").click()
    hears(patient, "marta")
    marta.get_by_role("button", name="Dejar de escuchar").click()
    hears(patient, "music")
    lucia.get_by_role("button", name="Retomar").click()
    hears(patient, "lucia")
    hears(lucia, "patient")


def test_a_supervisor_takes_a_call_whose_caller_was_left_on_hold(desk: Reception) -> None:
    lucia, marta = desk.agent("lucia"), desk.agent("marta", paused=True)
    patient = desk.in_conversation(lucia)
    sees(marta, desk, patient)
    marta.get_by_role("button", name="Escuchar", exact=True).click()
    talking(marta)
    lucia.get_by_role("button", name="Retener").click()
    hears(patient, "music")
    marta.get_by_role("button", name="Tomar la llamada").click()
    marta.get_by_role("dialog").get_by_role("button", name="Tomar la llamada").click()
    idle(lucia)
    hears(patient, "marta")
    hears(marta, "patient")
    marta.locator(".agent-call").get_by_role("button", name="Colgar", exact=True).click()
    patient.wait_for_end()
