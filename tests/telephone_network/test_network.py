"""The telephone network proved on itself: two of them, each the other's outside world."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.telephone_network.network import TelephoneNetwork
from tests.telephone_network.person import has_tone, tone
from tests.telephone_network.ports import take
from tests.telephone_network.raw_sip import RawCall

pytestmark = [pytest.mark.network]

World = tuple[TelephoneNetwork, TelephoneNetwork]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    here_port, there_port = take(), take()
    folder: Path = tmp_path_factory.mktemp("world")
    with (
        TelephoneNetwork(
            folder / "here", clinic=f"127.0.0.3:{there_port}", sip_port=here_port
        ) as here,
        TelephoneNetwork(
            folder / "there",
            clinic=f"127.0.0.2:{here_port}",
            address="127.0.0.3",
            sip_port=there_port,
        ) as there,
    ):
        yield here, there


@pytest.fixture(autouse=True)
def nothing_left_open(world: World) -> Iterator[None]:
    yield
    for network in world:
        network.wait_until_idle()


def test_a_caller_written_byte_by_byte_gets_through(world: World) -> None:
    here, _ = world
    here.number("+34910000009", "busy")
    with RawCall(
        ("127.0.0.2", here.sip_port),
        b'"Ana" <sip:+34600000001@127.0.0.3>',
        to="+34910000009",
        address="127.0.0.3",
    ) as call:
        assert call.invite() == 486


def test_both_ends_hear_each_other(world: World) -> None:
    here, there = world
    there.number("+34910000001")
    caller = here.call("+34910000001", number="+34600000001", wait=False)
    callee = there.rung("+34910000001")
    assert callee.other == "+34600000001"
    assert caller.answered_at is None
    callee.answer()
    caller.wait_for_answer()

    caller.speak(tone(440, 1.0))
    begin = callee.wait_for_sound()
    end = callee.wait_for_quiet()
    assert 0.9 < end - begin < 1.2
    assert has_tone(callee.heard_between(begin, end), 440)

    callee.speak(tone(1000, 0.5))
    begin = caller.wait_for_sound()
    assert has_tone(caller.heard_between(begin, caller.wait_for_quiet()), 1000)
    caller.hang_up()
    callee.wait_for_end(5)


def test_keys_arrive_in_order(world: World) -> None:
    here, there = world
    there.number("+34910000002")
    caller = here.call("+34910000002", number="+34600000001", wait=False)
    callee = there.rung("+34910000002")
    callee.answer()
    caller.wait_for_answer()
    caller.press("0123456789*#")
    callee.wait(lambda: len(callee.keys_heard) == 12, 10, "twelve keys")
    assert callee.keys_heard == "0123456789*#"
    callee.press("5")
    caller.wait(lambda: caller.keys_heard == "5", 5, "the other's key")
    callee.hang_up()
    caller.wait_for_end(5)


@pytest.mark.parametrize(("behaviour", "cause"), [("busy", 17), ("congested", 34)])
def test_a_line_that_cannot_be_reached_says_why(world: World, behaviour: str, cause: int) -> None:
    here, there = world
    there.number("+34910000003", behaviour)  # type: ignore[arg-type]
    caller = here.call("+34910000003", number="+34600000001", wait=False)
    caller.wait(lambda: caller.cause, 10, "a cause")
    assert (caller.cause, caller.answered_at) == (cause, None)


def test_an_unallocated_number_is_refused(world: World) -> None:
    caller = world[0].call("+34910000404", number="+34600000001", wait=False)
    caller.wait(lambda: caller.cause, 10, "a cause")
    assert caller.cause == 1


def test_a_phone_that_nobody_answers_rings_until_the_caller_gives_up(world: World) -> None:
    here, there = world
    there.number("+34910000004")
    caller = here.call("+34910000004", number="+34600000001", wait=False)
    callee = there.rung("+34910000004")
    caller.hang_up()
    callee.wait_for_end(5)
    assert callee.answered_at is None


def test_an_answering_machine_greets_and_beeps(world: World) -> None:
    here, there = world
    there.number("+34910000005")
    caller = here.call("+34910000005", number="+34600000001", wait=False)
    machine = there.rung("+34910000005")
    machine.answer()
    machine.speak(tone(300, 1.5))
    time.sleep(0.5)
    machine.speak(tone(1400, 0.4))
    greeting, beep = caller.wait(
        lambda: caller.heard.sounds if len(caller.heard.sounds) == 2 else None, 5, "two sounds"
    )
    assert has_tone(caller.heard_between(*beep), 1400)
    assert not has_tone(caller.heard_between(*greeting), 1400)
    caller.hang_up()
    machine.wait_for_end(5)


def test_a_call_is_kept_as_a_recording_of_both_sides(world: World, tmp_path: Path) -> None:
    here, there = world
    there.number("+34910000006")
    caller = here.call("+34910000006", number="+34600000001", wait=False)
    callee = there.rung("+34910000006")
    callee.answer()
    caller.wait_for_answer()
    caller.speak(tone(440, 0.5))
    callee.wait_for_quiet(quiet_s=0.2)
    callee.speak(tone(440, 0.5))
    assert 0 < caller.answer_delay() < 2
    callee.hang_up()
    caller.wait_for_end(5)
    assert caller.save(tmp_path / "call.wav").stat().st_size > 16_000
