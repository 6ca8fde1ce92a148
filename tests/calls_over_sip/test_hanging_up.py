"""Callers who put the phone down, at every point of a booking."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from ivr.clinic.model import Appointment
from tests.calls_over_sip.callers import booking, patient
from tests.telephone_network.player import Player
from tests.telephone_network.system import ClinicSystem

pytestmark = pytest.mark.network

AT_ONCE = 4


def test_whoever_hangs_up_at_any_step_leaves_nothing_held_and_nothing_recording(
    calm: ClinicSystem,
) -> None:
    steps = len(booking(patient(calm)))

    def leave_after(step: int) -> str:
        who = patient(calm)
        person, watch = calm.call(who.number, calm.branch())
        player = Player(person, watch)
        player.go_on(booking(who)[:step])
        watch.wait_for("prompt.said", after=player.turn, timeout=20)
        person.hang_up()
        outcome = watch.wait_for_end().outcome
        with calm.database.transaction() as session:
            kept = session.scalars(
                select(Appointment.status).where(
                    Appointment.call_id == watch.call_id,
                    Appointment.status.in_(("held", "booked")),
                )
            ).all()
        return f"{outcome} {''.join(kept)}".strip()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        ends = list(pool.map(leave_after, range(steps)))
    assert ends == ["abandoned"] * (steps - 1) + ["completed booked"]


def test_whoever_hangs_up_before_anybody_answers_is_no_ghost(calm: ClinicSystem) -> None:
    person = calm.network.call(calm.branch(), number="+34600100999", wait=False)
    person.hang_up()
    person.wait_for_end()
