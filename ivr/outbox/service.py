"""Confirmations of appointments: asked for at the desk, written down, then sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ivr.agents.model import User
from ivr.agents.viewer import Viewer
from ivr.calls.stream import EventStream, Outgoing
from ivr.clinic.appointments import bounds, load
from ivr.clinic.model import Appointment, Clinic, Patient
from ivr.clock import Clock
from ivr.consent.ledger import Ledger
from ivr.database import Database
from ivr.errors import Conflict, InvalidInput, Unavailable
from ivr.flow.events import MessageChanged, PatientChanged
from ivr.outbox.model import OutgoingMessage
from ivr.outbox.words import Told, calendar, confirmation
from ivr.ports import Channel, Letter

Problem = Literal["", "not_set_up", "no_address", "no_consent", "not_ahead"]

AHEAD = ("booked", "confirmed")
WORDING = "desk-messages-1"
"""Of the question an agent asks: "¿Le enviamos la confirmación por correo electrónico?"."""
RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))
"""After a failure that may pass. Somebody waits for it: longer would be too late."""
ADDRESS = re.compile(r"[^@\s<>,;:\"()\\]+@[^@\s<>,;:\"()\\]+\.[^@\s<>,;:\"()\\.]+")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SentView:
    """What became of the last confirmation; ``reason`` is a code."""

    status: Literal["queued", "sent", "failed"]
    reason: str
    channel: str
    address: str
    attempts: int
    at: datetime
    """When it was sent, or given up, or asked for."""
    by: str


@dataclass(frozen=True)
class ConfirmationView:
    """Whether a confirmation can be sent, over what, and what became of the last one."""

    appointment_id: int
    channel: str
    address: str
    problem: Problem
    last: SentView | None


class Outbox:
    """Asks for confirmations and sends them. Only one :meth:`send_due` may run at a time."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        stream: EventStream,
        channels: Mapping[str, Channel],
    ) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream
        self._channels = channels
        self._ledger = Ledger(database, clock, stream)

    # --- At the desk ----------------------------------------------------------------------

    def state(self, appointment_id: int) -> ConfirmationView:
        """How it stands with the confirmation of an appointment."""
        with self._database.transaction() as session:
            appointment = load(session, appointment_id)
            patient = appointment.patient
            channel = self._channel(patient)
            address = patient.email if patient else ""
            last = session.execute(
                select(OutgoingMessage, User.name)
                .join(User, User.id == OutgoingMessage.user_id)
                .where(OutgoingMessage.appointment_id == appointment_id)
                .order_by(OutgoingMessage.id.desc())
                .limit(1)
            ).first()
            ahead = appointment.status in AHEAD and bounds(appointment)[0] > self._clock.now()
            patient_id = patient.id if patient else None
        return ConfirmationView(
            appointment_id,
            channel,
            address,
            self._problem(channel, address, patient_id, ahead),
            _sent(*last) if last else None,
        )

    def ask(
        self,
        viewer: Viewer,
        appointment_id: int,
        *,
        address: str = "",
        consents: bool = False,
        call_id: str | None = None,
    ) -> ConfirmationView:
        """Queue the confirmation; ``address`` and ``consents`` are what the patient just said.
        Raises :class:`Conflict` with the problem as its code, or ``queued`` when one is on its
        way, and :class:`InvalidInput` (``wrong_address``)."""
        address = address.strip()
        if address and not _usable(address):
            raise InvalidInput("This is not an e-mail address.", code="wrong_address")
        with self._database.transaction() as session:
            self._stream.lock(session)
            patient = load(session, appointment_id).patient
            if patient is not None and address and address != patient.email:
                patient.email = address
                edited = PatientChanged(
                    patient_id=patient.id, change="edited", agent=viewer.username
                )
                self._stream.add(session, [Outgoing(edited, branch_id=patient.home_branch_id)])
        found = self.state(appointment_id)
        if found.problem == "no_consent" and consents and patient is not None:
            self._ledger.record(
                purpose=f"messages_{found.channel}",
                decision="granted",
                how="agent",
                wording_version=WORDING,
                call_id=call_id,
                patient_id=patient.id,
            )
            found = self.state(appointment_id)
        if found.problem:
            raise Conflict("The confirmation cannot be sent.", code=found.problem)
        self._queue(viewer, found, call_id)
        return self.state(appointment_id)

    def _queue(self, viewer: Viewer, found: ConfirmationView, call_id: str | None) -> None:
        now = self._clock.now()
        row = OutgoingMessage(
            appointment_id=found.appointment_id,
            channel=found.channel,
            address=found.address,
            next_at=now,
            created_at=now,
            user_id=viewer.id,
            call_id=call_id,
        )
        try:
            with self._database.transaction() as session:
                self._stream.lock(session)
                session.add(row)
                session.flush()
                self._tell(session, row, viewer.username)
        except IntegrityError as error:
            raise Conflict("The confirmation is on its way.", code="queued") from error

    def _channel(self, patient: Patient | None) -> str:
        """The one the patient prefers, where the clinic can write over it; else e-mail."""
        preferred = patient.preferred_channel if patient else ""
        return preferred if preferred in self._channels else "email"

    def _problem(self, channel: str, address: str, patient_id: int | None, ahead: bool) -> Problem:
        if not ahead or patient_id is None:
            return "not_ahead"
        if channel not in self._channels:
            return "not_set_up"
        if not _usable(address):
            return "no_address"
        if not self._ledger.granted(f"messages_{channel}", patient_id=patient_id):
            return "no_consent"
        return ""

    # --- Sending --------------------------------------------------------------------------

    def send_due(self) -> int:
        """Send what is due; returns how many were handed over. One that fails for now is
        tried again later, then given up."""
        with self._database.transaction() as session:
            due = session.scalars(
                select(OutgoingMessage.id)
                .where(
                    OutgoingMessage.status == "queued",
                    OutgoingMessage.next_at <= self._clock.now(),
                )
                .order_by(OutgoingMessage.next_at)
            ).all()
        return sum(self._send(message_id) for message_id in due)

    def _send(self, message_id: int) -> bool:
        with self._database.transaction() as session:
            row = session.get_one(OutgoingMessage, message_id)
            appointment = load(session, row.appointment_id)
            ahead = appointment.status in AHEAD and bounds(appointment)[0] > self._clock.now()
            letter = self._letter(session, row, appointment)
            patient_id, name = appointment.patient_id, row.channel
        channel = self._channels.get(name)
        status, reason = "sent", ""
        if not ahead:
            status, reason = "failed", "not_ahead"
        elif not self._ledger.granted(f"messages_{name}", patient_id=patient_id):
            status, reason = "failed", "no_consent"
        elif channel is None:
            status, reason = "failed", "not_set_up"
        else:
            try:
                channel.send(letter)
            except InvalidInput as error:
                status, reason = "failed", error.code
            except Unavailable as error:
                log.warning("confirmation not sent", id=message_id, why=str(error))
                status, reason = "queued", error.code
            except Exception as error:  # one message must not keep the others from being sent
                log.error("confirmation not sent", id=message_id, error=type(error).__name__)
                status, reason = "failed", "error"
        self._note(message_id, status, reason)
        return status == "sent"

    def _note(self, message_id: int, status: str, reason: str) -> None:
        now = self._clock.now()
        with self._database.transaction() as session:
            self._stream.lock(session)
            row = session.get_one(OutgoingMessage, message_id)
            row.attempts += 1
            row.reason = reason
            if status == "queued" and row.attempts <= len(RETRIES):
                row.next_at = now + RETRIES[row.attempts - 1]
            else:
                row.status = "failed" if status == "queued" else status
                row.ended_at = now
            session.flush()
            self._tell(session, row, session.get_one(User, row.user_id).username)
            log.info("confirmation", id=row.id, status=row.status, reason=reason)

    def _letter(self, session: Session, row: OutgoingMessage, appointment: Appointment) -> Letter:
        clinic = session.scalars(select(Clinic).limit(1)).one()
        branch = appointment.branch
        starts_at, ends_at = bounds(appointment)
        told = Told(
            given=appointment.patient.given if appointment.patient else "",
            clinic=clinic.name,
            place=", ".join(part for part in (branch.name, branch.address) if part),
            phone=branch.phone,
            reference=appointment.reference or "",
            starts_at=starts_at,
            ends_at=ends_at,
            zone=branch.zone,
            language=clinic.language,
        )
        subject, text = confirmation(told)
        key = f"appointment-{appointment.id}-{row.id}"
        return Letter(
            key, row.address, subject, text, clinic.language, calendar(told, key, row.created_at)
        )

    def _tell(self, session: Session, row: OutgoingMessage, agent: str) -> None:
        appointment = session.get_one(Appointment, row.appointment_id)
        event = MessageChanged(
            message_id=row.id,
            appointment_id=row.appointment_id,
            channel=row.channel,
            status=row.status,
            reason=row.reason,
            agent=agent,
        )
        self._stream.add(session, [Outgoing(event, branch_id=appointment.branch_id)])


def _usable(address: str) -> bool:
    return address.isascii() and ADDRESS.fullmatch(address) is not None


def _sent(row: OutgoingMessage, by: str) -> SentView:
    return SentView(
        status=row.status,  # type: ignore[arg-type]
        reason=row.reason,
        channel=row.channel,
        address=row.address,
        attempts=row.attempts,
        at=row.ended_at or row.created_at,
        by=by,
    )
