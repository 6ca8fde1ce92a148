"""A part of the product dies or hangs in mid-call: the caller always reaches a person."""

import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select

from ivr.tickets.model import Ticket
from tests.calls_over_sip.callers import patient, press
from tests.conftest import stuck
from tests.telephone_network.player import Player
from tests.telephone_network.system import CLINIC_NUMBER, ClinicSystem
from tests.telephone_network.voices import sentence

pytestmark = [pytest.mark.network]


def messages(system: ClinicSystem, number: str) -> int:
    """Tasks made of messages from a number."""
    with system.database.transaction() as session:
        query = select(func.count()).where(Ticket.number == number, Ticket.audio_path != "")
        return session.scalar(query) or 0


def follows_the_switch(system: ClinicSystem) -> Callable[[], bool]:
    """Whether the application, started again, has a manager session by now."""

    def follows() -> bool:
        shown = system.installation.switch_command("manager show connected")
        return re.search(r"^\s*auricula\s", shown, re.M) is not None

    return follows


@pytest.fixture
def nobody_at_reception(clinic_system: ClinicSystem) -> Iterator[None]:
    clinic_system.switch.empty_reception()
    yield
    clinic_system.switch.staff_reception()


@pytest.fixture
def restarts(clinic_system: ClinicSystem) -> Iterator[ClinicSystem]:
    """What the test ended is started again, and everything must then be in order."""
    yield clinic_system
    clinic_system.tell()
    clinic_system.network.everybody_hangs_up()
    clinic_system.revive()
    clinic_system.assert_nothing_left_open()
    assert clinic_system.is_whole()


def test_the_application_is_killed_in_mid_prompt_and_the_caller_is_in_the_queue_within_3_s(
    restarts: ClinicSystem,
) -> None:
    system, since = restarts, restarts.switch.mark()
    person, watch = system.call("+34600700001")
    watch.wait_for("prompt.said", key="pide_grabacion")
    begin = person.wait_for_sound(since=person.now())
    assert begin
    system.installation.kill("serve")
    system.switch.wait_for("QueueCallerJoin", since=since, timeout=3, Queue="recepcion")
    assert person.ended_at is None
    system.switch.wait_for("AgentConnect", since=since)
    person.hang_up()


@pytest.mark.parametrize("gone", ["before", "after"])
def test_a_call_that_outlived_the_application_is_closed_within_seconds_of_its_end(
    restarts: ClinicSystem, gone: str
) -> None:
    system, since = restarts, restarts.switch.mark()
    person, watch = system.call("+34600700012")
    watch.wait_for("prompt.said", key="pide_grabacion")
    system.installation.kill("serve")
    system.switch.wait_for("QueueCallerJoin", since=since, timeout=10, Queue="recepcion")
    if gone == "before":
        person.hang_up()
    system.revive()
    if gone == "after":
        system.until(follows_the_switch(system), "the application to follow the switch")
        person.hang_up()
    watch.wait_for_end(15)


def test_the_application_hangs_and_the_watchdog_takes_the_caller_to_the_queue(
    restarts: ClinicSystem,
) -> None:
    system, since = restarts, restarts.switch.mark()
    person, watch = system.call("+34600700002")
    watch.wait_for("prompt.said", key="pide_grabacion")
    system.installation.freeze("serve")
    try:
        system.switch.wait_for("QueueCallerJoin", since=since, timeout=15, Queue="recepcion")
        assert person.ended_at is None
        newcomer = system.network.call(CLINIC_NUMBER, number="+34600700003")
        system.switch.wait_for(
            "QueueCallerJoin", since=since, timeout=15, CallerIDNum="+34600700003"
        )
    finally:
        system.installation.thaw("serve")
    newcomer.hang_up()
    person.hang_up()
    watch.wait_for_end()


def test_the_console_is_killed_and_the_call_goes_on(restarts: ClinicSystem) -> None:
    system = restarts
    person, watch = system.call("+34600700013")
    watch.wait_for("prompt.said", key="pide_grabacion")
    system.installation.kill("web")
    person.press("2")
    watch.wait_for("consent.decided")
    assert person.ended_at is None
    system.revive()
    person.hang_up()
    watch.wait_for_end()


def test_without_the_application_a_newcomer_waits_in_the_queue_and_is_served_again_after(
    restarts: ClinicSystem,
) -> None:
    system, since = restarts, restarts.switch.mark()
    system.installation.kill("serve")
    person = system.network.call(CLINIC_NUMBER, number="+34600700004")
    system.switch.wait_for("QueueCallerJoin", since=since, Queue="recepcion")
    system.revive()
    assert person.ended_at is None
    later, watch = system.call("+34600700005")
    watch.wait_for("prompt.said", key="pide_grabacion")
    later.hang_up()
    person.hang_up()


@pytest.mark.usefixtures("nobody_at_reception")
def test_with_nobody_at_reception_the_caller_leaves_a_message(restarts: ClinicSystem) -> None:
    system = restarts
    message = sentence("Soy Ana Gil. Llámenme, por favor, para cambiar mi cita.")
    system.installation.kill("serve")
    person = system.network.call(CLINIC_NUMBER, number="+34600700006")
    person.wait_for_quiet(quiet_s=1.5, timeout=60)
    person.speak(message)
    person.press("#")
    person.wait_for_end(20)
    system.revive()
    system.until(lambda: messages(system, "+34600700006") == 1, "a task for the message", 40)


@pytest.mark.parametrize("how", ["killed", "hung"])
def test_without_the_recognizer_the_booking_goes_on_by_keys(
    restarts: ClinicSystem, how: str
) -> None:
    system, who = restarts, patient(restarts)
    person, watch = system.call(who.number, system.branch())
    player = Player(person, watch)
    player.go_on(press("2"))
    player.hear("menu_principal")
    if how == "killed":
        system.installation.kill("speech")
    else:
        system.installation.freeze("speech")
    try:
        player.go_on(press("1", who.birth_keys, "1", "1", "1", "1"))
        watch.wait_for("appointment.changed", change="booked")
        player.play(press("2"))
    finally:
        if how == "hung":
            system.installation.thaw("speech")
    assert watch.has("speech.unavailable")
    assert watch.wait_for_end().outcome == "completed"


def test_a_session_that_hangs_with_the_databases_lock_costs_a_pause_and_no_caller(
    restarts: ClinicSystem,
) -> None:
    system, since = restarts, restarts.switch.mark()
    person, watch = system.call("+34600700010")
    watch.wait_for("prompt.said", key="pide_grabacion")
    with stuck(system.database):
        person.press("2")
        system.switch.wait_for("QueueCallerJoin", since=since, timeout=20, Queue="recepcion")
        newcomer = system.network.call(CLINIC_NUMBER, number="+34600700011")
        system.switch.wait_for(
            "QueueCallerJoin", since=since, timeout=20, CallerIDNum="+34600700011"
        )
        assert person.ended_at is None
    newcomer.hang_up()
    person.hang_up()
    watch.wait_for_end()


def test_the_switch_is_not_heard_for_a_while_and_no_call_stays_a_ghost(
    restarts: ClinicSystem,
) -> None:
    system = restarts
    gone, gone_watch = system.call("+34600700008")
    stays, stays_watch = system.call("+34600700009")
    for watch in (gone_watch, stays_watch):
        watch.wait_for("prompt.said", key="pide_grabacion")
    system.cut_manager_connections()
    gone.hang_up()
    gone_watch.wait_for_end()
    Player(stays, stays_watch).press("2")
    stays_watch.wait_for("turn.keys")
    stays.hang_up()
    assert stays_watch.wait_for_end().outcome == "abandoned"
