"""From the switch's word to the agent's screen: how late the page is.

A real Asterisk takes ten calls a second, each asks for a person and is answered at one of the
queue's desk phones, over SIP; a million patients are on file, and those who call are among them.
What the switch says on the manager's wire is noted by a manager session of the benchmark's own,
what arrives at a console by that console. The page is shown the same messages at the same intervals
afterwards, so that it and the server have the machine to themselves, as each has one of its own in
a clinic; an observer of its DOM notes what it shows. In a last round the page follows the server
itself and shares its machine. The limit is 50 ms at p99, from the wire to the page.

Ten a second is what is measured, not how many talk at once: calls are short, and callers' phones
send nothing while they are silent, so that carrying sound does not fill the machine.
"""

import contextlib
import random
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time as hour
from pathlib import Path
from typing import Any

import psutil

from ivr.adapters.asterisk.ami_packets import Splitter, parse
from ivr.bench import consoles, search, sipp, throwaway
from ivr.bench.calls import CLINIC
from ivr.bench.installation import Installation, free_ports
from ivr.config import settings
from ivr.errors import Unavailable

PATIENTS = 1_000_000
CALLS, RATE = 300, 10.0
CONSOLES = 50
LIMIT_MS = 50.0
PEOPLE = 90
"""Who answer at reception, so that nobody waits for long."""
FIRST_FILE = 10_000
"""The demo clinic's own patients come before."""
PHONES = "127.0.0.3"
"""Where theirs are."""
RINGS_MS, TALKS_MS = 500, 1000
_PHONE = """
[{name}]
type = endpoint
transport = udp
disallow = all
allow = alaw
aors = {name}
direct_media = no
device_state_busy_at = 1

[{name}]
type = aor
contact = sip:{name}@{address}:{port}
"""


