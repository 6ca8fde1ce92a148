"""The supervisor's room: who waits, how it goes, and what may be changed in it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ivr.agents.model import SupervisorAction, User
from ivr.agents.states import States
from ivr.agents.viewer import Viewer
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clinic.model import Branch
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.errors import Forbidden, InvalidInput, NotFound
from ivr.flow import events as e
from ivr.queues.board import Boards, seen_by
from ivr.queues.model import Queue
from ivr.queues.schemas import DoneFilter
from ivr.queues.service import Queues
from tests.agents.conftest import Switch


@pytest.fixture
def boards(
    reception: Database,
    clock: FixedClock,
    stream: EventStream,
    states: States,
    switch: Switch,
) -> Boards:
    with reception.transaction() as session:
        session.add(Queue(name="tratamientos", title="Tratamientos", position=1))
    return Boards(reception, clock, stream, states, Queues(reception), switch)


@pytest.fixture
def marta(reception: Database) -> Viewer:
    with reception.transaction() as session:
        user = session.scalars(select(User).where(User.username == "marta")).one()
        return Viewer(user.id, "marta", "Marta", "supervisor", None)


def waits(
    log: CallLog,
    number: str,
    *,
    priority: int = 0,
    queue: str = "recepcion",
    branch: int | None = None,
) -> str:
    """A caller who joins the queue; their channel is ``PJSIP/trunk-`` and the number's end."""
    started = e.CallStarted(
        direction="inbound", flow="f", flow_version="1", language="es-ES", ani=number
    )
    call = log.start(started, branch_id=branch)
    log.append(call, e.LegStarted(channel=f"PJSIP/trunk-{number[-8:]}", kind="caller"))
    log.append(call, e.QueueJoined(queue=queue, priority=priority))
    return call


def leaves(log: CallLog, call: str, reason: str, waited_s: float, queue: str = "recepcion") -> None:
    left = {"queue": queue, "reason": reason, "waited_s": waited_s}
    log.append(call, e.QueueLeft.model_validate(left))


def test_the_urgent_caller_is_first_and_the_longest_wait_is_counted_from_joining(
    boards: Boards, call_log: CallLog, clock: FixedClock
) -> None:
    came = clock.moment
    first = waits(call_log, "+34600000001")
    clock.moment += timedelta(seconds=40)
    urgent = waits(call_log, "+34600000002", priority=10)
    other = waits(call_log, "+34600000003", queue="tratamientos")
    board = boards.read()
    assert [(c.call_id, c.place) for c in board.waiting] == [(urgent, 1), (first, 2), (other, 1)]
    reception, treatments = board.queues
    assert (reception.waiting, reception.longest_since) == (2, came)
    assert (treatments.waiting, board.overall.waiting, board.calls.waiting) == (1, 3, 3)


def test_the_service_level_counts_everybody_but_those_who_hung_up_at_once(
    boards: Boards, call_log: CallLog
) -> None:
    for reason, waited in (
        ("connected", 4),
        ("connected", 20),
        ("connected", 35),
        ("abandoned", 2),
        ("abandoned", 50),
        ("timeout", 600),
        ("empty", 0),
        ("other", 30),
    ):
        leaves(call_log, waits(call_log, "+34600000001"), reason, waited)
    now = boards.read().queues[0]
    assert (now.offered, now.answered, now.abandoned, now.short_abandoned) == (8, 3, 2, 1)
    assert (now.overflowed, now.left_otherwise) == (2, 1)
    assert (now.in_time, now.denominator) == (2, 7)
    assert now.service_level == pytest.approx(2 / 7)
    assert now.abandonment == pytest.approx(2 / 8)
    assert now.asa_s == pytest.approx((4 + 20 + 35) / 3)


def test_yesterday_does_not_count_today(
    boards: Boards, call_log: CallLog, clock: FixedClock
) -> None:
    today = clock.moment
    clock.moment -= timedelta(days=1)
    leaves(call_log, waits(call_log, "+34600000001"), "abandoned", 30)
    clock.moment = today
    assert boards.read().overall.offered == 0


def test_a_caller_moved_up_passes_the_others_but_not_the_urgent_one(
    boards: Boards, call_log: CallLog, switch: Switch, marta: Viewer, reception: Database
) -> None:
    first, second, third = (waits(call_log, f"+3460000000{n}") for n in (1, 2, 3))
    urgent = waits(call_log, "+34600000009", priority=10)
    boards.move_up(marta, third, "Lleva tres llamadas hoy")
    assert [c.call_id for c in boards.read().waiting] == [urgent, third, first, second]
    boards.move_up(marta, second)
    assert [c.call_id for c in boards.read().waiting] == [urgent, second, third, first]
    assert switch.orders[0] == ("move_up", "recepcion", "PJSIP/trunk-00000003", "1")
    with reception.transaction() as session:
        kept = session.scalars(select(SupervisorAction).order_by(SupervisorAction.id)).first()
        assert kept is not None
        assert (kept.action, kept.call_id, kept.note) == (
            "queue.move_up",
            third,
            "Lleva tres llamadas hoy",
        )


