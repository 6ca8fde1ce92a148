"""Who is looking, and what they may see. The one place that decides it.

A user of one branch sees that branch's data, a user without one the whole clinic's. Of calls
an agent reads only their own, a supervisor all of the branch: decision 0040.
"""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from ivr.agents.sessions import Sessions
from ivr.agents.viewer import Viewer
from ivr.calls.model import Call, StoredEvent
from ivr.clinic.model import Appointment, Patient
from ivr.errors import AuriculaError, Forbidden

HANDLED = ("agent.connected", "call.started")
"""Events that name the agent in whose hands a call was; an index knows them."""


class NotLoggedIn(AuriculaError):
    """The request carries no session, or its session has ended."""

    code = "not_logged_in"


def of_branch(
    viewer: Viewer, column: InstrumentedAttribute[int | None] | InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """Rows of the viewer's branch or of none in particular."""
    if viewer.branch_id is None:
        return true()
    return or_(column.is_(None), column == viewer.branch_id)


def in_short(patient: Patient | None, number: str) -> str:
    """Somebody who waits, for those who may be the ones to answer (decision 0040): "Ana R.",
    or "…021" where only the number is known."""
    if patient is not None:
        return f"{patient.given} {patient.family[:1]}.".strip()
    return f"…{number[-3:]}" if number else ""


def own_call(viewer: Viewer) -> ColumnElement[bool]:
    """Calls the viewer talked in or placed; while they are on air, also those that ring at
    their phone or that a colleague asks them about."""
    handled = select(StoredEvent.call_id).where(
        StoredEvent.type.in_(HANDLED), StoredEvent.data["agent"].astext == viewer.username
    )
    return or_(
        Call.id.in_(handled),
        and_(Call.status != "ended", or_(_rings(viewer.username), _asked(viewer.username))),
    )


def _rings(username: str) -> ColumnElement[bool]:
    later = aliased(StoredEvent)
    agent, told = StoredEvent.data["agent"].astext, later.data["agent"].astext
    over = or_(
        later.type.in_(("agent.connected", "consult.ended", "queue.joined")),
        and_(later.type == "agent.no_answer", told == username),
        and_(later.type == "queue.left", later.data["reason"].astext != "connected"),
    )
    return exists().where(
        StoredEvent.call_id == Call.id,
        StoredEvent.type == "agent.ringing",
        agent == username,
        ~exists().where(
            later.call_id == StoredEvent.call_id, later.call_seq > StoredEvent.call_seq, over
        ),
    )


def _asked(username: str) -> ColumnElement[bool]:
    later = aliased(StoredEvent)
    data = StoredEvent.data
    return exists().where(
        StoredEvent.call_id == Call.id,
        or_(
            and_(
                StoredEvent.type == "consult.started",
                data["kind"].astext == "agent",
                data["to"].astext == username,
            ),
            and_(StoredEvent.type == "consult.answered", data["by"].astext == username),
        ),
        ~exists().where(
            later.call_id == StoredEvent.call_id,
            later.call_seq > StoredEvent.call_seq,
            later.type == "consult.ended",
        ),
    )


def visible_call(viewer: Viewer) -> ColumnElement[bool]:
    """Calls the viewer may read about."""
    if not viewer.supervises:
        return own_call(viewer)
    if viewer.branch_id is None:
        return true()
    return or_(of_branch(viewer, Call.branch_id), own_call(viewer))


def visible_patient(viewer: Viewer) -> ColumnElement[bool]:
    """Patients of the viewer's branch: by home, by an appointment there, or on a call of theirs."""
    if viewer.branch_id is None:
        return true()
    return or_(
        of_branch(viewer, Patient.home_branch_id),
        exists().where(
            Appointment.patient_id == Patient.id, Appointment.branch_id == viewer.branch_id
        ),
        Patient.id.in_(
            select(Call.patient_id).where(
                and_(Call.patient_id.is_not(None), Call.status != "ended", visible_call(viewer))
            )
        ),
    )


def logged_in(request: Request) -> Viewer:
    """The user of this request, even one who has yet to choose a password of their own."""
    sessions: Sessions = request.app.state.sessions
    viewer = sessions.viewer(request)
    if viewer is None:
        raise NotLoggedIn("Log in first: POST /api/v1/session with username and password.")
    return viewer


def current_viewer(viewer: Annotated[Viewer, Depends(logged_in)]) -> Viewer:
    """The user of this request; raises :class:`NotLoggedIn`."""
    if viewer.must_change_password:
        raise Forbidden(
            "Choose a password of your own first: POST /api/v1/me/password.",
            code="must_change_password",
        )
    return viewer


def current_supervisor(viewer: Annotated[Viewer, Depends(current_viewer)]) -> Viewer:
    """The same, supervisors only."""
    if not viewer.supervises:
        raise Forbidden("Only a supervisor may do this.")
    return viewer


LoggedIn = Annotated[Viewer, Depends(logged_in)]
User = Annotated[Viewer, Depends(current_viewer)]
Supervisor = Annotated[Viewer, Depends(current_supervisor)]