@dataclass
class Wire:
    """What a manager session heard, with the moment it came (epoch milliseconds)."""

    port: int
    secret: str
    joined: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def open(self) -> Iterator["Wire"]:
        """Log in, staff reception, listen in a thread until left."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as line:
            line.settimeout(None)
            self._send(line, "Login", Username="bench", Secret=self.secret)
            for number in range(PEOPLE):
                self._send(line, "QueueAdd", Queue="recepcion", Interface=f"PJSIP/{_phone(number)}")
            reader = threading.Thread(target=self._read, args=(line,), daemon=True)
            reader.start()
            try:
                yield self
            finally:
                line.shutdown(socket.SHUT_RDWR)
                reader.join(5)

    @staticmethod
    def _send(line: socket.socket, action: str, **fields: str) -> None:
        lines = [f"Action: {action}", *(f"{name}: {value}" for name, value in fields.items())]
        line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def _read(self, line: socket.socket) -> None:
        splitter = Splitter()
        while data := line.recv(1 << 16):
            now = time.time() * 1000
            for raw in splitter.feed(data):
                packet = parse(raw)
                number = packet.get("CallerIDNum", "")
                if packet.get("Event") == "QueueCallerJoin":
                    self.joined.setdefault(number, now)
                elif packet.get("Event") == "AgentConnect":
                    self.answered.setdefault(number, now)
                elif packet.get("Event") == "Hangup" and "/trunk-" in packet.get("Channel", ""):
                    self.ended.setdefault(number, now)


def run(patients: int = PATIENTS, calls: int = CALLS, rate: float = RATE) -> dict[str, Any]:
    """Milliseconds from the wire to the DOM with one console, with fifty, with fifty of which
    one has stopped reading, and with fifty of which one is the page on this machine. Needs SIPp
    and Chromium."""
    sipp.find()
    with tempfile.TemporaryDirectory(prefix="auricula-bench-") as temporary:
        place = Path(temporary)
        with throwaway.postgres(place / "postgres", search.SERVER) as url:
            _fill(url, patients)
            return {
                "patients": patients,
                "calls_per_s": rate,
                "limit_p99_ms": LIMIT_MS,
                **_on_the_switch(place, url, calls, rate),
            }


def _fill(url: str, patients: int) -> None:
    """The demo clinic, open round the clock and without recording, and many more files."""
    from sqlalchemy import delete, select

    from ivr.agents.service import Accounts
    from ivr.clinic import demo
    from ivr.clinic.model import Branch, Clinic, OpeningHours
    from ivr.clock import SystemClock
    from ivr.database import Database
    from ivr.migrations import migrate

    migrate(url)
    database, clock = Database(url), SystemClock()
    demo.make(database, clock)
    Accounts(database, clock).create(
        "bench", consoles.PASSWORD, name="Marta Sanz", role="supervisor"
    )
    with database.transaction() as session:
        clinic = session.scalars(select(Clinic)).one()
        clinic.settings = {**clinic.settings, "record_calls": False}
        session.execute(delete(OpeningHours))
        for branch in session.scalars(select(Branch.id)):
            session.add_all(
                OpeningHours(
                    branch_id=branch, weekday=weekday, opens=hour(0), closes=hour(23, 59, 59)
                )
                for weekday in range(7)
            )
    database.dispose()
    search.fill(url, patients, random.Random(20261122), first=FIRST_FILE)


def _on_the_switch(place: Path, url: str, calls: int, rate: float) -> dict[str, Any]:
    from ivr.adapters.asterisk import config

    trunk, phones = free_ports(2, 25000)
    clinic = Installation(
        place,
        first_port=25010,
        database_url=url,
        trunk_contact=f"127.0.0.2:{trunk}",
        synthesizer="espeak",
        cache=settings().cache,
        log_level="WARNING",
    )
    secret = secrets.token_hex(16)
    where = config.paths(clinic.settings)
    clinic.configure()
    (where.local / "pjsip.conf").write_text(
        "".join(phone_of(_phone(number), phones) for number in range(PEOPLE))
    )
    (where.local / "manager.conf").write_text(
        f"[bench]\nsecret = {secret}\nread = call,agent\nwrite = agent\n"
        "eventfilter(name(QueueCallerJoin)) =\neventfilter(name(AgentConnect)) =\n"
        "eventfilter(name(Hangup)) =\n"
        "deny = 0.0.0.0/0.0.0.0\npermit = 127.0.0.1/255.255.255.255\n"
    )
    clinic.run("prompts")
    people = sipp.phones(
        place / "phones",
        address=PHONES,
        sip_port=phones,
        media_port=50_000,
        rings_ms=RINGS_MS,
        talks_ms=TALKS_MS,
    )
    try:
        for name in ("asterisk", "serve", "web", "watchdog"):
            clinic.start(name)
        round_of = _Rounds(clinic, place, trunk, rate, secret)
        numbers = _numbers(url, 5 * calls)
        with people:
            round_of("warm_up", numbers[:calls], 1)
            return {
                "one_console": round_of("one", numbers[calls : 2 * calls], 1),
                "fifty_consoles": round_of("fifty", numbers[2 * calls : 3 * calls], CONSOLES),
                "fifty_and_one_stalled": round_of(
                    "stalled", numbers[3 * calls : 4 * calls], CONSOLES, stalled=True
                ),
                "fifty_and_the_page_on_this_machine": round_of(
                    "beside", numbers[4 * calls :], CONSOLES, beside=True
                ),
            }
    finally:
        wrong = clinic.stop_all()
        if wrong:
            raise Unavailable(f"the bench left something behind: {wrong}")


@dataclass
class _Rounds:
    clinic: Installation
    place: Path
    trunk: int
    rate: float
    secret: str

    def __call__(
        self,
        name: str,
        numbers: list[str],
        screens: int,
        *,
        stalled: bool = False,
        beside: bool = False,
    ) -> dict[str, Any]:
        """``beside``: the page is one of the consoles, and does not see it all again."""
        options = self.clinic.settings
        address = f"http://127.0.0.1:{options.http_port}"
        cookie = consoles.logged_in(address)
        page: contextlib.AbstractContextManager[consoles.Seen]
        page = consoles.watching(address) if beside else contextlib.nullcontext({})
        with (
            Wire(options.ami_port, self.secret).open() as wire,
            consoles.receiving(options.http_port, cookie) as kept,
            consoles.others(options.http_port, cookie, screens - 1 - beside, stalled=stalled),
            page as seen_here,
        ):
            used, began, busy = self.clinic.cpu_seconds(), time.monotonic(), _busy_seconds()
            done = sipp.play(
                self.place / name,
                (sipp.Press(1000, "0"),),
                [(number,) for number in numbers],
                target=f"127.0.0.1:{options.sip_port}",
                number=CLINIC,
                voice=None,
                sip_port=self.trunk,
                media_port=45_000,
                rate=self.rate,
                timeout_s=120,
            )
            lasted, busy = time.monotonic() - began, _busy_seconds() - busy
            spent = {
                name: round(seconds - used[name], 1)
                for name, seconds in self.clinic.cpu_seconds().items()
            }
        if len(wire.joined) < len(numbers) * 0.9:
            raise Unavailable(
                f"only {len(wire.joined)} of {len(numbers)} callers reached the queue: "
                f"{done.errors}"
            )
        calls = _calls(self.clinic.environment["DATABASE_URL"], numbers)
        shown = seen_here if beside else consoles.replay(address, kept)
        times = {"arrived": kept.arrived(), "shown": shown}
        told = (
            ("waits", wire.joined, "queued"),
            ("answers", wire.answered, "talking"),
            ("ends", wire.ended, "ended"),
        )
        return {
            "calls_failed": done.failed,
            **{
                f"{what}_{how}": _late(at, {n: seen.get(c, {}) for n, c in calls.items()}, status)
                for what, at, status in told
                for how, seen in times.items()
            },
            "cpu_s": spent,
            "machine_busy_share": round(busy / lasted / (psutil.cpu_count() or 1), 2),
        }


def phone_of(name: str, port: int) -> str:
    """A desk phone at :data:`PHONES`, for ``pjsip.conf``."""
    return _PHONE.format(name=name, address=PHONES, port=port)


def _phone(number: int) -> str:
    return f"desk-{number:02}"


def _busy_seconds() -> float:
    """Processor time of the whole machine, with SIPp, Chromium and the other consoles."""
    spent = psutil.cpu_times()
    return float(spent.user + spent.nice + spent.system)


def _numbers(url: str, count: int) -> list[str]:
    """Numbers of so many of the patients on file."""
    from sqlalchemy import select

    from ivr.clinic.model import PatientPhone
    from ivr.database import Database

    database = Database(url)
    with database.transaction() as session:
        known = select(PatientPhone.number).where(PatientPhone.patient_id >= FIRST_FILE)
        found = list(session.scalars(known.order_by(PatientPhone.patient_id).limit(count)))
    database.dispose()
    return found


def _calls(url: str, numbers: list[str]) -> dict[str, str]:
    """The conversation of each number."""
    from sqlalchemy import select

    from ivr.calls.model import Call
    from ivr.database import Database

    database = Database(url)
    with database.transaction() as session:
        rows = session.execute(select(Call.ani, Call.id).where(Call.ani.in_(numbers))).all()
    database.dispose()
    return {ani: call for ani, call in rows}


def _late(wire: dict[str, float], seen: consoles.Seen, what: str) -> dict[str, Any]:
    late = sorted(seen[n][what] - at for n, at in wire.items() if what in seen.get(n, {}))
    if not late:
        return {"seen": 0, "never_seen": len(wire)}
    return {
        "seen": len(late),
        "never_seen": len(wire) - len(late),
        "p50_ms": round(late[len(late) // 2], 1),
        "p99_ms": round(late[min(len(late) - 1, int(len(late) * 0.99))], 1),
        "most_ms": round(late[-1], 1),
    }
