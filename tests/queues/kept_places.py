"""Callers who keep their place, for tests: a line that dials nobody, a clinic's opening hours."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from ivr.agents.model import User
from ivr.agents.viewer import Role, Viewer
from ivr.calls.log import CallLog
from ivr.clinic.model import Branch, OpeningHours
from ivr.database import Database
from ivr.errors import Unavailable
from ivr.ports import Origination
from ivr.queues.model import KeptPlace
from ivr.queues.places import Places
from tests.clinic.world import EVENING, MORNING
from tests.queues.test_room import leaves, waits

NUMBER = "+34600000001"


@dataclass
class Line:
    """Dials nothing; remembers what it was told to dial."""

    dialled: list[Origination] = field(default_factory=list)
    broken: bool = False

    def originate(self, call: Origination) -> None:
        if self.broken:
            raise Unavailable("no line")
        self.dialled.append(call)

    def hangup(self, channel: str) -> None: ...

    def channels(self) -> list[dict[str, str]]:
        return []


def branch(city: str, country: str, zone: str, phone: str) -> Branch:
    """Open from Monday to Friday, from nine to six of its own clock."""
    return Branch(
        name=city, address="", city=city, country=country, zone=zone,
        phone=phone, spoken_names=[], directions="", region="",
        hours=[OpeningHours(weekday=day, opens=MORNING, closes=EVENING) for day in range(5)],
    )  # fmt: skip


def at_the_desk(database: Database, username: str, branch_id: int | None = None) -> Viewer:
    with database.transaction() as session:
        user = session.scalars(select(User).where(User.username == username)).one()
        role: Role = "supervisor" if user.role == "supervisor" else "agent"
        return Viewer(user.id, username, user.name, role, branch_id)


def status(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(KeptPlace.status).order_by(KeptPlace.id)))


def kept(
    places: Places,
    log: CallLog,
    number: str = NUMBER,
    *,
    priority: int = 0,
    branch: int | None = None,
) -> str:
    call = waits(log, number, priority=priority, branch=branch)
    assert places.keep("recepcion", number, call_id=call)
    leaves(log, call, "other", 30)
    log.finish(call)
    assert log.get(call).outcome == "callback"
    return call


def keep_place(database: Database, number: str, call_id: str, now: datetime) -> int:
    """A place in the database, as a call has left it; its id."""
    with database.transaction() as session:
        place = KeptPlace(
            queue="recepcion",
            number=number,
            call_id=call_id,
            waiting_since=now,
            next_at=now,
            created_at=now,
        )
        session.add(place)
        session.flush()
        return place.id
