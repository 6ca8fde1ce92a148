"""A clinic's own desk from a file: without it nobody can pause nor say how a call ended."""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr.agents.dispositions import Dispositions
from ivr.agents.model import CallDisposition
from ivr.agents.states import States
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clinic.model import Clinic
from ivr.clock import FixedClock
from ivr.config import PROJECT
from ivr.database import Database
from ivr.errors import Conflict, InvalidInput, NotFound
from ivr.flow import events as e
from ivr.flow.library import load
from ivr.queues import desk_file
from ivr.queues.model import KeptPlace
from ivr.queues.service import Queues
from tests.queues.kept_places import at_the_desk
from tests.queues.test_room import waits


def written(folder: Path, text: str) -> Path:
    path = folder / "desk.yaml"
    path.write_text(text, "utf-8")
    return path


NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def put(
    database: Database, folder: Path, text: str, use: desk_file.Use = desk_file.STAY
) -> list[str]:
    return desk_file.apply(database, desk_file.read(written(folder, text)), NOW, use)


@pytest.fixture
def lists(reception: Database, clock: FixedClock, stream: EventStream) -> Dispositions:
    return Dispositions(reception, clock, stream)


def test_the_file_of_the_handbook_sets_up_a_desk(
    database: Database, clock: FixedClock, stream: EventStream, tmp_path: Path
) -> None:
    with database.transaction() as session:
        session.add(Clinic(name="Clínica", country="es"))
    handbook = (PROJECT / "docs/operations.md").read_text("utf-8")
    example = re.search(r"```yaml\n(queues:.*?)```", handbook, re.DOTALL)
    assert example is not None
    put(database, tmp_path, example[1])
    lists = Dispositions(database, clock, stream)
    assert [(one.code, one.limit_s) for one in lists.reasons()] == [
        ("lunch", 2700),
        ("paperwork", None),
    ]
    assert [(one.code, one.needs_note) for one in lists.codes()] == [
        ("booked", False),
        ("pending", True),
    ]
    assert lists.required()
    assert [queue.name for queue in Queues(database).all()] == ["recepcion"]


def test_an_agent_pauses_for_a_reason_the_clinic_has_added(
    reception: Database, states: States, tmp_path: Path
) -> None:
    states.want("lucia", "available")
    with pytest.raises((InvalidInput, NotFound)):
        states.want("lucia", "paused", "coffee")
    put(reception, tmp_path, "pauses: [{code: coffee, name: Café, minutes: 10}]")
    assert states.want("lucia", "paused", "coffee").reason == "coffee"


def test_what_the_file_names_changes_and_comes_first_and_the_rest_stays(
    reception: Database, lists: Dispositions, tmp_path: Path
) -> None:
    before = Queues(reception).all()[0]
    put(
        reception,
        tmp_path,
        "queues: [{name: urgencias, title: Urgencias, ring_s: 10},"
        " {name: recepcion, title: Mostrador, overflow_s: 90}]\n"
        "dispositions: [{code: pending, name: Pendiente}]\n"
        "disposition_required: false\n",
    )
    first, second = Queues(reception).all()
    assert (first.name, first.ring_s) == ("urgencias", 10)
    assert second == replace(before, title="Mostrador", overflow_s=90)
    assert [(one.code, one.needs_note) for one in lists.codes()] == [
        ("pending", False),
        ("booked", False),
    ]
    assert not lists.required()
    assert [one.code for one in lists.reasons()] == ["lunch", "paperwork"]


def test_whoever_waits_too_long_goes_on_to_a_queue_of_the_same_file_and_back_to_voicemail(
    reception: Database, tmp_path: Path
) -> None:
    put(
        reception,
        tmp_path,
        "queues: [{name: recepcion, title: R, overflow_to: tarde}, {name: tarde, title: T}]",
    )
    assert [queue.overflow_to for queue in Queues(reception).all()] == ["tarde", ""]
    put(reception, tmp_path, "queues: [{name: recepcion, title: R}]")
    assert Queues(reception).all()[0].overflow_to == "tarde"
    put(reception, tmp_path, 'queues: [{name: recepcion, title: R, overflow_to: ""}]')
    assert Queues(reception).all()[0].overflow_to == ""


