"""REST of tickets: what a person must do."""

from typing import Literal

from fastapi import APIRouter, Response

from ivr.agents.access import User
from ivr.tickets.desk import TicketDesk, TicketInfo
from ivr.tickets.messages import Messages
from ivr.tickets.service import Tickets


def router(desk: TicketDesk, tickets: Tickets, messages: Messages) -> APIRouter:
    """The endpoints, listing through ``desk`` and changing through ``tickets``."""
    api = APIRouter(prefix="/tickets", tags=["tickets"])

    @api.get("", summary="Tasks, the most urgent first")
    def list_tickets(viewer: User, status: Literal["open", "closed"] = "open") -> list[TicketInfo]:
        return desk.listed(viewer, status)

    @api.post("/{ticket_id}/take", summary="Become its owner")
    def take_ticket(ticket_id: int, viewer: User) -> TicketInfo:
        return desk.take(viewer, ticket_id)

    @api.post("/{ticket_id}/close", summary="It is done")
    def close_ticket(ticket_id: int, viewer: User) -> TicketInfo:
        desk.one(viewer, ticket_id)
        tickets.close(ticket_id)
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
