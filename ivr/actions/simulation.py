"""A whole call without a telephone: what ``auricula simulate`` does."""

import json
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ivr.actions.call import CallHandler, Ending
from ivr.actions.connect import connect, library
from ivr.actions.services import Services
from ivr.calls.schemas import NumberedEvent
from ivr.clock import Clock, FixedClock, SystemClock
from ivr.config import Settings
from ivr.database import Database, database_url
from ivr.errors import InvalidInput
from ivr.flow.events import RecordingStarted, RecordingStopped
from ivr.flow.library import Library
from ivr.flow.simulate import HELP, TextPhone
from ivr.migrations import migrate


class NoRecorder:
    """Says in the stream what would be recorded, and keeps nothing."""

    def __init__(self, services: Services) -> None:
        self._calls = services.calls
        self._of: dict[str, str] = {}

    def begin(self, call_id: str, consent_id: int) -> tuple[str, str]:
        recording_id = str(uuid.uuid4())
        self._of[recording_id] = call_id
        self._calls.append(call_id, RecordingStarted(recording_id=recording_id))
        return recording_id, f"{recording_id}.wav"

    def finish(self, recording_id: str) -> None:
        stopped = RecordingStopped(recording_id=recording_id, duration_s=0)
        self._calls.append(self._of.pop(recording_id), stopped)


def play(
    services: Services,
    flows: Library,
    turns: Iterator[str],
    *,
    flow: str = "recepcion",
    number: str = "",
    to: str = "",
    language: str = "",
    attempt_id: int | None = None,
    call_id: str = "",
    show: Callable[[str], None] = lambda _text: None,
    phone: TextPhone | None = None,
) -> tuple[str, Ending]:
    """Play one call to its end; a call the switch would take on is closed at once.

    Returns the call's id and how it ended.
    """
    call_id = call_id or str(uuid.uuid4())
    phone = phone or TextPhone(turns, show)
    direction: Literal["inbound", "outbound"] = "outbound" if attempt_id else "inbound"
    ending = CallHandler(services, flows, NoRecorder(services)).handle(
        phone,
        flow=flow,
        call_id=call_id,
        ani=number if direction == "inbound" else "",
        dnis=to if direction == "inbound" else number,
        direction=direction,
        attempt_id=attempt_id,
        language=language,
    )
    if ending.handed_on:
        services.calls.finish(call_id, ending.outcome)
    return call_id, ending


def simulate(
    config: Settings,
    *,
    flow: str,
    number: str,
    to: str,
    now: str,
    language: str,
    attempt_id: int | None,
    as_json: bool,
) -> None:
    """Play one call between standard input and output."""
    clock, url = _clock(now), database_url(config)
    if not config.database_url:
        migrate(url)
    services = connect(Database(url), clock, config)
    call_id = str(uuid.uuid4())
    printer = _JsonPrinter(services, call_id) if as_json else None

    def turns() -> Iterator[str]:
        if not as_json and sys.stdin.isatty():
            sys.stdout.write(f"{HELP}\n")
        for line in _lines(prompt=not as_json):
            if printer:
                printer.print_new()
            yield line

    def show(text: str) -> None:
        if printer:
            printer.print_new()
        else:
            sys.stdout.write(f"☎  {text}\n")
            sys.stdout.flush()

    _, ending = play(
        services,
        library(config.callflows),
        turns(),
        flow=flow,
        number=number,
        to=to,
        language=language,
        attempt_id=attempt_id,
        call_id=call_id,
        show=show,
    )
    if printer:
        printer.print_new()
    else:
        sys.stdout.write(f"— {ending.outcome}\n")


def _lines(*, prompt: bool) -> Iterator[str]:
    while True:
        if prompt and sys.stdin.isatty():
            sys.stdout.write("> ")
            sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            return
        if prompt and not sys.stdin.isatty():
            sys.stdout.write(f"> {line.strip()}\n")
        yield line


def _clock(now: str) -> Clock:
    if not now:
        return SystemClock()
    try:
        moment = datetime.fromisoformat(now)
    except ValueError:
        raise InvalidInput(f"“{now}” is no moment: write e.g. 2026-11-23T10:00:00+01:00") from None
    return FixedClock(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Europe/Madrid")))


class _JsonPrinter:
    """Prints the call's events as they are stored."""

    def __init__(self, services: Services, call_id: str) -> None:
        self._services = services
        self._call_id = call_id
        self._printed = 0

    def print_new(self) -> None:
        for event in self._services.calls.events(self._call_id, self._printed):
            sys.stdout.write(json.dumps(as_line(event), ensure_ascii=False) + "\n")
            self._printed = event.call_seq or self._printed
        sys.stdout.flush()


def as_line(event: NumberedEvent) -> dict[str, Any]:
    """An event as one JSON line: its own fields after its number and moment."""
    return {"seq": event.call_seq, "at": event.at.isoformat(), **event.data}
