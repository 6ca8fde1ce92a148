"""From a yes to recording to sealed, listened, erased audio."""

import io
import os
import wave
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.agents.service import Accounts
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clock import FixedClock
from ivr.config import Settings
from ivr.consent.ledger import Ledger
from ivr.database import Database
from ivr.errors import Forbidden, NotFound
from ivr.flow.events import CallStarted
from ivr.recordings.store import RecordingStore, RecordingView
from tests.clinic.world import World

SECONDS = 3


def sound(seconds: int = SECONDS) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(os.urandom(16000 * seconds))
    return out.getvalue()


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path / "var", recordings=tmp_path / "recordings")


@pytest.fixture
def store(
    database: Database, clock: FixedClock, stream: EventStream, config: Settings
) -> RecordingStore:
    store = RecordingStore(database, clock, stream, config)
    (store.spool / "monitor").mkdir(parents=True)
    return store


@pytest.fixture
def call(call_log: CallLog, world: World) -> str:
    started = CallStarted(direction="inbound", flow="recepcion", flow_version="1", language="es-ES")
    return call_log.start(started, branch_id=world.madrid)


def begin(store: RecordingStore, ledger: Ledger, call: str) -> RecordingView:
    consent = ledger.record(
        purpose="recording", decision="granted", how="key", wording_version="v1", call_id=call
    )
    return store.begin(call, consent)


def plain(store: RecordingStore, recording: RecordingView, data: bytes) -> Path:
    path = store.spool / "monitor" / recording.file_name
    path.write_bytes(data)
    return path


def user(database: Database, clock: FixedClock) -> int:
    accounts = Accounts(database, clock)
    return accounts.create("eva", "una-frase-larga", name="Eva", role="supervisor").id


def test_a_recorded_call_is_stored_encrypted_and_played_to_who_is_written_down(
    store: RecordingStore,
    ledger: Ledger,
    call: str,
    config: Settings,
    database: Database,
    clock: FixedClock,
    call_log: CallLog,
) -> None:
    data = sound()
    recording = begin(store, ledger, call)
    path = plain(store, recording, data)
    clock.moment += timedelta(seconds=SECONDS)
    assert store.unfinished(call) == [recording.id]
    sealed = store.seal(recording.id)
    assert (sealed.status, sealed.duration_s) == ("sealed", SECONDS)
    assert store.unfinished(call) == []
    assert not path.exists()
    (stored,) = (p for p in config.recordings.rglob("*") if p.is_file())
    assert data[100:200] not in stored.read_bytes()
    assert (config.var / "secrets" / "recordings.age").stat().st_mode & 0o077 == 0
    eva = user(database, clock)
    assert store.listens(recording.id) == []
    assert store.open(recording.id, eva) == data
    assert store.listens(recording.id) == [(eva, clock.now())]
    assert call_log.get(call).recording_id == recording.id
    assert [x.type for x in call_log.events(call)][-3:] == [
        "consent.decided",
        "recording.started",
        "recording.stopped",
    ]


@pytest.mark.parametrize("decision", ["refused", "unanswered"])
def test_without_a_yes_nothing_is_recorded(
    store: RecordingStore, ledger: Ledger, call: str, decision: str
) -> None:
    consent = ledger.record(
        purpose="recording", decision=decision, how="silence", wording_version="v1", call_id=call  # type: ignore[arg-type]
    )  # fmt: skip
    with pytest.raises(Forbidden):
        store.begin(call, consent)


def test_a_yes_given_in_another_call_does_not_count(
    store: RecordingStore, ledger: Ledger, call: str, call_log: CallLog
) -> None:
    other = call_log.start(
        CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
    )
    consent = ledger.record(
        purpose="recording", decision="granted", how="key", wording_version="v1", call_id=other
    )
    with pytest.raises(Forbidden):
        store.begin(call, consent)


def test_sealing_twice_changes_nothing(
    store: RecordingStore, ledger: Ledger, call: str, stream: EventStream
) -> None:
    recording = begin(store, ledger, call)
    plain(store, recording, sound())
    assert store.seal(recording.id) == store.seal(recording.id)
    assert [x.type for x in stream.of_call(call)].count("recording.stopped") == 1


def test_the_sweep_finishes_what_a_crash_left_open(
    store: RecordingStore, ledger: Ledger, call: str, call_log: CallLog
) -> None:
    kept, empty = begin(store, ledger, call), begin(store, ledger, call)
    plain(store, kept, sound())
    assert store.seal_finished() == []
    call_log.finish(call, "lost")
    assert sorted(store.seal_finished()) == sorted([kept.id, empty.id])
    assert store.get(kept.id).status == "sealed"
    assert store.get(empty.id).status == "lost"
    assert list(store.spool.rglob("*.wav")) == []
    assert store.seal_finished() == []


def test_a_plain_file_left_beside_its_sealed_copy_is_removed(
    store: RecordingStore, ledger: Ledger, call: str
) -> None:
    recording = begin(store, ledger, call)
    data = sound()
    plain(store, recording, data)
    store.seal(recording.id)
    left = plain(store, recording, data)
    store.seal_finished()
    assert not left.exists()


def test_a_file_cut_short_by_a_killed_switch_still_plays(
    store: RecordingStore, ledger: Ledger, call: str, database: Database, clock: FixedClock
) -> None:
    recording = begin(store, ledger, call)
    data = bytearray(sound())
    data[4:8] = data[40:44] = b"\x00" * 4
    plain(store, recording, bytes(data) + b"\x01")
    assert store.seal(recording.id).duration_s == SECONDS
    played = store.open(recording.id, user(database, clock))
    with wave.open(io.BytesIO(played)) as file:
        assert file.getnframes() == 8000 * SECONDS


def test_erased_audio_is_gone_and_that_it_was_there_stays(
    store: RecordingStore,
    ledger: Ledger,
    call: str,
    config: Settings,
    database: Database,
    clock: FixedClock,
) -> None:
    recording = begin(store, ledger, call)
    plain(store, recording, sound())
    store.seal(recording.id)
    store.erase(recording.id)
    assert [p for p in config.recordings.rglob("*") if p.is_file()] == []
    with pytest.raises(NotFound):
        store.open(recording.id, user(database, clock))
    assert store.get(recording.id).status == "erased"
    assert store.get(recording.id).consent_id == recording.consent_id


def test_audio_is_erased_when_its_time_is_over(
    store: RecordingStore, ledger: Ledger, call: str, clock: FixedClock
) -> None:
    recording = begin(store, ledger, call)
    plain(store, recording, sound())
    sealed = store.seal(recording.id)
    assert sealed.delete_after == clock.now() + timedelta(days=90)
    assert store.erase_expired() == []
    clock.moment += timedelta(days=91)
    assert store.erase_expired() == [recording.id]
    assert store.get(recording.id).status == "erased"
