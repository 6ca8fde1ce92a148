"""A whole clinic and the outside world around it, for tests that place real calls."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select

from ivr.adapters.asterisk.config import QueueSettings
from ivr.bench.installation import PROGRAMS, Installation
from ivr.calls.model import Call
from ivr.calls.stream import EventStream
from ivr.campaigns.jobs import ask_to_dial
from ivr.campaigns.reminders import Reminders
from ivr.clinic.directory import Directory
from ivr.clinic.model import Appointment
from ivr.clock import SystemClock
from ivr.database import Database
from ivr.recordings.model import Recording
from tests.telephone_network import clinic
from tests.telephone_network.network import TelephoneNetwork
from tests.telephone_network.person import NotHeard, Person
from tests.telephone_network.ports import take
from tests.telephone_network.switch import Switch
from tests.telephone_network.watch import CallWatch, find_call, last_number

T = TypeVar("T")

CLINIC_NUMBER = clinic.open_number(0)
"""For calls that never get as far as the agenda."""

PEOPLE = """
[people]
exten => _colleague-X,1,Answer()
 same => n,Wait(3600)
; A colleague with a telephone outside, which rings until it is answered.
exten => _X!,1,Dial(PJSIP/${EXTEN}@trunk,60)
 same => n,Hangup()

; Who calls one of these numbers waits in a queue at once, as if the application were away.
[from-trunk]
"""
QUEUES = (
    QueueSettings(),
    QueueSettings("espera"),
    QueueSettings("todos", "ring_all"),
    QueueSettings("turnos"),
    QueueSettings("niveles"),
    QueueSettings("breve", overflow_s=10, overflow_to="despues"),
    QueueSettings("despues"),
    QueueSettings("vacia", overflow_to="llena"),
    QueueSettings("llena"),
    QueueSettings("dejada", overflow_to="siguiente"),
    QueueSettings("siguiente"),
    QueueSettings("ultima", overflow_s=10),
)


def queue_number(name: str) -> str:
    """The number whose callers wait in that queue at once."""
    index = [queue.name for queue in QUEUES].index(name)
    return f"+349200000{index:02d}"


LOOKING_ON_SECRET = "only on loopback, only in tests"
LOOKING_ON = f"""
[tests]
secret = {LOOKING_ON_SECRET}
read = system,call,agent,user
write = call,agent,reporting
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
"""


class ClinicSystem:
    """Everything of one clinic as real processes, with the network it is connected to."""

    def __init__(self, folder: Path, database: Database, **values: object) -> None:
        self.folder = folder
        self.installation = Installation(
            folder,
            first_port=take(430),
            database_url=database.url,
            trunk_contact=f"127.0.0.2:{(trunk := take())}",
            **values,
        )
        options = self.installation.settings
        self.network = TelephoneNetwork(
            folder / "outside", clinic=f"127.0.0.1:{options.sip_port}", sip_port=trunk
        )
        self.database = database
        self._open = map(clinic.open_number, range(clinic.OPEN_BRANCHES))
        self._closed = map(clinic.closed_number, range(clinic.CLOSED_BRANCHES))
        self._programs: tuple[str, ...] = ()
        self._switch: Switch | None = None
        self._lines: list[tuple[Person, CallWatch]] = []

    def start(self, *programs: str) -> None:
        """Start the network and ``programs`` (default: the whole product)."""
        options = self.installation.settings
        where = self.installation.configure(queues=QUEUES)
        self.installation.run("prompts", "--dialplan")
        self.installation.configure(queues=QUEUES)
        into_queues = "".join(
            f"exten => {queue_number(queue.name)},1,Set(AURICULA_NEXT_NAME={queue.name})\n"
            " same => n,Goto(queue,s,1)\n"
            for queue in QUEUES
        )
        (where.local / "extensions.conf").write_text(PEOPLE + into_queues)
        (where.local / "manager.conf").write_text(LOOKING_ON)
        self.network.start()
        self._programs = programs or PROGRAMS
        for name in self._programs:
            self.installation.start(name)
        self._switch = Switch(options.ami_port, LOOKING_ON_SECRET)
        self._switch.staff_reception()

    @property
    def switch(self) -> Switch:
        """The clinic's Asterisk."""
        if self._switch is None:
            raise RuntimeError("the clinic is not running")
        return self._switch

    def revive(self) -> None:
        """Start again whatever does not run any more."""
        for name in self._programs:
            process = self.installation.processes.get(name)
            if process is None or process.poll() is not None:
                self.installation.start(name)

    def cut_manager_connections(self) -> None:
        """Break every connection to the switch's manager port but the tests' own."""
        shown = self.installation.switch_command("manager show connected")
        for line in shown.splitlines():
            found = re.match(r"\s*(\S+)\s+127\.0\.0\.1\s+\d+\s+\d+\s+(\d+)", line)
            if found and found[1] != "tests":
                self.installation.switch_command(f"manager kick session {found[2]}")

    def stop(self) -> None:
        """Stop everything; raises when something did not end by itself or stayed behind."""
        if self._switch is not None:
            self._switch.close()
        self.network.stop()
        wrong = self.installation.stop_all()
        assert not wrong, wrong

    @property
    def sip_address(self) -> tuple[str, int]:
        """Where the clinic's switch takes calls."""
        return "127.0.0.1", self.installation.settings.sip_port

    def is_whole(self) -> bool:
        """Whether every process that was started still runs."""
        return all(process.poll() is None for process in self.installation.processes.values())

    def logs_with(self, text: str) -> list[str]:
        """Names of the clinic's logs and run-time files that hold ``text``; recordings,
        messages and the database are where patients' data belongs."""
        folders = [self.folder, self.installation.settings.var / "asterisk" / "log"]
        files = [path for folder in folders for path in folder.glob("*") if path.is_file()]
        return [path.name for path in files if text.encode() in path.read_bytes()]

    # --- Calls -------------------------------------------------------------------------

    def call(self, number: str, to: str = "", **options: Any) -> tuple[Person, CallWatch]:
        """Somebody calls a branch and the product takes it. Whoever takes a time from the
        agenda calls a :meth:`branch` of their own."""
        since = last_number(self.database)
        person = self.network.call(to or CLINIC_NUMBER, number=number, **options)
        ani = "" if options.get("withheld") else number
        return person, self.watch(person, find_call(self.database, ani, after=since))

    def watch(self, person: Person, call_id: str) -> CallWatch:
        """Follow the call that ``person`` is in."""
        watch = CallWatch(self.database, call_id)
        self._lines.append((person, watch))
        return watch

    def remind(self, day: date) -> None:
        """Have the patients of a day called, whatever the hour: ``auricula remind``."""
        clock = SystemClock()
        stream, directory = EventStream(self.database, clock), Directory(self.database, clock)
        Reminders(self.database, clock, stream, directory).plan(day, any_hour=True)
        ask_to_dial(self.database.url)

    def until(self, condition: Callable[[], T | None], what: str, timeout: float = 20) -> T:
        """The first true value of ``condition``."""
        deadline = time.monotonic() + timeout
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise NotHeard(f"waited {timeout:g} s for {what}")
            time.sleep(0.1)
        return found

    def wait_in(self, queue: str, number: str) -> Person:
        """Somebody waits in that queue."""
        person = self.network.call(queue_number(queue), number=number)
        self.until(
            lambda: any(
                row.get("CallerIDNum", "").endswith(number[-9:])
                for row in self.switch.waiting(queue)
            ),
            f"{number} to wait in {queue}",
        )
        return person

    def tell(self) -> None:
        """Print what happened in the calls since the last telling: pytest shows it when a
        test fails."""
        for person, watch in self._lines:
            print(f"\n{person}")
            for seen in watch.events():
                print(f"  {person.moment(seen.at):6.2f} {seen.data}")
        self._lines.clear()

    def branch(self, *, closed: bool = False) -> str:
        """The number of a branch nobody has called yet."""
        return next(self._closed if closed else self._open)

    # --- What must hold after every test -----------------------------------------------

    def assert_nothing_left_open(self, timeout: float = 12) -> None:
        """No channel, call, hold or recording is open on either side of the line."""
        self.network.wait_until_idle(timeout)
        deadline = time.monotonic() + timeout
        while open_things := self._open_things():
            if time.monotonic() > deadline:
                raise AssertionError(f"left open: {open_things}")
            time.sleep(0.1)

    def _open_things(self) -> Mapping[str, object]:
        with self.database.transaction() as session:
            calls = session.scalars(select(Call.id).where(Call.status != "ended")).all()
            held = session.scalar(
                select(func.count()).select_from(Appointment).where(Appointment.status == "held")
            )
            recordings = session.scalars(
                select(Recording.id).where(Recording.status == "recording")
            ).all()
        channels = [row["Channel"] for row in self.switch.channels()]
        found = {
            "channels": channels,
            "calls": list(calls),
            "held slots": held,
            "recordings": list(recordings),
        }
        return {name: value for name, value in found.items() if value}
