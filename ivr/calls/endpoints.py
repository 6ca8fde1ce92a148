"""REST of calls: live, the log, one in full."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from ivr.agents.access import User
from ivr.calls.desk import CallDesk, CallFilter
from ivr.calls.views import CallDetail, CallPage, CallSummary
from ivr.clinic.days import Day
from ivr.flow.events import Outcome


def router(desk: CallDesk) -> APIRouter:
    """The endpoints, reading through ``desk``."""
    api = APIRouter(prefix="/calls", tags=["calls"])

    @api.get("/live", summary="Calls on air")
    def live_calls(viewer: User) -> list[CallSummary]:
        return desk.live(viewer)

    @api.get("", summary="The call log, newest first")
    def list_calls(
        viewer: User,
        text: Annotated[str, Query(max_length=80, description="Part of a name or number")] = "",
        direction: Literal["inbound", "outbound"] | None = None,
        outcome: Outcome | None = None,
        reason: Annotated[str | None, Query(max_length=64)] = None,
        branch_id: int | None = None,
        patient_id: int | None = None,
        day_from: Day | None = None,
        day_to: Day | None = None,
        recorded: bool | None = None,
        mine: bool = False,
        before: Annotated[str, Query(max_length=36, description="`next` of the last page")] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> CallPage:
        wanted = CallFilter(
            text=text,
            direction=direction,
            outcome=outcome,
            reason=reason,
            branch_id=branch_id,
            patient_id=patient_id,
            day_from=day_from,
            day_to=day_to,
            recorded=recorded,
            mine=mine,
        )
        return desk.page(viewer, wanted, before=before, limit=limit)

    @api.get("/{call_id}", summary="One call in full")
    def call_detail(call_id: str, viewer: User) -> CallDetail:
        return desk.detail(viewer, call_id)

    return api
