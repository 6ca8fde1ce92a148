"""The log of what supervisors do: who, when, to which agent, in which call."""

from collections.abc import Iterator
from contextlib import contextmanager

from ivr.agents.model import SupervisorAction
from ivr.agents.viewer import Viewer
from ivr.clock import Clock
from ivr.database import Database


class SupervisorLog:
    """Writes what is done, and only that."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @contextmanager
    def doing(
        self, viewer: Viewer, action: str, *, agent: str = "", call_id: str | None = None
    ) -> Iterator[SupervisorAction]:
        """What is done within is in the log when it has worked; where the log cannot be
        written it is not begun."""
        with self._database.transaction() as session:
            row = SupervisorAction(
                at=self._clock.now(), user_id=viewer.id, action=action, agent=agent, call_id=call_id
            )
            session.add(row)
            session.flush()
            yield row
