"""How long callers wait for an answer over SIP, measured on their own RTP.

A throwaway installation is called by people who say prepared sentences, one at a time and
then eight at once. An answer takes from the last packet with the caller's voice to the
first one with the machine's. Some callers speak into a prompt: how soon does it stop?
Prompts are eSpeak's, which speaks in no time: a neural voice may take longer over a sentence
nobody has heard yet than all the rest.
"""

import statistics
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from ivr.adapters.speech.audio import for_telephone, read_wav, write_wav
from ivr.adapters.speech.catalogue import KOKORO
from ivr.adapters.speech.kokoro import Kokoro
from ivr.adapters.speech.models import install
from ivr.bench.installation import PROGRAMS, Installation, free_ports
from ivr.bench.sip_caller import Packet, SipCall, Trunk
from ivr.calls.model import StoredEvent
from ivr.calls.stream import EventStream
from ivr.clinic.model import Appointment
from ivr.clinic.patients import Patients
from ivr.clock import SystemClock
from ivr.config import settings
from ivr.database import Database
from ivr.ports import Samples

CLINIC = "+34910000000"
BORN = (
    (date(1982, 5, 17), "El diecisiete de mayo de mil novecientos ochenta y dos."),
    (date(1967, 10, 3), "Tres de octubre del sesenta y siete."),
    (date(1980, 5, 17), "El diecisiete de mayo de mil novecientos ochenta."),
    (date(1991, 2, 21), "Veintiuno de febrero de mil novecientos noventa y uno."),
)
"""Birth dates, each caller's the next; a year that ends in a ten may always go on."""
AT_ONCE = 8
ALONE = 4
"""Calls made one after the other."""
VOICES = ("ef_dora", "em_alex")
SHORT_KINDS = ("yesno", "digits", "time")
LIMITS = {
    "short_p50_ms": 500,
    "free_p50_ms": 700,
    "p95_ms": 900,
    "p95_of_8_at_once_ms": 1500,
    "cut_share": 0.02,
    "barge_in_ms": 150,
}
"""The limits of the specification; ``short``: yes and no, digits, times."""

SCRIPT = {
    "pide_grabacion": ("yesno", ("Sí, de acuerdo.", "No, gracias.")),
    "menu_principal": ("free", ("Quería pedir cita para una limpieza dental.",)),
    "menu_cerrado": ("free", ("Quería pedir cita para una limpieza dental.",)),
    "cita_servicio": ("free", ("Una limpieza dental.",)),
    "pide_fecha_nacimiento": ("digits", ()),
    "pide_fecha_nacimiento_otra_vez": ("digits", ()),
    "cita_preferencia": ("time", ("El jueves por la tarde.", "Mañana a las diez y media.")),
    "cita_preferencia_otra_vez": ("time", ("El martes a las cinco de la tarde.",)),
    "huecos_tres": ("free", ("La primera.", "La segunda, por favor.")),
    "huecos_dos": ("free", ("La primera.", "La segunda, por favor.")),
    "huecos_uno": ("yesno", ("Sí, me viene bien.",)),
    "cita_leer": ("yesno", ("No, mejor no.", "No, déjelo.")),
    "cambiar_hueco": ("yesno", ("No, déjelo.",)),
    "ha_dicho": ("yesno", ("Sí.",)),
    "algo_mas": ("free", ("¿Cuál es la dirección de la clínica?", "No, nada más, gracias.")),
}
"""What a caller says after each question, and of what kind it is; each time the next. Where
nothing is given, they say their birth date."""
_INTERRUPTED = frozenset({"menu_principal", "menu_cerrado", "algo_mas"})
_QUIET_S = 0.9
_INTO_PROMPT_S = 1.0
_WAIT_S = 12.0
_LONGEST_PROMPT_S = 35.0
_MOST_TURNS = 14


@dataclass(frozen=True)
class Answered:
    """One turn, in seconds. ``late`` is None when nothing came, ``stopped`` where the caller
    did not speak into a prompt."""

    kind: str
    question: str
    late: float | None
    cut: bool
    stopped: float | None


@dataclass
class Caller:
    """One patient on the telephone, who follows :data:`SCRIPT`."""

    call: SipCall
    database: Database
    voice: "Voice"
    born: str
    interrupts: bool
    turns: list[Answered] = field(default_factory=list)
    _seen: int = 0
    _asked: int = 0
    _said: dict[str, int] = field(default_factory=dict)

    def talk(self, most: int = _MOST_TURNS) -> list[Answered]:
        """The whole call, or its first ``most`` turns."""
        while len(self.turns) < most:
            question = self._question()
            if question is None:
                break
            turn = self._turn(question)
            self.turns.append(turn)
            if turn.late is None:
                break
        self.call.hang_up()
        return self.turns

    def _question(self) -> str | None:
        """The question asked now, heard to its end, or into its beginning by those who
        interrupt; None when the call is over or goes where no script leads."""
        deadline = time.monotonic() + _LONGEST_PROMPT_S
        question, asked_at = "", 0.0
        while not self.call.ended and time.monotonic() < deadline:
            latest = self._latest_prompt()
            if latest and latest != question:
                question, asked_at = latest, time.monotonic()
            quiet, waited = self.call.quiet_for(), time.monotonic() - asked_at
            begun = quiet < waited
            if question in SCRIPT and begun:
                interrupting = self.interrupts and question in _INTERRUPTED
                if quiet > _QUIET_S or (interrupting and quiet < 0.1 and waited > _INTO_PROMPT_S):
                    return question
            time.sleep(0.1)
        return None

    def _latest_prompt(self) -> str:
        calls = select(StoredEvent.call_id).where(
            StoredEvent.type == "call.started", StoredEvent.data["ani"].astext == self.call.number
        )
        query = (
            select(StoredEvent.call_seq, StoredEvent.data["key"].astext)
            .where(
                StoredEvent.call_id.in_(calls),
                StoredEvent.type == "prompt.said",
                StoredEvent.call_seq > self._seen,
            )
            .order_by(StoredEvent.call_seq.desc())
        )
        with self.database.transaction() as session:
            found = session.execute(query).first()
        if found:
            self._asked = int(found[0])
        return str(found[1]) if found else ""

    def _turn(self, question: str) -> Answered:
        self._seen = self._asked
        kind, sentences = SCRIPT[question]
        sentences = sentences or (self.born,)
        place = self._said.get(question, 0)
        self._said[question] = place + 1
        words = self.voice.says(sentences[min(place, len(sentences) - 1)])
        interrupting = self.call.quiet_for() < _QUIET_S / 2
        before = len(self.call.spoken)
        self.call.say(words)
        while self.call.speaking:
            time.sleep(0.01)
        time.sleep(0.03)
        own = [packet.at for packet in self.call.spoken[before:] if packet.loud]
        began, last = own[0], own[-1]
        first = self._first_sound(last)
        stopped = _stopped(self.call.heard, began) if interrupting else 0.0
        alone = began + stopped + 0.5
        return Answered(
            kind,
            question,
            None if first is None else first - last,
            any(packet.loud and alone < packet.at < last for packet in self.call.heard),
            stopped if interrupting else None,
        )

    def _first_sound(self, after: float) -> float | None:
        deadline = after + _WAIT_S
        while time.monotonic() < deadline and not self.call.ended:
            found = [p.at for p in self.call.heard[-200:] if p.loud and p.at > after]
            if found:
                return found[0]
            time.sleep(0.01)
        return None


def _stopped(heard: Sequence[Packet], began: float) -> float:
    """Seconds from the caller's first sound to the prompt's last."""
    last = began
    for packet in heard:
        if packet.loud and packet.at > began:
            if packet.at - last > 0.3:
                break
            last = packet.at
    return last - began


class Voice:
    """Says sentences as one person; each is rendered once and kept in ``folder``."""

    def __init__(self, kokoro: Kokoro, folder: Path, name: str) -> None:
        self._kokoro = kokoro
        self._folder = folder
        self._name = name

    def says(self, text: str) -> Samples:
        """The sentence at 8 kHz."""
        key = zlib.crc32(f"{self._kokoro.version}|{self._name}|{text}".encode())
        path = self._folder / f"latency-{key:08x}.wav"
        if not path.exists():
            spoken = self._kokoro.speak(text, language="es-ES", voice=self._name, speed=1.0)
            write_wav(path, for_telephone(spoken))
        return read_wav(path).samples


def run(limit: int = 0) -> dict[str, Any]:
    """Milliseconds by kind of answer, alone and with eight callers at once, cuts, and how
    soon prompts stop. ``limit``: only so many calls one after the other."""
    cache = settings().cache
    kokoro = Kokoro(install(KOKORO, cache))
    voices = [Voice(kokoro, cache / "callers", name) for name in VOICES]
    for voice in voices:
        for _, sentences in SCRIPT.values():
            for sentence in sentences:
                voice.says(sentence)
        for _, sentence in BORN:
            voice.says(sentence)
    with tempfile.TemporaryDirectory(prefix="auricula-bench-") as folder:
        port = free_ports(1, 26500)[0]
        clinic = Installation(
            Path(folder),
            first_port=26510,
            trunk_contact=f"127.0.0.2:{port}",
            cache=cache,
            synthesizer="espeak",
            log_level="WARNING",
        )
        try:
            result = _measured(clinic, port, voices, limit or ALONE)
        finally:
            wrong = clinic.stop_all()
            Database(clinic.environment["DATABASE_URL"]).dispose()
        return {**result, "not_ended_properly": wrong}


