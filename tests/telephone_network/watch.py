"""What the product writes about one call, read while it happens."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ivr.calls.model import Call, StoredEvent
from ivr.database import Database
from tests.telephone_network.person import NotHeard

Data = Mapping[str, Any]
Wanted = Callable[[Data], bool]


@dataclass(frozen=True)
class Seen:
    """One event of the call; ``seq`` counts within it from 1."""

    seq: int
    data: dict[str, Any]
    at: datetime


def last_number(database: Database) -> int:
    """Number of the newest event of all."""
    with database.transaction() as session:
        return (
            session.scalar(select(StoredEvent.number).order_by(StoredEvent.number.desc()).limit(1))
            or 0
        )


def find_call(database: Database, ani: str, *, after: int, timeout: float = 10) -> str:
    """Id of the call from ``ani`` (E.164, empty: withheld) begun after event ``after``."""
    deadline = time.monotonic() + timeout
    query = (
        select(StoredEvent.call_id)
        .where(
            StoredEvent.number > after,
            StoredEvent.type == "call.started",
            StoredEvent.data["ani"].astext == ani,
        )
        .order_by(StoredEvent.number)
    )
    while time.monotonic() < deadline:
        with database.transaction() as session:
            found = session.scalar(query)
        if found:
            return found
        time.sleep(0.05)
    raise NotHeard(f"the product noticed no call from {ani or 'a withheld number'}")


def started_calls(
    database: Database, *, after: int, count: int, timeout: float = 10
) -> list[dict[str, Any]]:
    """The beginnings of the first ``count`` calls after event ``after``."""
    deadline = time.monotonic() + timeout
    query = (
        select(StoredEvent.data)
        .where(StoredEvent.number > after, StoredEvent.type == "call.started")
        .order_by(StoredEvent.number)
    )
    while True:
        with database.transaction() as session:
            found = list(session.scalars(query))
        if len(found) >= count:
            return found
        if time.monotonic() > deadline:
            raise NotHeard(f"the product noticed {len(found)} of {count} calls")
        time.sleep(0.05)


class CallWatch:
    """Follows one call's events."""

    def __init__(self, database: Database, call_id: str) -> None:
        self.call_id = call_id
        self._database = database
        self._seen: list[Seen] = []

    def events(self) -> list[Seen]:
        """Everything so far."""
        last = self._seen[-1].seq if self._seen else 0
        query = (
            select(StoredEvent.call_seq, StoredEvent.type, StoredEvent.data, StoredEvent.at)
            .where(StoredEvent.call_id == self.call_id, StoredEvent.call_seq > last)
            .order_by(StoredEvent.call_seq)
        )
        with self._database.transaction() as session:
            for seq, kind, data, at in session.execute(query):
                self._seen.append(Seen(seq, {**data, "type": kind}, at))
        return self._seen

    def has(self, kind: str, **fields: Any) -> bool:
        """Whether there has been an event of type ``kind`` with these fields."""
        return any(
            seen.data["type"] == kind and fields.items() <= seen.data.items()
            for seen in self.events()
        )

    def wait(self, wanted: Wanted, what: str, *, after: int = 0, timeout: float = 15) -> Seen:
        """The first event after ``after`` (a seq) that is ``wanted``."""
        deadline = time.monotonic() + timeout
        while True:
            for seen in self.events():
                if seen.seq > after and wanted(seen.data):
                    return seen
            if time.monotonic() > deadline:
                story = "\n  ".join(str(seen.data) for seen in self._seen[-12:])
                raise NotHeard(f"waited {timeout:g} s for {what}; last events:\n  {story}")
            time.sleep(0.04)

    def wait_for(self, kind: str, *, after: int = 0, timeout: float = 15, **fields: Any) -> Seen:
        """The first event of type ``kind`` with these fields."""
        return self.wait(
            lambda data: data["type"] == kind and fields.items() <= data.items(),
            f"{kind} {fields or ''}",
            after=after,
            timeout=timeout,
        )

    def wait_for_end(self, timeout: float = 20) -> Call:
        """The call, once it has ended."""
        self.wait_for("call.ended", timeout=timeout)
        with self._database.transaction() as session:
            return session.get_one(Call, self.call_id)
