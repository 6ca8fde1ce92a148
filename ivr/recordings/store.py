"""The recording store: audio is encrypted (age) as soon as the recording ends.

A recording rests on a granted consent. The switch writes a plain WAV file into
``var/spool``; sealing encrypts it into the store, writes the row, and only then removes
the plain file, so that a crash at any point leaves something :meth:`seal_finished` can
finish. Every listening is written down before the audio is handed out.
"""

import hashlib
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.calls.model import Call
from ivr.calls.stream import EventStream, Outgoing
from ivr.clinic.model import Clinic
from ivr.clock import Clock
from ivr.config import Settings, settings
from ivr.consent.model import Consent
from ivr.database import Database
from ivr.errors import Forbidden, NotFound
from ivr.flow.events import RecordingStarted, RecordingStopped
from ivr.recordings import audio
from ivr.recordings.model import Recording, RecordingListen
from ivr.recordings.vault import Vault

RETENTION_DAYS = {"quality": 90, "message": 365}
"""How long audio is kept for each purpose (GDPR art. 5.1.e: no longer than the purpose
needs); the clinic's ``retention_days`` setting overrides it."""

STILL_S = 0.25
"""A file that has not grown for this long is complete."""

UNFINISHED = b"SELECT id FROM recording WHERE call_id = %s AND status = 'recording'"
"""What a call's end has to seal."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RecordingView:
    """A recording. ``file_name`` is what the switch writes to (a bare name)."""

    id: str
    call_id: str
    consent_id: int
    purpose: str
    status: str
    sha256: str
    duration_s: float | None
    started_at: datetime
    ended_at: datetime | None
    delete_after: datetime | None

    @property
    def file_name(self) -> str:
        """Name of the plain file within the spool folder."""
        return f"{self.id}.wav"


class RecordingStore:
    """Begins, seals, opens and erases recordings."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        stream: EventStream,
        config: Settings | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream
        config = config or settings()
        self.spool: Path = config.var / "spool"
        self._vault = Vault.of(config)

    # --- Recording ---------------------------------------------------------------------

    def begin(self, call_id: str, consent_id: int, *, purpose: str = "quality") -> RecordingView:
        """A new recording of a call; :class:`Forbidden` unless the consent is a yes to
        recording, given in this call."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            consent = session.get(Consent, consent_id)
            if (
                consent is None
                or consent.decision != "granted"
                or consent.purpose != "recording"
                or consent.call_id != call_id
            ):
                raise Forbidden("There is no consent to record this call.", code="no_consent")
            row = Recording(
                id=str(uuid.uuid4()),
                call_id=call_id,
                consent_id=consent_id,
                purpose=purpose,
                status="recording",
                started_at=self._clock.now(),
            )
            session.add(row)
            session.flush()
            started = RecordingStarted(recording_id=row.id)
            self._stream.add(session, [Outgoing(started, call_id)])
            return _view(row)

    def seal(self, recording_id: str, *, wait_s: float = 0.0) -> RecordingView:
        """Encrypt a finished recording into the store. Without a file after ``wait_s`` it
        is ``lost``. Sealing again changes nothing."""
        view = self.get(recording_id)
        if view.status == "recording":
            plain = self._plain(view, wait_s)
            if plain is None:
                log.warning("recording without a file", recording_id=recording_id)
                return self._close(view, "lost", "", "", 0.0)
            sound = audio.repaired(plain.read_bytes())
            path = f"{view.started_at:%Y/%m/%d}/{view.id}.wav.age"
            self._vault.put(path, sound)
            digest = hashlib.sha256(sound).hexdigest()
            view = self._close(view, "sealed", path, digest, audio.seconds(sound))
        if view.status in ("sealed", "erased"):
            self._remove_plain(view)
        return view

    def seal_finished(self) -> list[str]:
        """Seal every recording whose call is over, and remove plain files that a crash
        left behind; returns the ids sealed or lost."""
        query = (
            select(Recording.id)
            .join(Call, Call.id == Recording.call_id)
            .where(Recording.status == "recording", Call.status == "ended")
        )
        with self._database.transaction() as session:
            unfinished = list(session.scalars(query))
        for recording_id in unfinished:
            self.seal(recording_id)
        for plain in self.spool.rglob("*.wav") if self.spool.exists() else ():
            with self._database.transaction() as session:
                row = session.get(Recording, plain.stem)
                done = row is not None and row.status in ("sealed", "erased")
            if done:
                plain.unlink(missing_ok=True)
        return unfinished

    # --- Listening ---------------------------------------------------------------------

    def get(self, recording_id: str) -> RecordingView:
        """One recording."""
        with self._database.transaction() as session:
            return _view(_load(session, recording_id))

    def unfinished(self, call_id: str) -> list[str]:
        """Ids of the recordings of a call that have not been sealed."""
        return [found for (found,) in self._database.ask(UNFINISHED, [call_id])]

    def open(self, recording_id: str, user_id: int) -> bytes:
        """The WAV file. That this user listened is written down first."""
        with self._database.transaction() as session:
            row = _load(session, recording_id)
            if row.status != "sealed":
                raise NotFound(f"The recording is {row.status}: there is no audio to play.")
            session.add(RecordingListen(recording_id=row.id, user_id=user_id, at=self._clock.now()))
            path = row.path
        return self._vault.get(path)

    def listens(self, recording_id: str) -> list[tuple[int, datetime]]:
        """Who listened, and when."""
        query = select(RecordingListen.user_id, RecordingListen.at).where(
            RecordingListen.recording_id == recording_id
        )
        with self._database.transaction() as session:
            rows = session.execute(query.order_by(RecordingListen.at, RecordingListen.id))
            return [(user_id, at) for user_id, at in rows]

    # --- Erasing -----------------------------------------------------------------------

    def erase(self, recording_id: str) -> None:
        """Delete the audio for good (GDPR art. 17); that there was a recording, its
        consent and who listened stay."""
        with self._database.transaction() as session:
            row = _load(session, recording_id)
            path, view = row.path, _view(row)
            row.status, row.path, row.sha256 = "erased", "", ""
            row.ended_at = row.ended_at or self._clock.now()
        if path:
            self._vault.delete(path)
        self._remove_plain(view)

    def erase_expired(self) -> list[str]:
        """Erase every recording kept longer than its purpose allows; returns their ids."""
        query = select(Recording.id).where(
            Recording.status == "sealed", Recording.delete_after <= self._clock.now()
        )
        with self._database.transaction() as session:
            expired = list(session.scalars(query))
        for recording_id in expired:
            self.erase(recording_id)
        return expired

    # --- Within ------------------------------------------------------------------------

    def _close(
        self, view: RecordingView, status: str, path: str, digest: str, duration: float
    ) -> RecordingView:
        now = self._clock.now()
        with self._database.transaction() as session:
            self._stream.lock(session)
            row = _load(session, view.id)
            if row.status != "recording":
                return _view(row)
            row.status, row.path, row.sha256 = status, path, digest
            row.duration_s, row.ended_at = duration, now
            row.delete_after = now + timedelta(days=retention_days(session, row.purpose))
            session.flush()
            stopped = RecordingStopped(recording_id=row.id, duration_s=round(duration, 3))
            self._stream.add(session, [Outgoing(stopped, row.call_id)])
            return _view(row)

    def _plain(self, view: RecordingView, wait_s: float) -> Path | None:
        """The switch's file; within ``wait_s`` it must be there and have stopped growing."""
        deadline = time.monotonic() + wait_s
        before = -1
        while True:
            found = sorted(self.spool.rglob(view.file_name)) if self.spool.exists() else []
            size = found[0].stat().st_size if found else -1
            if (found and size == before) or time.monotonic() >= deadline:
                return found[0] if found else None
            before = size
            time.sleep(STILL_S)

    def _remove_plain(self, view: RecordingView) -> None:
        while (plain := self._plain(view, 0)) is not None:
            plain.unlink(missing_ok=True)


def retention_days(session: Session, purpose: str) -> int:
    """How many days audio of ``purpose`` is kept at this clinic."""
    clinic = session.scalar(select(Clinic).limit(1))
    own = clinic.settings.get("retention_days", {}) if clinic is not None else {}
    return int(own.get(purpose, RETENTION_DAYS.get(purpose, RETENTION_DAYS["quality"])))


def _load(session: Session, recording_id: str) -> Recording:
    row = session.get(Recording, recording_id)
    if row is None:
        raise NotFound("There is no such recording.")
    return row


def _view(row: Recording) -> RecordingView:
    return RecordingView(
        id=row.id,
        call_id=row.call_id,
        consent_id=row.consent_id,
        purpose=row.purpose,
        status=row.status,
        sha256=row.sha256,
        duration_s=row.duration_s,
        started_at=row.started_at,
        ended_at=row.ended_at,
        delete_after=row.delete_after,
    )