def _measured(
    clinic: Installation, port: int, voices: Sequence[Voice], alone: int
) -> dict[str, Any]:
    clinic.run("demo", "--reset")
    database, clock = Database(clinic.environment["DATABASE_URL"]), SystemClock()
    patients = Patients(database, clock, EventStream(database, clock))
    numbers = [f"+34698{index:06d}" for index in range(alone + AT_ONCE + 1)]
    for index, number in enumerate(numbers):
        born, _ = BORN[index % len(BORN)]
        patients.create_provisional("Prueba", f"Número {index}", number, born)
    booked = _booked(database)
    clinic.configure()
    clinic.run("prompts")
    for name in PROGRAMS:
        clinic.start(name)
    with Trunk("127.0.0.2", port, ("127.0.0.1", clinic.settings.sip_port)) as trunk:

        def calls(index: int, most: int = _MOST_TURNS) -> list[Answered]:
            call = trunk.call(numbers[index], CLINIC)
            voice, (_, born) = voices[index % len(voices)], BORN[index % len(BORN)]
            return Caller(call, database, voice, born, interrupts=index % 2 == 1).talk(most)

        calls(alone + AT_ONCE, most=2)  # the first call of all makes connections
        one = [turn for index in range(alone) for turn in calls(index)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            told = pool.map(calls, range(alone, alone + AT_ONCE))
            many = [turn for turns in told for turn in turns]
    return {
        "limits": LIMITS,
        "one_caller": _summary(one),
        "eight_callers": _summary(many),
        "met": _met(one, many),
        "booked_without_a_yes": _booked(database) - booked,
    }


def _booked(database: Database) -> int:
    with database.transaction() as session:
        taken = select(func.count()).where(Appointment.status == "booked")
        return int(session.scalar(taken) or 0)


def _summary(turns: Sequence[Answered]) -> dict[str, Any]:
    kinds = {name: [t for t in turns if t.kind == name] for name in (*SHORT_KINDS, "free")}
    kinds = {"short": [t for name in SHORT_KINDS for t in kinds[name]], **kinds}
    return {
        "turns": len(turns),
        "answer_ms": _spread(list(_late(turns)))
        | {name: _spread(list(_late(of_kind))) for name, of_kind in kinds.items()},
        "never_answered": [turn.question for turn in turns if turn.late is None],
        "cut_too_early": sum(turn.cut for turn in turns),
        "barge_in_ms": _spread([t.stopped for t in turns if t.stopped is not None]),
        "slowest": [
            {"question": turn.question, "ms": round(1000 * late)}
            for late, turn in sorted(
                ((t.late, t) for t in turns if t.late is not None), key=lambda pair: -pair[0]
            )[:5]
        ],
    }


def _met(one: Sequence[Answered], many: Sequence[Answered]) -> dict[str, bool]:
    short = _spread(list(_late([t for t in one if t.kind in SHORT_KINDS])))
    free = _spread(list(_late([t for t in one if t.kind == "free"])))
    stopped = _spread([t.stopped for t in one if t.stopped is not None])
    every = [*one, *many]
    return {
        "short_p50_ms": short.get("p50", 0) <= LIMITS["short_p50_ms"],
        "free_p50_ms": free.get("p50", 0) <= LIMITS["free_p50_ms"],
        "p95_ms": _spread(list(_late(one))).get("p95", 0) <= LIMITS["p95_ms"],
        "p95_of_8_at_once_ms": _spread(list(_late(many))).get("p95", 0)
        <= LIMITS["p95_of_8_at_once_ms"],
        "cut_share": sum(t.cut for t in every) <= LIMITS["cut_share"] * len(every),
        "barge_in_ms": stopped.get("p50", 0) <= LIMITS["barge_in_ms"],
    }


def _late(turns: Sequence[Answered]) -> Iterator[float]:
    return (turn.late for turn in turns if turn.late is not None)


def _spread(seconds: Sequence[float]) -> dict[str, Any]:
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles((1000 * each for each in seconds), n=20, method="inclusive")
    return {"turns": len(seconds), "p50": round(cuts[9]), "p95": round(cuts[18])}
