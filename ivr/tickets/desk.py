"""Tickets as the console lists them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from ivr.agents.access import of_branch, visible_call
from ivr.agents.model import User
from ivr.agents.viewer import Viewer
from ivr.calls.model import Call
from ivr.clinic.model import Branch, Patient
from ivr.database import Database
from ivr.errors import InvalidInput, NotFound
from ivr.tickets.model import Ticket


class TicketInfo(BaseModel):
    """A task with the names to show. ``zone`` is its branch's, ``call_id`` null also where
    the viewer may not read that call."""

    id: int
    reference: str
    kind: str
    status: Literal["open", "closed"]
    summary: str
    number: str
    patient_id: int | None
    patient_name: str
    call_id: str | None
    has_audio: bool
    branch_id: int | None
    branch: str
    zone: str
    owner_id: int | None
    owner: str
    due_at: datetime | None
    created_at: datetime
    closed_at: datetime | None


class TicketDesk:
    """Lists tickets for one viewer at a time."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def listed(
        self, viewer: Viewer, status: Literal["open", "closed"] = "open", limit: int = 200
    ) -> list[TicketInfo]:
        """Open ones by deadline, closed ones newest first."""
        chosen = select(Ticket).where(Ticket.status == status, _visible(viewer)).limit(limit)
        if status == "open":
            chosen = chosen.order_by(Ticket.due_at.nulls_last(), Ticket.id)
        else:
            chosen = chosen.order_by(Ticket.closed_at.desc(), Ticket.id.desc())
        with self.database.transaction() as session:
            return _infos(session, chosen, viewer)

    def one(self, viewer: Viewer, ticket_id: int) -> TicketInfo:
        """One ticket; raises :class:`NotFound`, also for those of other branches."""
        with self.database.transaction() as session:
            chosen = select(Ticket).where(Ticket.id == ticket_id, _visible(viewer))
            found = _infos(session, chosen, viewer)
        if not found:
            raise NotFound("There is no such ticket among those you may see.")
        return found[0]

    def owner_name(self, ticket: TicketInfo, owner_id: int) -> str:
        """Who this user is; raises :class:`InvalidInput` unless they may look after the
        ticket."""
        with self.database.transaction() as session:
            user = session.get(User, owner_id)
            if user is None or not user.active:
                raise InvalidInput("There is no such colleague.")
            if None not in (user.branch_id, ticket.branch_id) and (
                user.branch_id != ticket.branch_id
            ):
                raise InvalidInput("That colleague works in another branch.")
            return user.name


def _visible(viewer: Viewer) -> ColumnElement[bool]:
    return or_(of_branch(viewer, Ticket.branch_id), Ticket.owner_id == viewer.id)


def _infos(session: Session, chosen: Select[Ticket], viewer: Viewer) -> list[TicketInfo]:
    rows = session.scalars(chosen).all()
    branches = {row.id: row for row in session.scalars(select(Branch).order_by(Branch.id))}
    first = next(iter(branches.values()), None)
    patients = {
        row.id: row.full_name
        for row in session.scalars(
            select(Patient).where(Patient.id.in_({x.patient_id for x in rows if x.patient_id}))
        )
    }
    calls = {x.call_id for x in rows if x.call_id}
    readable = set(session.scalars(select(Call.id).where(Call.id.in_(calls), visible_call(viewer))))
    owners = {
        row.id: row.name
        for row in session.scalars(
            select(User).where(User.id.in_({x.owner_id for x in rows if x.owner_id}))
        )
    }
    found = []
    for row in rows:
        branch = branches.get(row.branch_id or 0)
        placed = branch or first
        found.append(
            TicketInfo(
                id=row.id,
                reference=row.reference,
                kind=row.kind,
                status="closed" if row.status == "closed" else "open",
                summary=row.summary,
                number=row.number,
                patient_id=row.patient_id,
                patient_name=patients.get(row.patient_id or 0, ""),
                call_id=row.call_id if row.call_id in readable else None,
                has_audio=bool(row.audio_path),
                branch_id=row.branch_id,
                branch=branch.name if branch else "",
                zone=placed.zone if placed else "UTC",
                owner_id=row.owner_id,
                owner=owners.get(row.owner_id or 0, ""),
                due_at=row.due_at,
                created_at=row.created_at,
                closed_at=row.closed_at,
            )
        )
    return found
