"""Spoken messages: encrypted as soon as they are there, and each one a task.

They lie in a folder as ``<epoch>_<conversation or none>_<channel's id>.wav``. The flow
makes a task of those it took itself. What it leaves behind, and what the dialplan took
without the application (with the caller's number in a ``.txt`` beside), is there until
:meth:`Messages.collect` finds it.
"""

import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy import func, select

from ivr.calls.model import Call
from ivr.calls.stream import EventStream
from ivr.clinic.model import Clinic, PatientPhone
from ivr.clock import Clock
from ivr.config import Settings
from ivr.database import Database
from ivr.errors import AuriculaError, NotFound, Unavailable
from ivr.flow.events import MessageLeft
from ivr.recordings import audio
from ivr.recordings.model import RecordingListen
from ivr.recordings.store import retention_days
from ivr.recordings.vault import Vault
from ivr.tickets.model import Ticket
from ivr.tickets.service import Tickets

SHORTEST_S = 1.0
"""A message shorter than this holds nothing."""
LANGUAGE = "es-ES"
"""Of a message whose call is not known, before there is a clinic."""
SETTLED_S = 3.0
"""A file nobody has written to for this long is complete."""
_NAME = re.compile(r"^\d+_(none|[0-9a-f-]{36})_[\d.]+$")
_NUMBER = re.compile(r"^\+?\d{3,15}$")

Transcribe = Callable[[bytes, str], str]
"""What is said in a WAV file, in a language; empty when nothing was understood."""

log = structlog.get_logger(__name__)


class Messages:
    """Keeps, collects and opens spoken messages."""

    def __init__(
        self, database: Database, clock: Clock, tickets: Tickets, config: Settings
    ) -> None:
        self._database = database
        self._clock = clock
        self._stream = EventStream(database, clock)
        self._tickets = tickets
        self._vault = Vault.of(config)
        self._collecting = threading.Lock()
        self._transcribing = threading.Lock()
        self._listened: set[int] = set()
        """Tasks whose message has been listened to."""

    @staticmethod
    def key(file: Path) -> str:
        """Where the store keeps a message's file once it is put away: what its task names."""
        return f"messages/{file.stem}.wav.age"

    def put_away(self, file: Path) -> None:
        """Encrypt the file of a message that has its task, and remove the plain one. A
        store that fails costs nothing: :meth:`collect` tries again."""
        try:
            self._vault.put(self.key(file), audio.repaired(file.read_bytes()))
        except Exception as error:
            log.warning("message not put away", file=file.name, error=type(error).__name__)
        else:
            self.discard(file)

    @staticmethod
    def discard(file: Path) -> None:
        """Remove a message's plain file and what lies beside it."""
        file.unlink(missing_ok=True)
        file.with_suffix(".txt").unlink(missing_ok=True)

    def announce(self, call_id: str, file: Path) -> None:
        """Write into the call that its caller left a message in the dialplan's folder, while
        the call lasts: how it ended follows from its events. Who hung up at the tone left
        no file."""
        if not file.exists():
            return
        length = audio.seconds(audio.repaired(file.read_bytes()))
        if length >= SHORTEST_S and not self._is_announced(call_id):
            self._stream.publish(MessageLeft(duration_s=round(length, 1)), call_id=call_id)

    def open(self, ticket_id: int, user_id: int) -> bytes:
        """The WAV file of a ticket's message. That this user listened is written down first."""
        with self._database.transaction() as session:
            row = session.get(Ticket, ticket_id)
            if row is None or not row.audio_path:
                raise NotFound("This task has no spoken message.")
            path = row.audio_path
            session.add(RecordingListen(ticket_id=ticket_id, user_id=user_id, at=self._clock.now()))
        return self._vault.get(path)

    def erase_expired(self) -> list[int]:
        """Erase the audio of messages kept longer than their purpose allows (GDPR art.
        5.1.e); returns the ids of their tickets, which stay."""
        with self._database.transaction() as session:
            before = self._clock.now() - timedelta(days=retention_days(session, "message"))
            query = select(Ticket).where(Ticket.audio_path != "", Ticket.created_at < before)
            expired = {row.id: row.audio_path for row in session.scalars(query)}
        for ticket_id, path in expired.items():
            self._vault.delete(path)
            with self._database.transaction() as session:
                session.get_one(Ticket, ticket_id).audio_path = ""
        return list(expired)

    def transcribe(self, transcribe: Transcribe) -> list[int]:
        """Write down what is said in the messages whose task says nothing; returns the tasks
        that do now. Whoever took the message, a flow or the dialplan.

        One message at a time: while somebody is at it, nobody else begins. A message without
        words is listened to once; when nothing is there to listen with, all wait.
        """
        if not self._transcribing.acquire(blocking=False):
            return []
        try:
            return self._transcribe_all(transcribe)
        except Unavailable as error:
            log.warning("messages not transcribed", error=error.code)
            return []
        finally:
            self._transcribing.release()

    def _transcribe_all(self, transcribe: Transcribe) -> list[int]:
        written = []
        for ticket_id, path, language in self._silent():
            try:
                text = transcribe(self._vault.get(path), language).strip()
            except Unavailable:
                raise
            except NotFound:
                continue
            except Exception as error:
                log.warning("message not transcribed", error=type(error).__name__)
                text = ""
            if text:
                self._tickets.transcribe(ticket_id, text)
                written.append(ticket_id)
            self._listened.add(ticket_id)
        return written

    def _silent(self) -> list[tuple[int, str, str]]:
        """Task, file and language of the messages to listen to: of tasks that say nothing and
        are open, or of the last day."""
        recent = self._clock.now() - timedelta(days=1)
        spoken = (
            select(Ticket.id, Ticket.audio_path, func.coalesce(Call.language, Clinic.language))
            .outerjoin(Call, Call.id == Ticket.call_id)
            .join(Clinic, Clinic.id == select(func.min(Clinic.id)).scalar_subquery(), isouter=True)
            .where(Ticket.audio_path != "", Ticket.summary == "")
            .where((Ticket.status == "open") | (Ticket.created_at > recent))
            .order_by(Ticket.id)
        )
        with self._database.transaction() as session:
            rows = session.execute(spoken).all()
        return [
            (ticket_id, path, language or LANGUAGE)
            for ticket_id, path, language in rows
            if ticket_id not in self._listened
        ]

    def collect(self, folder: Path) -> list[int]:
        """Make a task of each message that has none; returns their ids. While its call goes
        on it is left to the flow.

        Collecting takes turns: the switch's event and the job of every minute may find the
        same file.
        """
        with self._collecting:
            return self._collect_all(folder)

    def _collect_all(self, folder: Path) -> list[int]:
        made = []
        for file in sorted(folder.glob("*.wav")):
            try:
                if _NAME.fullmatch(file.stem) and _is_settled(file):
                    made.extend(self._collect(file))
            except (AuriculaError, OSError) as error:
                log.warning("message not collected", file=file.name, error=type(error).__name__)
        return made

    def _collect(self, file: Path) -> list[int]:
        note = file.with_suffix(".txt")
        length = audio.seconds(audio.repaired(file.read_bytes()))
        if length < SHORTEST_S:
            self.discard(file)
            return []
        number = note.read_text().strip() if note.exists() else ""
        number = number if _NUMBER.fullmatch(number) else ""
        whose = self._whose(file, number)
        if whose is None:
            return []
        call_id, branch_id, patient_id, number = whose
        key = self.key(file)
        if self._is_known(key):
            self.put_away(file)
            return []
        ticket = self._tickets.open(
            "voicemail",
            number=number,
            patient_id=patient_id,
            call_id=call_id,
            branch_id=branch_id,
            audio_path=key,
            audio_s=None if self._is_announced(call_id) else round(length, 1),
        )
        self.put_away(file)
        return [ticket.id]

    def _is_known(self, key: str) -> bool:
        """A crash came between the task and the file's removal."""
        with self._database.transaction() as session:
            return session.scalar(select(Ticket.id).where(Ticket.audio_path == key)) is not None

    def _is_announced(self, call_id: str | None) -> bool:
        events = self._stream.of_call(call_id) if call_id else []
        return any(event.type == "message.left" for event in events)

    def _whose(
        self, file: Path, number: str
    ) -> tuple[str | None, int | None, int | None, str] | None:
        """Call, branch, patient and number of a message; None while its call goes on."""
        conversation = file.stem.split("_")[1]
        with self._database.transaction() as session:
            call = None if conversation == "none" else session.get(Call, conversation)
            if call is not None and call.status != "ended":
                return None
            number = (call.ani if call else "") or number
            patients = session.scalars(
                select(PatientPhone.patient_id).where(PatientPhone.number == number).limit(2)
            ).all()
            patient_id = patients[0] if len(patients) == 1 else None
            if call is None:
                return None, None, patient_id, number
            return call.id, call.branch_id, call.patient_id or patient_id, number


def _is_settled(file: Path) -> bool:
    return time.time() - file.stat().st_mtime >= SETTLED_S
