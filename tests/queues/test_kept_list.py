"""The desk's list of those who wait for our call: who sees whom, and who takes them out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ivr.agents.model import SupervisorAction, User
from ivr.agents.states import States
from ivr.agents.viewer import Role, Viewer
from ivr.calls.log import CallLog
from ivr.clinic.model import Patient
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.errors import Conflict, NotFound
from ivr.flow import events as e
from ivr.queues.kept import UNDONE_WITHIN, KeptList
from ivr.queues.model import Queue, QueueSkill
from ivr.queues.places import Places
from tests.queues.kept_places import NUMBER, Line, at_the_desk, kept, status
from tests.queues.test_room import waits


def test_the_desk_sees_who_is_still_to_be_called_and_no_more_of_them_than_it_may(
    places: Places,
    call_log: CallLog,
    states: States,
    line: Line,
    reception: Database,
    shown: KeptList,
) -> None:
    with reception.transaction() as session:
        session.add(Patient(given="Ana", family="Ruiz Gil", search_keys=[]))
        session.flush()
        patient = session.scalars(select(Patient.id)).one()
    call = waits(call_log, NUMBER, branch=1)
    call_log.append(call, e.PatientIdentified(patient_id=patient, how="phone_and_birth_date"))
    assert places.keep("recepcion", NUMBER, call_id=call)
    kept(places, call_log, "+34600000002")

    def seen_by(role: Role, branch_id: int | None) -> list[tuple[str, str]]:
        viewer = Viewer(1, "lucia", "Lucía", role, branch_id)
        return [(one.who, one.number) for one in shown.of(viewer)]

    known, unknown = ("Ana Ruiz Gil", NUMBER), ("+34600000002", "+34600000002")
    assert seen_by("supervisor", None) == [known, unknown]
    assert seen_by("supervisor", 2) == [unknown]
    assert seen_by("agent", 1) == [("Ana R.", ""), ("…002", "")]
    assert seen_by("agent", 2) == [("…002", "")]
    states.want("lucia", "available")
    places.turn()
    (first, _) = shown.of(Viewer(1, "lucia", "Lucía", "supervisor", None))
    assert (first.calling, first.attempts, first.queue) == (True, 1, "Recepción")
    assert places.dialled(line.dialled[0].call_id, "answered")
    assert [who for who, _ in seen_by("supervisor", None)] == ["+34600000002"]
    with reception.transaction() as session:
        session.add(Queue(name="otra", title="Otra", position=1))
        lucia = session.scalars(select(User.id).where(User.username == "lucia")).one()
        session.add(QueueSkill(queue="otra", user_id=lucia))
    assert seen_by("agent", 1) == []


def test_who_need_not_be_called_any_more_is_not_called_and_the_reason_is_written_down(
    places: Places,
    call_log: CallLog,
    states: States,
    line: Line,
    reception: Database,
    shown: KeptList,
) -> None:
    call = kept(places, call_log)
    lucia = at_the_desk(reception, "lucia")
    (place,) = shown.of(lucia)
    shown.cancel(lucia, place.id, "Ya se le ha atendido")
    assert shown.of(lucia) == []
    states.want("lucia", "available")
    assert places.turn() == 0
    assert line.dialled == []
    assert status(reception) == ["cancelled"]
    told = [one.event for one in call_log.events(call)]
    assert (
        e.PlaceChanged(
            queue="recepcion", status="cancelled", by="lucia", note="Ya se le ha atendido"
        )
        in told
    )


def test_supervisions_acts_tell_of_places_that_supervisors_changed_and_of_no_agents(
    places: Places, call_log: CallLog, reception: Database, shown: KeptList
) -> None:
    lucia, marta = at_the_desk(reception, "lucia"), at_the_desk(reception, "marta")
    assert (lucia.role, marta.role) == ("agent", "supervisor")
    call = kept(places, call_log)
    (place,) = shown.of(lucia)
    shown.cancel(lucia, place.id, "Ya se le ha atendido")
    shown.restore(lucia, place.id)
    with reception.transaction() as session:
        assert session.scalars(select(SupervisorAction)).all() == []
    shown.cancel(marta, place.id, "Llamará más tarde")
    shown.restore(marta, place.id)
    with reception.transaction() as session:
        done = session.scalars(select(SupervisorAction).order_by(SupervisorAction.id)).all()
        assert [(one.action, one.user_id, one.call_id, one.note) for one in done] == [
            ("place.cancelled", marta.id, call, "Llamará más tarde"),
            ("place.waiting", marta.id, call, ""),
        ]
    told = [one.event for one in call_log.events(call) if isinstance(one.event, e.PlaceChanged)]
    assert [(one.by, one.status) for one in told] == [
        ("lucia", "cancelled"),
        ("lucia", "waiting"),
        ("marta", "cancelled"),
        ("marta", "waiting"),
    ]


def test_a_place_taken_away_by_mistake_is_given_back_and_its_turn_comes(
    places: Places,
    call_log: CallLog,
    states: States,
    line: Line,
    reception: Database,
    shown: KeptList,
) -> None:
    kept(places, call_log)
    lucia = at_the_desk(reception, "lucia")
    (place,) = shown.of(lucia)
    shown.cancel(lucia, place.id, "Equivocación")
    shown.restore(lucia, place.id)
    assert shown.of(lucia) == [place]
    states.want("lucia", "available")
    assert places.turn() == 1
    assert [one.number for one in line.dialled] == [NUMBER]


def test_a_place_is_not_given_back_when_it_is_too_late_or_they_have_another(
    places: Places, call_log: CallLog, clock: FixedClock, reception: Database, shown: KeptList
) -> None:
    lucia = at_the_desk(reception, "lucia")
    kept(places, call_log)
    (first,) = shown.of(lucia)
    shown.cancel(lucia, first.id, "x")
    kept(places, call_log)
    with pytest.raises(Conflict):
        shown.restore(lucia, first.id)
    (second,) = shown.of(lucia)
    shown.cancel(lucia, second.id, "x")
    clock.moment += UNDONE_WITHIN + timedelta(seconds=1)
    with pytest.raises(Conflict):
        shown.restore(lucia, second.id)
    assert status(reception) == ["cancelled", "cancelled"]


def test_who_is_being_called_is_not_taken_out_of_the_line(
    places: Places,
    call_log: CallLog,
    states: States,
    reception: Database,
    shown: KeptList,
) -> None:
    kept(places, call_log)
    lucia = at_the_desk(reception, "lucia")
    (place,) = shown.of(lucia)
    states.want("lucia", "available")
    assert places.turn() == 1
    with pytest.raises(Conflict) as refused:
        shown.cancel(lucia, place.id, "x")
    assert refused.value.code == "being_called"
    assert status(reception) == ["dialling"]


def test_only_those_who_serve_the_queue_in_its_branch_take_somebody_out_of_it(
    places: Places, call_log: CallLog, reception: Database, shown: KeptList
) -> None:
    kept(places, call_log, branch=1)
    (place,) = shown.of(at_the_desk(reception, "lucia"))
    with reception.transaction() as session:
        session.add(Queue(name="otra", title="Otra", position=1))
        lucia = session.scalars(select(User.id).where(User.username == "lucia")).one()
        session.flush()
        session.add(QueueSkill(queue="otra", user_id=lucia))
    for stranger in (at_the_desk(reception, "lucia"), at_the_desk(reception, "marta", 2)):
        with pytest.raises(NotFound):
            shown.cancel(stranger, place.id, "x")
    assert status(reception) == ["waiting"]
    shown.cancel(at_the_desk(reception, "marta", 1), place.id, "x")
    assert status(reception) == ["cancelled"]
