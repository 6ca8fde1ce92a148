"""Conversations of agents, from the events of calls. Pure.

A call that is passed on has several: each is charged to the agent who talked, and to the
queue its caller last came out of.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class DeskEvent:
    """What counting needs of a stored event."""

    call_id: str
    type: str
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True)
class Leg:
    """One conversation that is over. ``queue`` is empty for calls that waited in none."""

    call_id: str
    agent: str
    queue: str
    ended_at: datetime
    talked_s: float


def legs(events: Iterable[DeskEvent]) -> Iterator[Leg]:
    """The conversations among ``events``, which are in order within each call."""
    queue_of: dict[str, str] = {}
    talking: dict[tuple[str, str], str] = {}
    for event in events:
        match event.type:
            case "queue.left" if event.data["reason"] == "connected":
                queue_of[event.call_id] = event.data["queue"]
            case "agent.connected":
                agent = event.data["agent"]
                talking[event.call_id, agent] = queue_of.get(event.call_id, "")
            case "agent.disconnected":
                agent = event.data["agent"]
                queue = talking.pop((event.call_id, agent), queue_of.get(event.call_id, ""))
                talked = float(event.data["talked_s"])
                yield Leg(event.call_id, agent, queue, event.at, talked)
