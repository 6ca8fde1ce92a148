"""Who stands where in the queues, from the events of the calls."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.calls.model import StoredEvent

JOINED = ("queue.joined", "queue.moved", "agent.ringing", "agent.no_answer")


@dataclass(frozen=True)
class Standing:
    """Where a call stands in a queue."""

    queue: str
    since: datetime
    priority: int
    ringing: str = ""
    """The agent whose phone rings for it."""


def standing(session: Session, call_ids: Sequence[str]) -> dict[str, Standing]:
    """Where each of these calls waits; those that left their queue are not in it."""
    found: dict[str, Standing | None] = {}
    for call_id, place in _places(session, call_ids, (*JOINED, "queue.left")):
        found[call_id] = place
    return {call_id: place for call_id, place in found.items() if place is not None}


def last_stood(session: Session, call_id: str) -> Standing | None:
    """Where a call stood in the queue it was last in, whether it has left it or not."""
    places = [place for _, place in _places(session, [call_id], JOINED)]
    return places[-1] if places else None


def _places(
    session: Session, call_ids: Sequence[str], types: Sequence[str]
) -> Iterator[tuple[str, Standing | None]]:
    """Each call's place after each of its events of these types, in their order."""
    now: dict[str, Standing] = {}
    rows = session.execute(
        select(StoredEvent.call_id, StoredEvent.type, StoredEvent.at, StoredEvent.data)
        .where(StoredEvent.call_id.in_(call_ids), StoredEvent.type.in_(types))
        .order_by(StoredEvent.number)
    )
    for call_id, kind, at, data in rows:
        if call_id is None:
            continue
        present = now.get(call_id)
        if kind == "queue.joined":
            now[call_id] = Standing(data["queue"], at, data["priority"])
        elif present is None:
            continue
        elif kind == "queue.left":
            del now[call_id]
        elif kind == "queue.moved":
            now[call_id] = replace(present, priority=data["priority"])
        else:
            ringing = data["agent"] if kind == "agent.ringing" else ""
            now[call_id] = replace(present, ringing=ringing)
        yield call_id, now.get(call_id)
