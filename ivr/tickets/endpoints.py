"""REST of tickets: what a person must do."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, Field

from ivr.agents.access import User
from ivr.agents.viewer import Viewer
from ivr.tickets.desk import TicketDesk, TicketInfo
from ivr.tickets.messages import Messages
from ivr.tickets.service import Tickets


class NewTicket(BaseModel):
    """Something to do, for whoever opens it unless ``owner_id`` says otherwise."""

    kind: Literal["callback", "complaint", "late", "data_request", "other"] = "callback"
    summary: str = Field(min_length=1, max_length=1000)
    number: str = Field("", max_length=20, pattern=r"^$|^\+?[0-9 ]{3,19}$")
    patient_id: int | None = None
    call_id: str | None = Field(None, max_length=36)
    branch_id: int | None = None
    owner_id: int | None = None
    due_at: AwareDatetime


class Assignment(BaseModel):
    """Who looks after it; null: whoever comes first."""

    owner_id: int | None


class Deadline(BaseModel):
    """Until when."""

    due_at: AwareDatetime


def router(
    desk: TicketDesk,
    tickets: Tickets,
    messages: Messages,
    demand: Callable[[Viewer, int | None, str | None], None],
) -> APIRouter:
    """The endpoints, listing through ``desk`` and changing through ``tickets``; ``demand``
    raises unless the viewer may see a patient and a call."""
    api = APIRouter(prefix="/tickets", tags=["tickets"])

    @api.get("", summary="Tasks, the most urgent first")
    def list_tickets(viewer: User, status: Literal["open", "closed"] = "open") -> list[TicketInfo]:
        return desk.listed(viewer, status)

    @api.post("", status_code=201, summary="A new task")
    def open_ticket(wanted: NewTicket, viewer: User) -> TicketInfo:
        demand(viewer, wanted.patient_id, wanted.call_id)
        made = tickets.open(
            wanted.kind,
            summary=wanted.summary.strip(),
            number=wanted.number.replace(" ", ""),
            patient_id=wanted.patient_id,
            call_id=wanted.call_id,
            branch_id=viewer.branch_or_own(wanted.branch_id),
            due_at=wanted.due_at,
            owner_id=viewer.id,
            agent=viewer.username,
        )
        if wanted.owner_id not in (None, viewer.id):
            return assign(viewer, made.id, wanted.owner_id)
        return desk.one(viewer, made.id)

    def assign(viewer: Viewer, ticket_id: int, owner_id: int | None) -> TicketInfo:
        ticket = desk.one(viewer, ticket_id)
        name = "" if owner_id is None else desk.owner_name(ticket, owner_id)
        tickets.assign(ticket_id, owner_id, agent=viewer.username)
        # It may not be the viewer's to see any more.
        return ticket.model_copy(update={"owner_id": owner_id, "owner": name})

    @api.post("/{ticket_id}/take", summary="Become its owner")
    def take_ticket(ticket_id: int, viewer: User) -> TicketInfo:
        return assign(viewer, ticket_id, viewer.id)

    @api.put("/{ticket_id}/owner", summary="Give it to a colleague, or to nobody")
    def assign_ticket(ticket_id: int, to: Assignment, viewer: User) -> TicketInfo:
        return assign(viewer, ticket_id, to.owner_id)

    @api.put("/{ticket_id}/deadline", summary="Another deadline")
    def put_ticket_off(ticket_id: int, until: Deadline, viewer: User) -> TicketInfo:
        desk.one(viewer, ticket_id)
        tickets.put_off(ticket_id, until.due_at, agent=viewer.username)
        return desk.one(viewer, ticket_id)

    @api.post("/{ticket_id}/close", summary="It is done")
    def close_ticket(ticket_id: int, viewer: User) -> TicketInfo:
        desk.one(viewer, ticket_id)
        tickets.close(ticket_id, agent=viewer.username)
        return desk.one(viewer, ticket_id)

    @api.post("/{ticket_id}/reopen", summary="It was not done after all")
    def reopen_ticket(ticket_id: int, viewer: User) -> TicketInfo:
        desk.one(viewer, ticket_id)
        tickets.reopen(ticket_id, agent=viewer.username)
        return desk.one(viewer, ticket_id)

    @api.get(
        "/{ticket_id}/audio",
        summary="The spoken message; that you listened is written down",
        response_class=Response,
        responses={200: {"content": {"audio/wav": {}}}},
    )
    def ticket_audio(ticket_id: int, viewer: User) -> Response:
        desk.one(viewer, ticket_id)
        return Response(
            messages.open(ticket_id, viewer.id),
            media_type="audio/wav",
            headers={"Cache-Control": "private, no-store"},
        )

    return api