@pytest.mark.parametrize(
    ("queues", "told"),
    [
        ("{name: recepcion, title: R, overflow_to: nada}", "recepcion: overflow_to.*nada"),
        ("{name: recepcion, title: R, overflow_to: recepcion}", "recepcion → recepcion"),
        (
            "{name: recepcion, title: R, overflow_to: a}, {name: a, title: A, overflow_to: b},"
            " {name: b, title: B, overflow_to: recepcion}",
            "recepcion → a → b → recepcion",
        ),
    ],
)
def test_a_queue_that_leads_nowhere_or_in_a_circle_is_refused_and_nothing_changes(
    reception: Database, tmp_path: Path, queues: str, told: str
) -> None:
    before = Queues(reception).all()
    with pytest.raises(InvalidInput, match=told):
        put(reception, tmp_path, f"queues: [{queues}]")
    assert Queues(reception).all() == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("queues: [{name: Recepción, title: R}]", r"queues\[1\]\.name"),
        ("queues: [{name: r, title: R, ring_s: 2}]", r"queues\[1\]\.ring_s.*5"),
        ("pauses: [{code: a, name: A}, {code: b}]", r"pauses\[2\]\.name.*required"),
        ("pauses: [{code: a, name: A}, {code: a, name: B}]", "pauses: a more than once"),
        ("dispositions: [{code: a, name: A, note: true}]", r"dispositions\[1\]\.note"),
        ("wrapup_s: 30", "wrapup_s"),
        ("wrap_up_s: 1000", "wrap_up_s"),
        ("queues: [", "not YAML"),
        ("- lunch", "the file"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        desk_file.read(written(tmp_path, text))


def test_a_file_may_come_through_a_pipe_as_into_a_container() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"wrap_up_s: 30\n")
    os.close(writing)
    try:
        assert desk_file.read(Path(f"/dev/fd/{reading}")).wrap_up_s == 30
    finally:
        os.close(reading)


def test_what_is_no_file_is_said_to_be_none(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(NotFound, match="there is no file"):
            desk_file.read(path)


RETIRE = desk_file.Use(retire=True)
TWO = "queues: [{name: recepcion, title: R}, {name: tarde, title: Tarde}]"


def test_what_the_lists_no_longer_name_is_not_offered_any_more_and_keeps_its_history(
    reception: Database, lists: Dispositions, states: States, tmp_path: Path, call_log: CallLog
) -> None:
    put(reception, tmp_path, TWO)
    call = waits(call_log, "+34600000001")
    call_log.append(call, e.AgentConnected(agent="lucia"))
    lucia = at_the_desk(reception, "lucia")
    lists.choose(lucia, call, "booked", "")
    told = put(
        reception,
        tmp_path,
        "queues: [{name: recepcion, title: R}]\n"
        "dispositions: [{code: pending, name: Pendiente, needs_note: true}]\n",
        RETIRE,
    )
    assert "queue tarde: retired" in told
    assert "disposition booked: retired" in told
    assert [queue.name for queue in Queues(reception).all()] == ["recepcion"]
    assert [one.code for one in lists.codes()] == ["pending"]
    assert [one.code for one in lists.reasons()] == ["lunch", "paperwork"], "not in the file"
    with pytest.raises((InvalidInput, NotFound)):
        lists.choose(lucia, call, "booked", "")
    with pytest.raises(NotFound):
        Queues(reception).set_skill("tarde", "lucia", 1)
    with reception.transaction() as session:
        assert [queue.title for queue in Queues(reception).ever(session)] == ["R", "Tarde"]
        assert session.scalars(select(CallDisposition.code)).all() == ["booked"]


def test_a_pause_that_was_retired_cannot_be_chosen_and_comes_back_with_the_file(
    reception: Database, states: States, lists: Dispositions, tmp_path: Path
) -> None:
    states.want("lucia", "available")
    put(reception, tmp_path, "pauses: [{code: lunch, name: Comida}]", RETIRE)
    with pytest.raises(InvalidInput):
        states.want("lucia", "paused", "paperwork")
    told = put(reception, tmp_path, "pauses: [{code: paperwork, name: Gestiones}]")
    assert "pause paperwork: comes back" in told
    assert states.want("lucia", "paused", "paperwork").reason == "paperwork"


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    reception: Database, lists: Dispositions, tmp_path: Path
) -> None:
    put(reception, tmp_path, TWO)
    before, codes = Queues(reception).all(), lists.codes()
    told = put(
        reception,
        tmp_path,
        "queues: [{name: urgencias, title: Urgencias}, {name: recepcion, title: Mostrador}]\n"
        "dispositions: [{code: booked, name: Cita dada}]\nwrap_up_s: 33\n",
        replace(RETIRE, dry=True),
    )
    assert {
        "queue urgencias: new",
        "queue recepcion: title R → Mostrador",
        "queue tarde: retired",
        "disposition pending: retired",
    } <= set(told)
    assert any(re.fullmatch("desk: wrap_up_s .* → 33", line) for line in told)
    assert (Queues(reception).all(), lists.codes()) == (before, codes)


