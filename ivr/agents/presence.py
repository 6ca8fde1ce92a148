"""Whether an agent takes calls: what the console's phone asks of the switch's queue."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from ivr.agents.access import User
from ivr.errors import Forbidden, Unavailable
from ivr.ports import AgentDesk

QUEUE = "recepcion"
Reason = Literal["break", "lunch", "paperwork", "training"]


class Presence(BaseModel):
    """``available``: calls ring; ``paused``: they do not, for ``reason``; ``off``: no phone."""

    state: Literal["available", "paused", "off"]
    reason: Reason = "break"


def router(desk: AgentDesk | None) -> APIRouter:
    """The endpoint, acting through ``desk``."""
    api = APIRouter(tags=["phone"])

    @api.put("/me/presence", summary="Take calls, pause, or leave the queue")
    def set_presence(wanted: Presence, viewer: User) -> Presence:
        if not viewer.extension:
            raise Forbidden("This account has no phone. Ask a supervisor for one.")
        if desk is None:
            raise Unavailable("The switch has not been set up: run make up.")
        if wanted.state == "off":
            desk.sign_off(viewer.username, QUEUE)
        elif wanted.state == "paused":
            desk.sign_on(viewer.username, QUEUE, paused=True)
            desk.pause(viewer.username, wanted.reason)
        else:
            desk.sign_on(viewer.username, QUEUE)
            desk.resume(viewer.username)
        return wanted

    return api
