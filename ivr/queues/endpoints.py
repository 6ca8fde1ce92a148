"""REST of the supervisor's room."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from ivr.agents.access import Supervisor
from ivr.agents.presence import AgentNow, shown
from ivr.queues.board import Boards, seen_by
from ivr.queues.schemas import Board, Command, Done, DoneFilter, Reason, SkillSet

Name = Annotated[str, Path(max_length=64)]


def router(boards: Boards) -> APIRouter:
    """The endpoints, acting through ``boards``. Every change is written down."""
    api = APIRouter(prefix="/room", tags=["room"])

    @api.get("", summary="Queues, waiting callers, agents and calls now")
    def room(viewer: Supervisor) -> Board:
        return seen_by(boards.read(), viewer)

    @api.get("/log", summary="What supervisors did, newest first")
    def room_log(viewer: Supervisor, wanted: Annotated[DoneFilter, Query()]) -> list[Done]:
        return boards.done(viewer, wanted)

    @api.post("/callers/{call_id}/up", status_code=204, summary="To the front of those not urgent")
    def move_up(call_id: Name, why: Reason, viewer: Supervisor) -> None:
        boards.move_up(viewer, call_id, why.note)

    @api.put("/agents/{username}/state", summary="Change an agent's state, with a note")
    def command_agent(username: Name, wanted: Command, viewer: Supervisor) -> AgentNow:
        return shown(
            boards.command(viewer, username, wanted.state, wanted.reason, wanted.note.strip())
        )

    @api.put(
        "/agents/{username}/queues/{queue}", status_code=204, summary="An agent's level in a queue"
    )
    def set_skill(username: Name, queue: Name, wanted: SkillSet, viewer: Supervisor) -> None:
        boards.set_skill(viewer, queue, username, wanted.level)

    return api
