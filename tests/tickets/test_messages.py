import os
import threading
import time
import wave
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.agents.service import Accounts
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clinic.patients import Patients
from ivr.clock import Clock, FixedClock
from ivr.config import Settings
from ivr.database import Database
from ivr.errors import NotFound, Unavailable
from ivr.flow.events import CallStarted
from ivr.tickets.messages import Messages
from ivr.tickets.service import Tickets


def spoken(file: Path, seconds: float) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\x01\x00" * int(8000 * seconds))
    before = time.time() - 60
    os.utime(file, (before, before))
    return file


@pytest.fixture
def tickets(database: Database, clock: Clock, stream: EventStream) -> Tickets:
    return Tickets(database, clock, stream)


@pytest.fixture
def user(database: Database, clock: Clock) -> int:
    accounts = Accounts(database, clock)
    return accounts.create("ana", "una clave bien larga", name="Ana", role="agent").id


@pytest.fixture
def messages(database: Database, clock: Clock, tickets: Tickets, tmp_path: Path) -> Messages:
    config = Settings(var=tmp_path / "var", recordings=tmp_path / "recordings")
    return Messages(database, clock, tickets, config)


def test_a_message_left_while_the_application_was_down_becomes_a_task(
    messages: Messages, tickets: Tickets, user: int, tmp_path: Path
) -> None:
    file = spoken(tmp_path / "left" / "1800000000_none_1800000000.12.wav", 4)
    file.with_suffix(".txt").write_text("+34600111222\n")

    made = messages.collect(tmp_path / "left")
    assert messages.transcribe(lambda _wav, _language: "llámenme por favor") == made

    task = next(t for t in tickets.open_ones() if t.id in made)
    assert (task.kind, task.number, task.summary) == (
        "voicemail",
        "+34600111222",
        "llámenme por favor",
    )
    assert not list((tmp_path / "left").iterdir()), "the plain files are gone"
    assert messages.open(task.id, user).startswith(b"RIFF")
    sealed = next((tmp_path / "recordings").rglob("*.age")).read_bytes()
    assert sealed.startswith(b"age-encryption.org")


def test_a_message_found_twice_at_once_is_one_task(
    messages: Messages, tickets: Tickets, tmp_path: Path
) -> None:
    spoken(tmp_path / "left" / "1800000000_none_1800000000.15.wav", 4)
    together = threading.Barrier(2)

    def collect() -> list[int]:
        together.wait()
        return messages.collect(tmp_path / "left")

    with ThreadPoolExecutor(2) as pool:
        made = [pool.submit(collect) for _ in range(2)]
    assert sum(len(one.result()) for one in made) == 1
    assert len(tickets.open_ones()) == 1


def test_a_caller_who_said_nothing_makes_no_task(messages: Messages, tmp_path: Path) -> None:
    spoken(tmp_path / "left" / "1800000000_none_1800000000.13.wav", 0.4)
    assert messages.collect(tmp_path / "left") == []
    assert not list((tmp_path / "left").iterdir())


def test_a_caller_who_hung_up_at_the_tone_left_no_message(
    messages: Messages, stream: EventStream, tmp_path: Path
) -> None:
    before = stream.last_number()
    messages.announce("a call", tmp_path / "1800000000_none_1800000000.12.wav")
    assert stream.last_number() == before


def test_a_message_still_being_spoken_is_left_alone(messages: Messages, tmp_path: Path) -> None:
    file = spoken(tmp_path / "left" / "1800000000_none_1800000000.14.wav", 4)
    os.utime(file)
    assert messages.collect(tmp_path / "left") == []
    assert file.exists()


def test_a_message_of_a_call_that_goes_on_is_left_to_its_flow(
    messages: Messages, call_log: CallLog, tmp_path: Path
) -> None:
    started = CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
    call_id = call_log.start(started)
    spoken(tmp_path / "left" / f"1800000000_{call_id}_1800000000.14.wav", 4)
    assert messages.collect(tmp_path / "left") == []
    call_log.finish(call_id)
    assert len(messages.collect(tmp_path / "left")) == 1


def test_whose_message_it_is_is_known_by_the_number_also_where_the_call_did_not_say(
    messages: Messages,
    tickets: Tickets,
    call_log: CallLog,
    database: Database,
    clock: Clock,
    stream: EventStream,
    tmp_path: Path,
) -> None:
    patient = Patients(database, clock, stream).create_provisional("Ana", "Ruiz", "+34600111222")
    call_id = call_log.start(
        CallStarted(
            direction="inbound", flow="f", flow_version="1", language="es-ES", ani="+34600111222"
        )
    )
    spoken(tmp_path / "left" / f"1800000000_{call_id}_1800000000.16.wav", 4)
    call_log.finish(call_id)
    [made] = messages.collect(tmp_path / "left")
    assert [one.patient_id for one in tickets.open_ones() if one.id == made] == [patient.id]


def test_a_message_is_a_task_even_when_nothing_could_transcribe_it(
    messages: Messages, tickets: Tickets, tmp_path: Path
) -> None:
    def broken(_wav: bytes, _language: str) -> str:
        raise RuntimeError("no engine")

    spoken(tmp_path / "left" / "1800000000_none_1800000000.15.wav", 2)
    assert len(messages.collect(tmp_path / "left")) == 1
    assert messages.transcribe(broken) == []
    assert [one.summary for one in tickets.open_ones()] == [""]


def test_messages_wait_for_something_to_listen_with_and_silence_is_heard_once(
    messages: Messages, tmp_path: Path
) -> None:
    heard: list[str] = []

    def nothing(_wav: bytes, _language: str) -> str:
        raise Unavailable("there is no model to listen with")

    def silence(_wav: bytes, language: str) -> str:
        heard.append(language)
        return ""

    spoken(tmp_path / "left" / "1800000000_none_1800000000.15.wav", 2)
    messages.collect(tmp_path / "left")
    for listener in (nothing, silence, silence):
        assert messages.transcribe(listener) == []
    assert heard == ["es-ES"]


def test_a_task_without_a_message_has_no_audio(
    messages: Messages, tickets: Tickets, user: int
) -> None:
    with pytest.raises(NotFound):
        messages.open(tickets.open("message", summary="x").id, user)


def test_a_message_is_erased_when_its_time_is_over_and_its_task_stays(
    messages: Messages, tickets: Tickets, clock: FixedClock, user: int, tmp_path: Path
) -> None:
    spoken(tmp_path / "left" / "1800000000_none_1800000000.17.wav", 2)
    [task] = messages.collect(tmp_path / "left")
    assert messages.erase_expired() == []
    clock.moment += timedelta(days=366)
    assert messages.erase_expired() == [task]
    assert not list((tmp_path / "recordings").rglob("*.age"))
    with pytest.raises(NotFound):
        messages.open(task, user)
    assert [one.id for one in tickets.open_ones()] == [task]
