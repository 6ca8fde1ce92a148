"""What the tests of reminders share: a switch that dials nobody, and appointments."""

from datetime import date

from ivr.clinic.agenda import Agenda
from ivr.clinic.schemas import SlotQuery
from ivr.errors import Unavailable
from ivr.ports import Origination
from tests.clinic.world import World

TOMORROW = date(2026, 11, 24)
LOOPBACK = "127.0.0.2:5070"


class Switch:
    """A switch that dials into the void and remembers."""

    def __init__(self, fails: bool = False) -> None:
        self.dialled: list[Origination] = []
        self.fails = fails

    def originate(self, call: Origination) -> None:
        self.dialled.append(call)
        if self.fails:
            raise Unavailable("the switch is down")

    def hangup(self, channel: str) -> None:
        raise NotImplementedError

    def channels(self) -> list[dict[str, str]]:
        return []


def book(
    agenda: Agenda,
    world: World,
    patient: int,
    day: date = TOMORROW,
    branch: int | None = None,
) -> int:
    query = SlotQuery(
        service_id=world.check, branch_id=branch or world.madrid, date_from=day, limit=1
    )
    held = agenda.hold(agenda.find_slots(query)[0], call_id=None)
    return agenda.book(held.id, patient_id=patient, call_id=None).id


def move(agenda: Agenda, world: World, appointment: int, day: date) -> None:
    query = SlotQuery(service_id=world.check, branch_id=world.madrid, date_from=day, limit=1)
    held = agenda.hold(agenda.find_slots(query)[0], call_id=None)
    agenda.move(appointment, held.id, call_id=None)