def test_a_queue_in_use_is_not_retired_and_every_reason_is_told(
    reception: Database, states: States, call_log: CallLog, tmp_path: Path
) -> None:
    put(reception, tmp_path, "queues: [{name: tarde, title: Tarde}, {name: recepcion, title: R}]")
    Queues(reception).set_skill("recepcion", "lucia", 1)
    states.want("lucia", "available")
    waits(call_log, "+34600000001")
    with reception.transaction() as session:
        session.add(
            KeptPlace(
                queue="recepcion", number="+34600000002", waiting_since=NOW, next_at=NOW,
                created_at=NOW,
            )
        )  # fmt: skip
    flows, _, _ = load(PROJECT / "callflows")
    use = replace(RETIRE, flows=desk_file.queues_of(flows.values()))
    with pytest.raises(Conflict) as refused:
        put(reception, tmp_path, "queues: [{name: tarde, title: Tarde}]", use)
    text = str(refused.value)
    for reason in (
        "recordatorio sends callers there",
        "served now by lucia",
        "1 callers wait there",
        "1 callers are to be called back",
    ):
        assert reason in text
    assert [queue.name for queue in Queues(reception).all()] == ["tarde", "recepcion"]


def test_the_queue_that_somebody_at_work_serves_without_having_been_told_to_stays(
    reception: Database, states: States, tmp_path: Path
) -> None:
    put(reception, tmp_path, TWO)
    states.want("marta", "available")
    with pytest.raises(Conflict, match="recepcion: served now by marta"):
        put(reception, tmp_path, "queues: [{name: tarde, title: Tarde}]", RETIRE)
    states.want("marta", "off")
    put(reception, tmp_path, "queues: [{name: tarde, title: Tarde}]", RETIRE)
    assert [queue.name for queue in Queues(reception).all()] == ["tarde"]


def test_the_last_queue_stays_and_so_does_one_that_callers_overflow_to(
    reception: Database, tmp_path: Path
) -> None:
    with pytest.raises(Conflict, match="Callers need a queue"):
        put(reception, tmp_path, "queues: []", RETIRE)
    put(
        reception,
        tmp_path,
        "queues: [{name: recepcion, title: R, overflow_to: tarde}, {name: tarde, title: T}]",
    )
    with pytest.raises(InvalidInput, match="there is no queue tarde"):
        put(reception, tmp_path, "queues: [{name: recepcion, title: R}]", RETIRE)
    assert len(Queues(reception).all()) == 2
