"""Waiting for a person: what is said meanwhile, whose telephone rings, where it goes on.

Each story has a queue of its own in the product's own dialplan and the people who serve it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ivr.adapters.asterisk import config
from ivr.queues.service import Skill
from tests.telephone_network.person import NotHeard, Person, read_wav
from tests.telephone_network.person import tone as tone_of
from tests.telephone_network.system import ClinicSystem, queue_number
from tests.telephone_network.together import Together

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]
together = Together(at_once=6)
AFTER_CALL_S = 2.5
"""A little longer than a queue leaves its people alone after a call."""


class Colleague:
    """Somebody who serves a queue with a telephone outside."""

    def __init__(self, system: ClinicSystem, queue: str, number: str, level: int) -> None:
        self.system = system
        self.queue = queue
        self.number = number
        self.interface = f"Local/{number}@people/n"
        self.there = True
        system.network.number(number)
        system.switch.manager.action(
            "QueueAdd",
            Queue=queue,
            Interface=self.interface,
            MemberName=number,
            Penalty=str(Skill(queue, number, level).penalty),
        )

    def pause(self, paused: bool) -> None:
        self.system.switch.manager.action(
            "QueuePause",
            Queue=self.queue,
            Interface=self.interface,
            Paused="true" if paused else "false",
        )

    def rings(self, timeout: float = 20) -> Person:
        return self.system.network.rung(self.number, timeout)

    def is_quiet(self) -> bool:
        return self.system.network.calls_waiting(self.number) == 0

    def answers(self, timeout: float = 20) -> Person:
        """Pick up the telephone that rings."""
        person = self.rings(timeout)
        person.answer()
        return person

    def leaves(self) -> None:
        if self.there:
            self.there = False
            self.system.switch.manager.action(
                "QueueRemove", Queue=self.queue, Interface=self.interface
            )


@contextmanager
def staff(calm: ClinicSystem, queue: str, *levels: int) -> Iterator[list[Colleague]]:
    """People who serve ``queue``, one for each level; they leave at the end.

    What the queue remembers of those it served before (a story that is lived through again) would
    change the time that is told.
    """
    calm.switch.manager.action("QueueReset", Queue=queue)
    line = queue_number(queue)[-4:]
    people = [
        Colleague(calm, queue, f"3493{line}{at:03d}", level) for at, level in enumerate(levels)
    ]
    try:
        yield people
    finally:
        for one in people:
            one.leaves()


def talk(one: Person, other: Person) -> None:
    """What one says the other hears, and the other way round."""
    for speaker, listener in ((one, other), (other, one)):
        since = listener.now()
        speaker.speak(tone_of(1000, 1.0))
        listener.wait_for_sound(since=since)


def sound(calm: ClinicSystem, name: str) -> Path:
    """A prompt of the clinic's dialplan, or one of Asterisk's own."""
    where = config.paths(calm.installation.settings)
    own = where.prompts / f"{name}.wav"
    return own if own.exists() else where.sounds / f"{name}.wav"


def is_told(calm: ClinicSystem, person: Person, *names: str, since: float = 0.0) -> float:
    """Until these prompts were heard one after the other; when the last began."""
    at, deadline = since, time.monotonic() + max(0.0, since - person.now()) + 75
    for name in names:
        sample = read_wav(sound(calm, name))
        while (heard := person.heard_sound(sample, since=at)) is None:
            if time.monotonic() > deadline:
                raise NotHeard(f"{person.number} did not hear {name} after {at:.1f}: {person}")
            time.sleep(1)
        at = heard
    return at


@together.test
def test_who_waits_is_told_the_place_in_line_and_how_long_it_may_be(calm: ClinicSystem) -> None:
    with staff(calm, "espera", 1) as [one]:
        one.pause(True)
        first = calm.wait_in("espera", "+34600910001")
        second = calm.wait_in("espera", "+34600910002")
        third = calm.wait_in("espera", "+34600910003")
        is_told(calm, second, "queue-thereare", "digits/2", "queue-callswaiting")
        is_told(calm, third, "queue-thereare", "digits/3", "queue-callswaiting")
        is_told(calm, first, "queue-youarenext")
        third.hang_up()
        # The first in line is told no time, nor is less than a minute (app_queue). Nobody has
        # been answered yet: how long this caller has waited is the only measure there is.
        is_told(calm, second, "queue-holdtime", "digits/1", since=60)
        one.pause(False)
        person = one.answers()
        talk(person, first)
        one.pause(True)
        is_told(calm, second, "queue-youarenext", since=second.now() - 5)
        for leaving in (first, second):
            leaving.hang_up()


@together.test
def test_in_a_queue_that_rings_at_all_the_first_to_answer_has_the_caller(
    calm: ClinicSystem,
) -> None:
    with staff(calm, "todos", 1, 1, 1) as people:
        caller = calm.wait_in("todos", "+34600920001")
        ringing = [one.rings() for one in people]
        ringing[1].answer()
        for other in (ringing[0], ringing[2]):
            other.wait_for_end(10)
            assert other.answered_at is None
        talk(ringing[1], caller)
        caller.hang_up()


@together.test
def test_calls_go_to_whoever_has_been_without_one_the_longest(calm: ClinicSystem) -> None:
    with staff(calm, "turnos", 1, 1, 1) as people:
        order = []
        for at in range(5):
            caller = calm.wait_in("turnos", f"+3460093000{at}")
            chosen = calm.until(
                lambda: next((one for one in people if not one.is_quiet()), None), "a telephone"
            )
            person = chosen.answers()
            talk(person, caller)
            assert all(one.is_quiet() for one in people)
            order.append(people.index(chosen))
            caller.hang_up()
            person.wait_for_end(10)
            time.sleep(AFTER_CALL_S)
        assert sorted(order[:3]) == [0, 1, 2]
        assert order[3:] == order[:2]


@together.test
def test_the_best_are_rung_first_and_the_others_when_those_are_busy(calm: ClinicSystem) -> None:
    with staff(calm, "niveles", 3, 1, 2) as [third, best, second]:
        callers = []
        for at, colleague in enumerate((best, second, third)):
            callers.append(calm.wait_in("niveles", f"+3460094000{at}"))
            talk(colleague.answers(), callers[-1])
            assert third.is_quiet() and second.is_quiet() and best.is_quiet()
        for caller in callers:
            caller.hang_up()


@together.test
def test_who_waits_too_long_goes_on_to_the_queue_after_it(calm: ClinicSystem) -> None:
    with staff(calm, "breve", 1) as [nobody], staff(calm, "despues", 1) as [other]:
        nobody.pause(True)
        caller = calm.wait_in("breve", "+34600950001")
        person = other.answers(30)
        talk(person, caller)
        assert caller.answered_at is not None
        assert caller.now() - caller.answered_at > 9
        assert nobody.is_quiet()
        caller.hang_up()


@together.test
def test_who_finds_nobody_in_a_queue_is_taken_to_the_queue_after_it(calm: ClinicSystem) -> None:
    with staff(calm, "llena", 1) as [other]:
        caller = calm.network.call(queue_number("vacia"), number="+34600950002")
        talk(other.answers(), caller)
        caller.hang_up()


@together.test
def test_who_waits_where_everybody_leaves_is_taken_to_the_queue_after_it(
    calm: ClinicSystem,
) -> None:
    with staff(calm, "dejada", 1) as [leaver], staff(calm, "siguiente", 1) as [other]:
        leaver.pause(True)
        caller = calm.wait_in("dejada", "+34600950003")
        assert other.is_quiet()
        leaver.leaves()
        talk(other.answers(), caller)
        caller.hang_up()


@together.test
def test_after_the_last_queue_a_message_is_taken_and_is_a_task(calm: ClinicSystem) -> None:
    with staff(calm, "ultima", 1) as [nobody]:
        nobody.pause(True)
        caller = calm.wait_in("ultima", "+34600960001")
        begun = is_told(calm, caller, "no-agents")
        caller.wait_for_quiet(since=begun + 1, quiet_s=1.5)
        caller.speak(tone_of(1000, 3.0))
        caller.press("#")
        caller.wait_for_end(30)
        with pytest.raises(NotHeard):
            nobody.rings(0.1)
