"""REST of confirmations."""

from collections.abc import Callable

from fastapi import APIRouter
from pydantic import BaseModel, Field

from ivr.agents.access import User
from ivr.clinic.desk import ClinicDesk
from ivr.outbox.service import ConfirmationView, Outbox


class Ask(BaseModel):
    """Send the confirmation. ``address``: the patient's, where none is known or another is
    wanted; ``consents``: they just said yes to being written to."""

    address: str = Field("", max_length=120)
    consents: bool = False
    call_id: str | None = Field(None, max_length=36)


def router(rights: ClinicDesk, outbox: Outbox, queued: Callable[[], object]) -> APIRouter:
    """The endpoints; ``queued`` is called when something is to be sent."""
    api = APIRouter(prefix="/confirmations", tags=["agenda"])

    @api.get("/{appointment_id}", summary="Whether an appointment's confirmation was sent")
    def confirmation(appointment_id: int, viewer: User) -> ConfirmationView:
        rights.demand_appointment(viewer, appointment_id)
        return outbox.state(appointment_id)

    @api.post("/{appointment_id}", status_code=202, summary="Send an appointment's confirmation")
    def send_confirmation(appointment_id: int, ask: Ask, viewer: User) -> ConfirmationView:
        rights.demand_appointment(viewer, appointment_id)
        rights.demand_call(viewer, ask.call_id)
        found = outbox.ask(
            viewer,
            appointment_id,
            address=ask.address,
            consents=ask.consents,
            call_id=ask.call_id,
        )
        queued()
        return found

    return api
