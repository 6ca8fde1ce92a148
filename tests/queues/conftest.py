"""The reception of the agents' tests, and those who wait at home for its call."""

from datetime import timedelta

import pytest

from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clinic.directory import Directory
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.queues.kept import KeptList
from ivr.queues.places import Places
from ivr.queues.service import Queues
from ivr.tickets.service import Tickets
from tests.agents.conftest import reception, states, switch
from tests.queues.kept_places import Line, branch

__all__ = ["reception", "states", "switch"]


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def places(
    reception: Database,
    clock: FixedClock,
    stream: EventStream,
    call_log: CallLog,
    line: Line,
) -> Places:
    with reception.transaction() as session:
        session.add(branch("Madrid", "es", "Europe/Madrid", "+34910000001"))
    clock.moment += timedelta(hours=2)
    return Places(
        reception,
        clock,
        call_log,
        Tickets(reception, clock, stream),
        Directory(reception, clock),
        Queues(reception),
        lambda: line,
        "127.0.0.2:5060",
    )


@pytest.fixture
def shown(reception: Database, clock: FixedClock, stream: EventStream) -> KeptList:
    return KeptList(reception, clock, stream, Queues(reception))
