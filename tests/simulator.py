"""Plays a call in the simulator, for tests: turns in, events out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ivr.actions.connect import connect, library
from ivr.actions.simulation import as_line, play
from ivr.clock import FixedClock
from ivr.config import PROJECT
from ivr.database import Database
from ivr.flow.simulate import TextPhone
from tests.scenario import Turn

_LIBRARY = library(PROJECT / "callflows")


@dataclass
class Played:
    """A call that is over."""

    call_id: str
    events: list[dict[str, Any]]
    phone: TextPhone

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of one type."""
        return [event for event in self.events if event["type"] == kind]

    @property
    def said(self) -> list[str]:
        """Everything the caller heard."""
        return [event["text"] for event in self.of("prompt.said")]

    @property
    def prompts(self) -> list[str]:
        """The keys of everything the caller heard."""
        return [event["key"] for event in self.of("prompt.said")]

    @property
    def outcome(self) -> str:
        """How the call ended."""
        return str(self.of("call.ended")[0]["outcome"])


class Caller:
    """Plays calls against one database and clock."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database = database
        self.clock = clock
        self.services = connect(database, clock)
        self.library = _LIBRARY

    def call(
        self,
        *turns: str | Callable[[], None],
        number: str = "",
        flow: str = "recepcion",
        to: str = "",
        language: str = "",
        attempt_id: int | None = None,
    ) -> Played:
        """One call: lines as ``auricula simulate`` reads them. A function among them is
        run when the turn before it has been answered."""

        def lines() -> Iterator[str]:
            for turn in turns:
                if isinstance(turn, str):
                    yield turn
                else:
                    turn()

        phone = TextPhone(lines())
        call_id, _ = play(
            self.services,
            self.library,
            iter(()),
            flow=flow,
            number=number,
            to=to,
            language=language,
            attempt_id=attempt_id,
            phone=phone,
        )
        return self.played(call_id, phone)

    def played(self, call_id: str, phone: TextPhone) -> Played:
        """What became of a call."""
        events = [as_line(event) for event in self.services.calls.events(call_id)]
        return Played(call_id, events, phone)

    def scenario_lines(self, turns: Iterable[Turn], hear: Callable[[str], None]) -> Iterator[str]:
        """A scenario's turns as lines; ``hear`` judges what was said so far."""
        for turn in turns:
            match turn.kind:
                case "hear":
                    hear(turn.value)
                case "say":
                    yield turn.value
                case "press":
                    yield f"dtmf:{turn.value}"
                case "silence" | "noise" | "hangup":
                    yield turn.kind
                case "wait":
                    self.clock.moment += timedelta(seconds=float(turn.value))
