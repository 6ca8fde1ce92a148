"""REST of a call in hand: hold, transfer, consult, record, dial, supervise."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from ivr.agents.access import User
from ivr.agents.machine import State
from ivr.agents.viewer import Viewer
from ivr.calls.desk import CallDesk
from ivr.calls.handling import Handling, Mode
from ivr.clinic.desk import ClinicDesk
from ivr.ports import Target


class Transfer(BaseModel):
    """``blind``: the caller goes there at once; ``warm``: the agent asks first."""

    how: Literal["blind", "warm"]
    kind: Literal["agent", "queue", "outside"]
    to: str = Field(min_length=1, max_length=64)
    """User name, queue or number."""


class Consultation(BaseModel):
    """What becomes of whom the agent asked: hung up, given the call, or joined."""

    then: Literal["cancel", "complete", "conference"]


class Recorded(BaseModel):
    """Whether the conversation is recorded from now on."""

    on: bool


class Dial(BaseModel):
    """A number to call, as a person writes it, and whose it is if known."""

    number: str = Field(min_length=3, max_length=32)
    patient_id: int | None = None


class Dialled(BaseModel):
    """The call that was begun."""

    call_id: str


class Colleague(BaseModel):
    """Somebody a call may go to; ``phone`` as the switch sees it now, ``reason`` of a pause."""

    username: str
    name: str
    phone: Literal["free", "busy", "off"]
    state: State
    reason: str


class QueueToJoin(BaseModel):
    """A queue a call may go to; ``phone``: the best of the phones of those who serve it."""

    name: str
    title: str
    phone: Literal["free", "busy", "off"]


class Targets(BaseModel):
    """Where a call may go."""

    colleagues: list[Colleague]
    queues: list[QueueToJoin]


class Supervision(BaseModel):
    """``listen``: hear both; ``whisper``: speak to the agent; ``barge``: speak to both."""

    mode: Mode


def router(handling: Handling, desk: CallDesk, clinic: ClinicDesk) -> APIRouter:
    """The endpoints; what the viewer may see is asked of ``desk`` and ``clinic``."""
    api = APIRouter(tags=["phone"])

    def seen(call_id: str, viewer: User) -> Viewer:
        desk.demand(viewer, call_id)
        return viewer

    Seeing = Annotated[Viewer, Depends(seen)]

    @api.get("/me/call/targets", summary="Where a call may go")
    def transfer_targets(viewer: User) -> Targets:
        colleagues, queues = handling.targets(viewer)
        return Targets(
            colleagues=[
                Colleague(
                    username=one.username,
                    name=one.name,
                    phone=one.phone,
                    state=one.view.state,
                    reason=one.view.reason,
                )
                for one in colleagues
            ],
            queues=[QueueToJoin(name=one.name, title=one.title, phone=one.phone) for one in queues],
        )

    @api.post("/me/call/hold", status_code=204, summary="The caller hears music")
    def hold_call(viewer: User) -> None:
        handling.hold(viewer)

    @api.delete("/me/call/hold", status_code=204, summary="Back to the caller")
    def resume_call(viewer: User) -> None:
        handling.resume(viewer)

    @api.post("/me/call/transfer", status_code=204, summary="Hand the caller on, or ask first")
    def transfer_call(wanted: Transfer, viewer: User) -> None:
        handling.transfer(viewer, wanted.how, Target(wanted.kind, wanted.to.strip()))

    @api.post("/me/call/consultation", status_code=204, summary="End a consultation")
    def end_consultation(wanted: Consultation, viewer: User) -> None:
        handling.consultation(viewer, wanted.then)

    @api.put("/me/call/recording", status_code=204, summary="Pause or resume the recording")
    def record_call(wanted: Recorded, viewer: User) -> None:
        handling.record(viewer, wanted.on)

    @api.delete("/me/call", status_code=204, summary="Hang up for everybody in the call")
    def end_call(
        viewer: User,
        call_id: Annotated[
            str, Query(max_length=64, description="Only if it is this one; empty: whichever")
        ] = "",
    ) -> None:
        handling.end(viewer, call_id)

    @api.post("/me/call", summary="Call a number: the own phone first, then the number")
    def dial_number(wanted: Dial, viewer: User) -> Dialled:
        if wanted.patient_id is not None:
            clinic.demand_patient(viewer, wanted.patient_id)
        return Dialled(call_id=handling.dial(viewer, wanted.number, wanted.patient_id))

    @api.post(
        "/calls/{call_id}/take-back",
        status_code=204,
        summary="Ring me for the call I handed on, while nobody has answered it",
    )
    def take_call_back(call_id: str, viewer: Seeing) -> None:
        handling.take_back(viewer, call_id)

    @api.put(
        "/calls/{call_id}/supervision",
        status_code=204,
        summary="Listen to a call, whisper to its agent or join; supervisors only",
    )
    def supervise_call(call_id: str, viewer: Seeing, wanted: Supervision) -> None:
        handling.supervise(viewer, call_id, wanted.mode)

    @api.delete("/me/supervision", status_code=204, summary="Leave the call that is heard")
    def stop_supervising(viewer: User) -> None:
        handling.stop_supervising(viewer)

    @api.post(
        "/calls/{call_id}/take-over",
        status_code=204,
        summary="Become the agent of a call that is heard; supervisors only",
    )
    def take_over_call(call_id: str, viewer: Seeing) -> None:
        handling.take_over(viewer, call_id)

    return api
