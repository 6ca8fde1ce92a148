"""Tickets: what a person must do, with a reference to say and a deadline."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr import reference
from ivr.calls.stream import EventStream, Outgoing
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import NotFound
from ivr.flow.events import MessageLeft, TicketChanged
from ivr.tickets.model import Ticket

DEADLINE = timedelta(hours=24)


@dataclass(frozen=True)
class TicketView:
    """A task. ``summary`` and ``number`` are personal data."""

    id: int
    reference: str
    kind: str
    status: str
    summary: str
    number: str
    patient_id: int | None
    call_id: str | None
    branch_id: int | None
    audio_path: str
    owner_id: int | None
    due_at: datetime | None
    created_at: datetime
    closed_at: datetime | None


class Tickets:
    """Opens, lists and closes tickets."""

    def __init__(self, database: Database, clock: Clock, stream: EventStream) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream

    def open(
        self,
        kind: str,
        *,
        summary: str = "",
        number: str = "",
        patient_id: int | None = None,
        call_id: str | None = None,
        branch_id: int | None = None,
        audio_path: str = "",
        audio_s: float | None = None,
        due_in: timedelta = DEADLINE,
        due_at: datetime | None = None,
        owner_id: int | None = None,
        agent: str = "",
    ) -> TicketView:
        """A new ticket. With ``audio_s`` the caller left a spoken message of so many
        seconds, and :class:`MessageLeft` is published."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            row = self.add(
                session,
                kind,
                summary=summary,
                number=number,
                patient_id=patient_id,
                call_id=call_id,
                branch_id=branch_id,
                audio_path=audio_path,
                due_at=due_at or self._clock.now() + due_in,
                owner_id=owner_id,
                agent=agent,
            )
            if audio_s is not None:
                left = MessageLeft(ticket_id=row.id, duration_s=audio_s)
                self._stream.add(session, [Outgoing(left, call_id, branch_id)])
            return _view(row)

    def add(
        self,
        session: Session,
        kind: str,
        *,
        summary: str = "",
        number: str = "",
        patient_id: int | None = None,
        call_id: str | None = None,
        branch_id: int | None = None,
        audio_path: str = "",
        due_at: datetime | None = None,
        owner_id: int | None = None,
        agent: str = "",
    ) -> Ticket:
        """A new ticket in the caller's transaction, which holds the stream's lock."""
        now = self._clock.now()
        row = Ticket(
            reference=reference.new(lambda text: _is_taken(session, text)),
            kind=kind,
            summary=summary,
            number=number,
            patient_id=patient_id,
            call_id=call_id,
            branch_id=branch_id,
            audio_path=audio_path,
            created_at=now,
            due_at=due_at or now + DEADLINE,
            owner_id=owner_id,
        )
        session.add(row)
        session.flush()
        opened = TicketChanged(ticket_id=row.id, change="opened", agent=agent)
        self._stream.add(session, [Outgoing(opened, branch_id=branch_id)])
        return row

    def close(self, ticket_id: int, *, agent: str = "") -> TicketView:
        """It is done; closing it again changes nothing."""
        with self._changing(ticket_id, "closed", agent) as row:
            if row.status != "closed":
                row.status, row.closed_at = "closed", self._clock.now()
        return _view(row)

    def reopen(self, ticket_id: int, *, agent: str = "") -> TicketView:
        """It was not done after all."""
        with self._changing(ticket_id, "reopened", agent) as row:
            row.status, row.closed_at = "open", None
        return _view(row)

    def assign(self, ticket_id: int, owner_id: int | None, *, agent: str = "") -> TicketView:
        """Give it to somebody, or to nobody in particular."""
        with self._changing(ticket_id, "assigned", agent) as row:
            row.owner_id = owner_id
        return _view(row)

    def put_off(self, ticket_id: int, due_at: datetime, *, agent: str = "") -> TicketView:
        """Another deadline."""
        with self._changing(ticket_id, "due", agent) as row:
            row.due_at = due_at
        return _view(row)

    def transcribe(self, ticket_id: int, text: str) -> TicketView:
        """What its spoken message says; a task that says something already keeps that."""
        with self._changing(ticket_id, "transcribed", "") as row:
            row.summary = row.summary or text
        return _view(row)

    @contextmanager
    def _changing(
        self,
        ticket_id: int,
        change: Literal["assigned", "due", "closed", "reopened", "transcribed"],
        agent: str,
    ) -> Iterator[Ticket]:
        """The ticket, to be changed within; the event says so when anything was."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            row = session.get(Ticket, ticket_id, with_for_update=True)
            if row is None:
                raise NotFound("There is no such ticket.")
            yield row
            if session.is_modified(row):
                event = TicketChanged(ticket_id=row.id, change=change, agent=agent)
                self._stream.add(session, [Outgoing(event, branch_id=row.branch_id)])

    def open_ones(
        self,
        *,
        patient_id: int | None = None,
        branch_id: int | None = None,
        owner_id: int | None = None,
        limit: int = 100,
    ) -> list[TicketView]:
        """Open tickets, the most urgent first."""
        query = select(Ticket).where(Ticket.status == "open")
        if patient_id is not None:
            query = query.where(Ticket.patient_id == patient_id)
        if branch_id is not None:
            query = query.where((Ticket.branch_id == branch_id) | (Ticket.branch_id.is_(None)))
        if owner_id is not None:
            query = query.where(Ticket.owner_id == owner_id)
        with self._database.transaction() as session:
            rows = session.scalars(query.order_by(Ticket.due_at, Ticket.id).limit(limit))
            return [_view(row) for row in rows]


def _is_taken(session: Session, text: str) -> bool:
    return session.scalar(select(Ticket.id).where(Ticket.reference == text)) is not None


def _view(row: Ticket) -> TicketView:
    return TicketView(
        id=row.id,
        reference=row.reference,
        kind=row.kind,
        status=row.status,
        summary=row.summary,
        number=row.number,
        patient_id=row.patient_id,
        call_id=row.call_id,
        branch_id=row.branch_id,
        audio_path=row.audio_path,
        owner_id=row.owner_id,
        due_at=row.due_at,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )
