"""A small reception: two agents, the clinic's lists, and a switch that writes down orders."""

from dataclasses import dataclass, field

import pytest

from ivr.agents.model import Disposition, PauseReason
from ivr.agents.service import Accounts
from ivr.agents.states import States
from ivr.calls.stream import EventStream
from ivr.clinic.model import Clinic
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.errors import Unavailable
from ivr.queues.model import Queue
from ivr.queues.service import Queues

PASSWORD = "una frase bastante larga"
CALL = "11111111-1111-4111-8111-111111111111"


@dataclass
class Switch:
    """The switch's side of the desk, as a list of orders and who may be rung."""

    orders: list[tuple[str, ...]] = field(default_factory=list)
    members: dict[tuple[str, str], int] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)
    away: bool = False

    def sign_on(
        self,
        agent: str,
        queue: str,
        *,
        penalty: int = 0,
        paused: bool = False,
        reason: str = "",
    ) -> None:
        if self.away:
            raise Unavailable("The switch does not answer.")
        self.members[agent, queue] = penalty
        if paused:
            self.silent[agent] = reason

    def sign_off(self, agent: str, queue: str) -> None:
        self.members.pop((agent, queue), None)

    def pause(self, agent: str, reason: str) -> None:
        self.silent[agent] = reason

    def resume(self, agent: str) -> None:
        self.silent.pop(agent, None)

    def move_up(self, queue: str, channel: str, priority: int) -> None:
        self.orders.append(("move_up", queue, channel, str(priority)))

    def rings(self, agent: str) -> bool:
        """Whether a call of any queue would ring there."""
        return agent not in self.silent and any(name == agent for name, _ in self.members)


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def reception(database: Database, clock: FixedClock) -> Database:
    """Lucía and Mario, a supervisor, one queue."""
    accounts = Accounts(database, clock)
    accounts.create("lucia", PASSWORD, name="Lucía", role="agent")
    accounts.create("mario", PASSWORD, name="Mario", role="agent")
    accounts.create("marta", PASSWORD, name="Marta", role="supervisor")
    with database.transaction() as session:
        session.add(
            Clinic(
                name="Clínica",
                country="es",
                settings={"wrap_up_s": 30, "wrap_up_extend_s": 60, "disposition_required": True},
            )
        )
        session.add(PauseReason(code="lunch", name="Comida", limit_s=2700))
        session.add(PauseReason(code="paperwork", name="Gestiones", position=1))
        session.add(Disposition(code="booked", name="Cita dada"))
        session.add(Disposition(code="pending", name="Pendiente", needs_note=True, position=1))
        session.add(Queue(name="recepcion", title="Recepción"))
    return database


@pytest.fixture
def states(reception: Database, clock: FixedClock, stream: EventStream, switch: Switch) -> States:
    return States(reception, clock, stream, switch, Queues(reception).of)


def told(stream: EventStream) -> list[str]:
    return [event.data["state"] for event in stream.after(0) if event.type == "agent.state"]
