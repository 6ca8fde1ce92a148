"""Why nobody was reached by a call that went out, as the line told when it ended."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.calls.model import Call, CallLeg

Unreached = Literal[
    "busy", "no_answer", "no_response", "wrong_number", "refused", "unavailable", "congestion"
]

CAUSES: dict[int, Unreached] = {
    1: "wrong_number",
    3: "wrong_number",
    17: "busy",
    18: "no_response",
    19: "no_answer",
    20: "unavailable",
    21: "refused",
    22: "wrong_number",
    27: "unavailable",
    28: "wrong_number",
    34: "congestion",
    38: "congestion",
    41: "congestion",
    42: "congestion",
    44: "congestion",
}
"""ITU-T Q.850; others say nothing about why. Asterisk gives a SIP line's answers as these
(``hangup_sip2cause``): a carrier that does not answer is 18, one that refuses us 21. Neither may
be read as what the patient did."""


def unreached(session: Session, calls: Sequence[Call]) -> dict[str, Unreached]:
    """By id, those of ``calls`` that went out in vain and whose line said why."""
    in_vain = [
        call.id
        for call in calls
        if call.direction == "outbound"
        and call.outcome in ("failed", "unanswered")
        and call.answered_at is None
    ]
    if not in_vain:
        return {}
    legs = session.execute(
        select(CallLeg.call_id, CallLeg.cause)
        .where(
            CallLeg.call_id.in_(in_vain),
            CallLeg.kind != "agent",
            CallLeg.answered_at.is_(None),
            CallLeg.cause.in_(CAUSES),
        )
        .order_by(CallLeg.id)
    )
    return {call_id: CAUSES[cause] for call_id, cause in legs if cause is not None}