def test_who_no_longer_waits_cannot_be_moved(
    boards: Boards, call_log: CallLog, marta: Viewer
) -> None:
    call = waits(call_log, "+34600000001")
    leaves(call_log, call, "connected", 5)
    with pytest.raises(NotFound):
        boards.move_up(marta, call)


def test_agents_show_their_state_since_when_and_with_whom(
    boards: Boards, states: States, call_log: CallLog, clock: FixedClock
) -> None:
    call = waits(call_log, "+34600000001")
    states.want("lucia", "available")
    call_log.append(call, e.AgentRinging(agent="lucia"))
    states.heard("lucia", "ringing", call)
    assert boards.read().waiting[0].ringing == "lucia"
    leaves(call_log, call, "connected", 8)
    call_log.append(call, e.AgentConnected(agent="lucia"))
    states.heard("lucia", "talking", call)
    board = boards.read()
    lucia, mario = board.agents
    assert (lucia.state, lucia.since, lucia.talking_to) == (
        "on_call",
        clock.moment,
        "+34600000001",
    )
    assert (lucia.answered, mario.state) == (1, "off")
    assert (board.calls.talking, board.overall.agents_at_work) == (1, 1)


def test_a_supervisor_on_the_phone_is_counted_among_those_at_work_as_the_switch_has_it(
    boards: Boards, states: States
) -> None:
    states.want("lucia", "available")
    states.want("marta", "available")
    board = boards.read()
    on_shift = {one.username: one for one in board.agents if one.state != "off"}
    assert {name: one.supervises for name, one in on_shift.items()} == {
        "lucia": False,
        "marta": True,
    }
    assert on_shift["marta"].queues == {"recepcion": 5}
    assert board.overall.agents_at_work == board.overall.agents_available == len(on_shift)


def test_a_level_changed_in_the_middle_of_a_shift_reaches_the_switch_at_once(
    boards: Boards, states: States, switch: Switch, marta: Viewer
) -> None:
    states.want("lucia", "available")
    assert switch.members == {("lucia", "recepcion"): 0}
    boards.set_skill(marta, "recepcion", "lucia", 3)
    boards.set_skill(marta, "tratamientos", "lucia", 1)
    assert switch.members == {("lucia", "recepcion"): 2, ("lucia", "tratamientos"): 0}
    boards.set_skill(marta, "recepcion", "lucia", None)
    assert switch.members == {("lucia", "tratamientos"): 0}
    assert switch.rings("lucia")
    with pytest.raises(InvalidInput):
        Queues(boards._database).set_skill("recepcion", "lucia", 9)
    assert [one.detail for one in boards.done(marta)] == [
        "recepcion -",
        "tratamientos 1",
        "recepcion 3",
    ]


def added(session: Session, name: str, country: str, zone: str) -> int:
    branch = Branch(
        name=name, address="", city="", country=country, zone=zone,
        phone="+525500000001", spoken_names=[], directions="", region="",
    )  # fmt: skip
    session.add(branch)
    session.flush()
    return branch.id


@pytest.fixture
def roma(reception: Database) -> int:
    with reception.transaction() as session:
        return added(session, "Roma", "mx", "America/Mexico_City")


def of(branch: int) -> Viewer:
    return Viewer(0, "nadie", "Nadie", "supervisor", branch)


def test_a_supervisor_of_one_branch_sees_that_somebody_waits_but_not_who(
    boards: Boards, call_log: CallLog, roma: int
) -> None:
    waits(call_log, "+34600000001", branch=roma)
    (hidden,) = seen_by(boards.read(), of(roma + 1)).waiting
    assert hidden.hidden and hidden.number == "" and hidden.place == 1
    (own,) = seen_by(boards.read(), of(roma)).waiting
    assert own.number == "+34600000001"


def test_a_supervisor_of_one_branch_sees_whom_agents_talk_to_only_in_calls_of_it(
    boards: Boards, call_log: CallLog, states: States, roma: int
) -> None:
    call = waits(call_log, "+34600000001", branch=roma)
    states.want("lucia", "available")
    states.heard("lucia", "talking", call)
    assert seen_by(boards.read(), of(roma)).agents[0].talking_to == "+34600000001"
    elsewhere = seen_by(boards.read(), of(roma + 1)).agents[0]
    assert (elsewhere.state, elsewhere.talking_to, elsewhere.call_id) == ("on_call", "", "")


