"""REST of the agent's own day: take calls, pause, wrap up, say how a call ended."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from ivr.agents.access import User
from ivr.agents.dispositions import Dispositions
from ivr.agents.machine import State, Wished
from ivr.agents.shifts import StateView
from ivr.agents.states import States
from ivr.errors import Forbidden

Code = Annotated[str, Field(max_length=32, pattern="^[a-z0-9_]*$")]


class Presence(BaseModel):
    """The phone of this page is there and wants calls (``available``) or not yet
    (``paused``), or leaves (``off``). A phone that comes back changes no state that a pause,
    a supervisor or an unanswered call made; it begins a shift only where the agent does
    (``begins``)."""

    state: Wished
    reason: Code = "break"
    begins: bool = False


class Wanted(BaseModel):
    """What the agent asks for: in a call it counts from its end."""

    state: Wished
    reason: Code = ""


class AgentNow(BaseModel):
    """Where an agent is now. ``wish``: what they return to after a call. ``until``: when a
    wrap-up ends, or a timed pause becomes too long. ``note``: the supervisor's (``changed_by``);
    ``wish_by`` and ``wish_note`` say the same of what comes after the call."""

    username: str
    state: State
    reason: str
    since: datetime | None
    until: datetime | None
    call_id: str
    wish: Wished
    wish_reason: str
    changed_by: str
    note: str
    wish_by: str
    wish_note: str


class PauseChoice(BaseModel):
    """Why an agent may pause. After ``limit_s`` seconds it shows as too long."""

    code: str
    name: str
    limit_s: int | None


class DispositionChoice(BaseModel):
    """How a call may have ended."""

    code: str
    name: str
    needs_note: bool


class DispositionChosen(BaseModel):
    """What an agent chose for a call."""

    call_id: str
    code: str
    name: str
    note: str
    at: datetime


class MyDesk(BaseModel):
    """The agent's state and the clinic's lists."""

    now: AgentNow
    reasons: list[PauseChoice]
    dispositions: list[DispositionChoice]
    disposition_required: bool
    chosen: DispositionChosen | None
    """For the call of the present state."""


class WrapUp(BaseModel):
    """``extend``: more time; ``end``: ready for what comes next."""

    do: Literal["extend", "end"]


class Choice(BaseModel):
    """A disposition; ``done`` ends the wrap-up too."""

    code: Code
    note: str = Field(default="", max_length=2000)
    done: bool = False


def router(states: States, dispositions: Dispositions) -> APIRouter:
    """The endpoints, acting through ``states`` and ``dispositions``."""
    api = APIRouter(tags=["desk"])

    @api.put("/me/presence", summary="My phone is there, or leaves")
    def set_presence(wanted: Presence, viewer: User) -> Presence:
        if not viewer.extension:
            raise Forbidden("This account has no phone. Ask a supervisor for one.")
        if wanted.state == "available":
            states.phone_there(viewer.username, begins=wanted.begins)
        else:
            states.want(viewer.username, wanted.state, wanted.reason)
        return wanted

    @api.put("/me/state", summary="Take calls again, pause, or go home")
    def set_state(wanted: Wanted, viewer: User) -> AgentNow:
        if not viewer.extension:
            raise Forbidden("This account has no phone. Ask a supervisor for one.")
        return shown(states.want(viewer.username, wanted.state, wanted.reason))

    @api.get("/me/desk", summary="My state, and the clinic's reasons and dispositions")
    def my_desk(viewer: User) -> MyDesk:
        now = states.of(viewer.username)
        chosen = dispositions.of_call(viewer, now.call_id) if now.call_id else None
        return MyDesk(
            now=shown(now),
            reasons=[PauseChoice.model_validate(vars(row)) for row in dispositions.reasons()],
            dispositions=[
                DispositionChoice.model_validate(vars(row)) for row in dispositions.codes()
            ],
            disposition_required=dispositions.required(),
            chosen=DispositionChosen.model_validate(vars(chosen)) if chosen else None,
        )

    @api.post("/me/wrap-up", summary="Extend or end my wrap-up")
    def wrap_up(wanted: WrapUp, viewer: User) -> AgentNow:
        if wanted.do == "extend":
            return shown(states.extend(viewer.username))
        return shown(states.wrapped_up(viewer.username))

    @api.put("/calls/{call_id}/disposition", summary="Say how a call I took ended")
    def choose_disposition(call_id: str, choice: Choice, viewer: User) -> DispositionChosen:
        chosen = dispositions.choose(viewer, call_id, choice.code, choice.note)
        if choice.done and states.of(viewer.username).state == "wrap_up":
            states.wrapped_up(viewer.username)
        return DispositionChosen.model_validate(vars(chosen))

    return api


def shown(view: StateView) -> AgentNow:
    """As the API shows it."""
    return AgentNow.model_validate(vars(view))
