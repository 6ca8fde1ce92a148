"""Many patients phone at once and confirm their appointments by keys, every call recorded.

The same callers then play against a bare dialplan that says the same sounds, reads the same
keys and records in the same way: what it costs is the switch's own share, the limit.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from sqlalchemy import func, or_, select

from ivr.adapters.asterisk import config
from ivr.adapters.speech.audio import TELEPHONE_RATE, alaw_encode
from ivr.adapters.speech.engines import prompts
from ivr.bench import sipp
from ivr.bench.installation import PROGRAMS, Installation, free_ports
from ivr.calls.model import Call, StoredEvent
from ivr.calls.stream import EventStream
from ivr.clinic.agenda import Agenda
from ivr.clinic.directory import Directory
from ivr.clinic.patients import Patients
from ivr.clinic.schemas import SlotQuery
from ivr.clock import SystemClock
from ivr.config import settings
from ivr.database import Database
from ivr.errors import Unavailable
from ivr.recordings.model import Recording

CLINIC = "+34910000000"
BARE = "+34910009999"
"""The number the bare dialplan answers."""
BORN = date(1980, 5, 17)
SETTLE_S = 30.0
"""How long the last recordings may take to be sealed."""
THINKING_MS = 2500
"""What a caller takes before each answer."""
SCRIPT = (
    sipp.Press(8000, "1"),  # the call may be recorded: over the question, not before
    sipp.Press(THINKING_MS, "3"),  # my appointments
    sipp.Press(THINKING_MS, "[field1]", count=8),  # date of birth
    sipp.Press(5000, "1"),  # confirm it
    sipp.Press(5000, "2"),  # nothing else
)
"""``recepcion`` by keys, from the greeting to the goodbye."""


def run(calls: int = 100, rate: float = 5.0, folder: Path | None = None) -> dict[str, Any]:
    """Load a throwaway installation with ``calls`` calls at once, begun ``rate`` a second.

    Needs SIPp and the right to open raw sockets. CPU is in seconds of one core. Everything
    started is stopped, whatever happens.
    """
    sipp.find()
    with tempfile.TemporaryDirectory(prefix="auricula-bench-") as temporary:
        place = folder or Path(temporary)
        trunk, media = free_ports(1, 26000)[0], 40_000
        clinic = Installation(
            place,
            first_port=26010,
            trunk_contact=f"127.0.0.2:{trunk}",
            synthesizer="espeak",
            cache=settings().cache,
            log_level="WARNING",
        )
        try:
            callers = _prepare(clinic, calls)
            voice = _voice(place)

            def load(number: str, name: str) -> dict[str, Any]:
                before = _cpu(clinic)
                done = sipp.play(
                    place / name,
                    SCRIPT,
                    callers,
                    target=f"127.0.0.1:{clinic.settings.sip_port}",
                    number=number,
                    voice=voice,
                    sip_port=trunk,
                    media_port=media,
                    rate=rate,
                    timeout_s=180 + round(calls / rate),
                )
                spent = {part: round(at - before[part], 2) for part, at in _cpu(clinic).items()}
                return {
                    "successful": done.successful,
                    "failed": done.failed,
                    "most_at_once": done.most_at_once,
                    "seconds": round(done.seconds, 1),
                    "cpu_s": spent,
                    "errors": done.errors,
                }

            first = sipp.play(
                place / "first",
                SCRIPT,
                callers[:1],
                target=f"127.0.0.1:{clinic.settings.sip_port}",
                number=CLINIC,
                voice=voice,
                sip_port=trunk,
                media_port=media,
            )
            if first.failed or not first.successful:
                raise Unavailable(f"the first call already failed: {first.errors}")
            if _calls(clinic) != {"outcomes": {"completed": 1}, "recordings": {"sealed": 1}}:
                raise Unavailable(f"the first call did not go as its script: {_calls(clinic)}")
            _write_bare_dialplan(clinic)
            flow = load(CLINIC, "flow")
            flow["calls"] = _calls(clinic)
            bare = load(BARE, "bare")
            done = flow["calls"]["outcomes"].get("completed", 0) - 1  # the first call's
            return {
                "calls": calls,
                "rate_per_s": rate,
                "flow": flow,
                "bare_dialplan": bare,
                "target": {
                    "calls_that_went_as_their_script": calls,
                    "measured": done,
                    "reached": done == calls and not flow["failed"],
                },
            }
        finally:
            wrong = clinic.stop_all()
            Database(clinic.environment["DATABASE_URL"]).dispose()
            if wrong:
                raise Unavailable(f"the bench left something behind: {wrong}")


def _prepare(clinic: Installation, calls: int) -> list[tuple[str, str]]:
    """Demo clinic, one appointment for each caller, everything running."""
    clinic.run("demo", "--reset")
    database, clock = Database(clinic.environment["DATABASE_URL"]), SystemClock()
    stream = EventStream(database, clock)
    directory = Directory(database, clock)
    patients, agenda = Patients(database, clock, stream), Agenda(database, clock, stream, directory)
    callers = []
    slots = _free_slots(agenda, directory, calls)
    for index, slot in enumerate(slots):
        number = f"+34699{index:06d}"
        patient = patients.create_provisional("Prueba", f"Número {index}", number, BORN)
        held = agenda.hold(slot, call_id=None, seconds=600)
        agenda.book(held.id, patient_id=patient.id, call_id=None)
        callers.append((number, f"{BORN:%d%m%Y}"))
    clinic.configure()
    clinic.run("prompts")
    for name in PROGRAMS:
        clinic.start(name)
    return callers


def _free_slots(agenda: Agenda, directory: Directory, count: int) -> list[Any]:
    today = datetime.now(UTC).date()
    found: dict[tuple[int, datetime], Any] = {}
    for service in directory.services():
        for professional in directory.professionals(service.id):
            for slot in agenda.find_slots(
                SlotQuery(
                    service_id=service.id,
                    professional_id=professional.id,
                    date_from=today + timedelta(days=2),
                    limit=count,
                    spread=False,
                )
            ):
                taken = [
                    other
                    for other in found.values()
                    if other.professional_id == slot.professional_id
                    and other.starts_at < slot.ends_at
                    and slot.starts_at < other.ends_at
                ]
                if not taken:
                    found[slot.professional_id, slot.starts_at] = slot
                if len(found) == count:
                    return list(found.values())
    raise Unavailable(f"the demo clinic has {len(found)} free slots: ask for fewer calls")


def _voice(folder: Path) -> Path:
    """A minute of faint noise, A-law: what a line carries while somebody listens."""
    path = folder / "voice.al"
    noise = np.random.default_rng(1).normal(scale=0.002, size=60 * TELEPHONE_RATE)
    path.write_bytes(alaw_encode(noise).tobytes())
    return path


def _write_bare_dialplan(clinic: Installation) -> None:
    """The same sounds, keys and recording as the first call had, without the application."""
    database = Database(clinic.environment["DATABASE_URL"])
    with database.transaction() as session:
        call_id = session.scalar(select(Call.id).order_by(Call.started_at).limit(1))
        events = session.execute(
            select(StoredEvent.type, StoredEvent.data)
            .where(StoredEvent.call_id == call_id)
            .order_by(StoredEvent.call_seq)
        ).all()
    where = config.paths(clinic.settings)
    (where.local / "extensions.conf").write_text(
        "[from-trunk]\n" + "\n".join(_bare(events, clinic, where.monitor)) + "\n"
    )
    clinic.switch_command("module load app_read.so")  # the product has no use for it
    clinic.switch_command("dialplan reload")


def _bare(events: Sequence[Any], clinic: Installation, recordings: Path) -> list[str]:
    cache = prompts(clinic.settings)
    lines, sounds = [f"exten = {BARE},1,Answer()"], []
    for kind, data in events:
        match kind:
            case "prompt.said":
                sounds.append(str(cache.file(data["text"], "es-ES").with_suffix("")))
            case "recording.started":
                lines.append(f" same = n,MixMonitor({recordings}/${{UNIQUEID}}.wav)")
            case "turn.keys":
                keys = len(data["keys"])
                lines.append(f" same = n,Read(KEYS,{'&'.join(sounds)},{keys},,1,15)")
                sounds = []
    if sounds:
        lines.append(f" same = n,Playback({'&'.join(sounds)})")
    return [*lines, " same = n,Hangup()"]


def _cpu(clinic: Installation) -> Mapping[str, float]:
    """Seconds so far of the switch, of our processes, of PostgreSQL."""
    by_name = dict(clinic.cpu_seconds())
    switch = by_name.pop("asterisk")
    return {"asterisk": switch, "postgres": _postgres_cpu(clinic), **by_name}


def _postgres_cpu(clinic: Installation) -> float:
    pid = clinic.settings.var / "postgres" / "postmaster.pid"
    server = psutil.Process(int(pid.read_text().splitlines()[0]))
    total = 0.0
    for process in (server, *server.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
        if process is server:
            total += times.children_user + times.children_system
    return total


def _calls(clinic: Installation) -> dict[str, Any]:
    """What the product itself says of the calls, once it is done with them."""
    database = Database(clinic.environment["DATABASE_URL"])
    deadline = time.monotonic() + SETTLE_S
    with database.transaction() as session:
        unfinished = (
            select(Call.id)
            .outerjoin(Recording, Recording.call_id == Call.id)
            .where(or_(Call.status != "ended", Recording.status == "recording"))
            .limit(1)
        )
        while session.scalar(unfinished) and time.monotonic() < deadline:
            time.sleep(0.2)
        outcomes = session.execute(select(Call.outcome, func.count()).group_by(Call.outcome)).all()
        recordings = session.execute(
            select(Recording.status, func.count()).group_by(Recording.status)
        ).all()
    return {
        "outcomes": {str(outcome): count for outcome, count in outcomes},
        "recordings": {str(status): count for status, count in recordings},
    }