def test_a_note_to_an_agent_is_not_for_another_branch(
    boards: Boards, call_log: CallLog, states: States, reception: Database, roma: int
) -> None:
    with reception.transaction() as session:
        session.execute(update(User).where(User.username == "lucia").values(branch_id=roma))
    call = waits(call_log, "+34600000001", branch=roma)
    states.want("lucia", "available")
    states.heard("lucia", "talking", call)
    states.command("lucia", "off", "", by="marta", note="La señora Ruiz espera")
    assert seen_by(boards.read(), of(roma)).agents[0].wish_note == "La señora Ruiz espera"
    assert seen_by(boards.read(), of(roma + 1)).agents[0].wish_note == ""


def test_a_supervisor_of_one_branch_moves_nobody_of_another_up(
    boards: Boards, call_log: CallLog, switch: Switch, marta: Viewer, roma: int
) -> None:
    call = waits(call_log, "+34600000001", branch=roma)
    with pytest.raises(Forbidden):
        boards.move_up(replace(marta, branch_id=roma + 1), call)
    assert switch.orders == []
    boards.move_up(replace(marta, branch_id=roma), call)
    assert len(switch.orders) == 1


def test_a_supervisor_reads_what_was_done_in_the_own_branch_and_what_they_did(
    boards: Boards,
    call_log: CallLog,
    marta: Viewer,
    reception: Database,
    states: States,
    roma: int,
) -> None:
    with reception.transaction() as session:
        session.scalars(select(User).where(User.username == "lucia")).one().branch_id = roma
    boards.move_up(marta, waits(call_log, "+34600000001", branch=roma), "Es su tercera llamada")
    states.want("lucia", "available")
    boards.command(marta, "lucia", "paused", "lunch", "Come a las dos")
    acts = ["agent.state", "queue.move_up"]
    for viewer, read in ((marta, acts), (of(roma), acts), (of(roma + 1), [])):
        assert [one.action for one in boards.done(viewer)] == read
    assert [one.action for one in boards.done(replace(marta, branch_id=roma + 1))] == acts
    assert [one.who for one in boards.done(marta)] == ["", "+34600000001"]


def test_what_supervisors_did_is_filtered_within_what_one_may_read(
    boards: Boards,
    call_log: CallLog,
    marta: Viewer,
    states: States,
    clock: FixedClock,
    roma: int,
) -> None:
    first = clock.moment.date()
    boards.move_up(marta, waits(call_log, "+34600000001", branch=roma))
    clock.moment += timedelta(days=1)
    states.want("lucia", "available")
    boards.command(marta, "lucia", "paused", "lunch", "")

    def found(viewer: Viewer = marta, **wanted: Any) -> list[str]:
        return [one.action for one in boards.done(viewer, DoneFilter(**wanted))]

    assert found() == ["agent.state", "queue.move_up"]
    assert found(by="marta", action="queue.move_up") == ["queue.move_up"]
    assert found(by="lucia") == []
    assert found(day_to=first) == ["queue.move_up"]
    assert found(day_from=first + timedelta(days=1)) == ["agent.state"]
    assert found(of(roma + 1), action="queue.move_up") == []


def test_days_of_what_supervisors_did_are_those_of_the_readers_own_branch(
    boards: Boards, call_log: CallLog, marta: Viewer, clock: FixedClock, reception: Database
) -> None:
    with reception.transaction() as session:
        added(session, "Centro", "es", "Europe/Madrid")
        there = replace(marta, branch_id=added(session, "Roma", "mx", "America/Mexico_City"))
    clock.moment = datetime(2026, 11, 25, 3, tzinfo=UTC)  # the 24th at 21:00 in Mexico
    boards.move_up(marta, waits(call_log, "+34600000001"))
    wanted = DoneFilter(day_from=date(2026, 11, 25), day_to=date(2026, 11, 25))
    assert len(boards.done(marta, wanted)) == 1
    assert boards.done(there, wanted) == []
    assert len(boards.done(there, DoneFilter(day_to=date(2026, 11, 24)))) == 1


def test_who_serves_which_queues_is_told_of_several_at_once(
    reception: Database, boards: Boards
) -> None:
    queues = Queues(reception)
    queues.set_skill("tratamientos", "lucia", 2)
    served = queues.served({"lucia", "marta", "mario"})
    assert served["lucia"] == {"tratamientos"}
    assert served["marta"] == {"recepcion"}  # supervises: the first queue, last of all
    for name, names in served.items():
        assert names == {skill.queue for skill in queues.of(name)}, name
