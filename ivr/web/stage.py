"""A busy morning at the demo clinic, played into the event stream.

For screenshots and for trying the console without a switch. Everything goes through the
same services as real calls do; nothing here knows about screens.
"""

import io
import time
import wave
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import func, select

from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clinic.agenda import Agenda
from ivr.clinic.model import Appointment, Branch, Patient, PatientPhone
from ivr.clinic.schemas import Slot, SlotQuery
from ivr.consent.ledger import Ledger
from ivr.database import Database
from ivr.flow import events as e
from ivr.flow.events import Outcome
from ivr.recordings.store import RecordingStore
from ivr.tickets.service import Tickets

WORDING = "es-ES/grabacion/1"
RATE = 8000


class StageClock:
    """Runs on from a chosen moment; can be set back to tell what happened before."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._began = time.monotonic()
        self._told: datetime | None = None

    def now(self) -> datetime:
        """The moment on stage."""
        if self._told is not None:
            return self._told
        return self._start + timedelta(seconds=time.monotonic() - self._began)

    def tell(self, moment: datetime | None) -> None:
        """What follows happened at ``moment``; None: it happens now."""
        self._told = moment


@dataclass(frozen=True)
class Person:
    """A made-up patient with the number they call from."""

    id: int
    name: str
    number: str


def say(text: str, key: str = "") -> e.PromptSaid:
    """The clinic speaks."""
    return e.PromptSaid(text=text, key=key)


def hear(text: str, confidence: float = 0.94) -> e.TurnHeard:
    """The caller speaks."""
    return e.TurnHeard(text=text, confidence=confidence)


def meant(intent: str) -> e.TurnUnderstood:
    """The caller's words were taken for an intent."""
    return e.TurnUnderstood(kind="intent", value={"intent": intent, "slots": {}}, confidence=0.95)


def step(name: str, verb: str = "do") -> e.StepEntered:
    """The flow goes on."""
    return e.StepEntered(step=name, verb=verb)


GREETING = [
    e.CallAnswered(),
    step("bienvenida", "say"),
    say(
        "Clínica Aurora, buenos días. Soy el asistente automático de la clínica.",
        "bienvenida",
    ),
    step("grabacion", "menu"),
    say("¿Nos permite grabar la llamada para mejorar el servicio? Diga sí o no."),
]
YES = [
    hear("Sí, sin problema"),
    e.ConsentDecided(purpose="recording", decision="granted", how="voice", wording_version=WORDING),
]
MENU = [
    step("menu", "menu"),
    say("¿En qué puedo ayudarle? Puede decirme, por ejemplo, quiero pedir cita."),
]


class Stage:
    """Plays calls into the database of the demo clinic."""

    def __init__(self, database: Database, clock: StageClock, recordings: RecordingStore) -> None:
        self.database = database
        self.clock = clock
        self.recordings = recordings
        self.stream = EventStream(database, clock)
        self.log = CallLog(database, clock, self.stream)
        self.agenda = Agenda(database, clock, self.stream)
        self.ledger = Ledger(database, clock, self.stream)
        self.tickets = Tickets(database, clock, self.stream)
        with database.transaction() as session:
            branch = session.scalars(select(Branch).order_by(Branch.id).limit(1)).one()
        self.branch = branch
        self.people, self.family = self._cast()
        self.talking = ""
        """The call that an agent is in, once :meth:`live` has been played."""

    def _cast(self) -> tuple[list[Person], str]:
        with self.database.transaction() as session:
            rows = session.execute(
                select(Patient, PatientPhone.number)
                .join(PatientPhone)
                .where(Patient.home_branch_id == self.branch.id, Patient.birth_date.is_not(None))
                .order_by(Patient.id)
            )
            cast = [Person(patient.id, patient.full_name, number) for patient, number in rows]
            booked = set(
                session.scalars(
                    select(Appointment.patient_id).where(
                        Appointment.status.in_(("booked", "confirmed")),
                        func.lower(Appointment.during) > self.clock.now(),
                    )
                )
            )
        numbers = [person.number for person in cast]
        shared = next((n for n in numbers if numbers.count(n) > 2), numbers[0])
        alone = [p for p in cast if numbers.count(p.number) == 1]
        return sorted(alone, key=lambda p: p.id not in booked), shared

    # --- One call ----------------------------------------------------------------------

    def begin(
        self, number: str, *, ago: float, direction: str = "inbound", flow: str = "recepcion"
    ) -> str:
        """A call that reached the clinic ``ago`` seconds ago."""
        self.clock.tell(None)
        self.clock.tell(self.clock.now() - timedelta(seconds=ago))
        started = e.CallStarted.model_validate(
            {
                "direction": direction,
                "flow": flow,
                "flow_version": "1",
                "language": "es-ES",
                "ani": number,
                "dnis": self.branch.phone,
            }
        )
        return self.log.start(started, branch_id=self.branch.id)

    def play(self, call_id: str, events: Iterable[e.EventBase], pace: float = 3.0) -> None:
        """Events of a call, ``pace`` seconds apart; for the consent the ledger is used."""
        for event in events:
            self.clock.tell(self.clock.now() + timedelta(seconds=pace))
            if isinstance(event, e.ConsentDecided):
                self.ledger.record(
                    purpose=event.purpose,
                    decision=event.decision,
                    how=event.how,
                    wording_version=event.wording_version,
                    call_id=call_id,
                )
            else:
                self.log.append(call_id, event)

    def end(self, call_id: str, outcome: Outcome) -> None:
        """The call is over."""
        self.clock.tell(self.clock.now() + timedelta(seconds=2))
        self.log.finish(call_id, outcome)
        self.clock.tell(None)

    def record(self, call_id: str, seconds: float) -> None:
        """Seal a recording of the call, resting on its consent."""
        with self.database.transaction() as session:
            from ivr.consent.model import Consent

            consent = session.scalars(
                select(Consent.id).where(Consent.call_id == call_id, Consent.decision == "granted")
            ).one()
        recording = self.recordings.begin(call_id, consent)
        self.recordings.spool.mkdir(parents=True, exist_ok=True)
        (self.recordings.spool / recording.file_name).write_bytes(murmur(seconds))
        self.recordings.seal(recording.id)

    # --- The morning -------------------------------------------------------------------

    def past(self) -> None:
        """Calls of the last hours, of each kind the log can show."""
        patients = self.people
        one = self.begin(patients[5].number, ago=2100)
        self.play(one, [*GREETING, *YES, *MENU, hear("Quería pedir cita para una limpieza")])
        self.play(one, [meant("book"), step("pedir_cita")])
        self.play(
            one,
            [
                say("Para confirmar quién es, dígame su fecha de nacimiento."),
                hear("El tres de mayo del ochenta y siete", 0.88),
                e.PatientIdentified(patient_id=patients[5].id, how="phone_and_birth_date"),
                say("Gracias. ¿Qué día le viene bien?"),
                hear("El jueves por la tarde, a partir de las cinco"),
                say("Tengo el jueves a las cinco y cuarto con la doctora Ferrer. ¿La reservo?"),
                hear("Perfecto, sí"),
                e.TurnUnderstood(kind="yesno", value=True),
                say("Hecho. Su localizador es el 4 8 1 7. Que tenga un buen día.", "despedida"),
            ],
        )
        self.record(one, 74)
        self.end(one, "completed")

        two = self.begin(patients[6].number, ago=3600)
        self.play(two, [*GREETING, e.TurnSilent(), *MENU, e.TurnKeys(keys="0")])
        self.play(
            two,
            [
                e.PersonRequested(how="key"),
                e.QueueJoined(queue="recepcion", position=1),
                e.AgentRinging(agent="lucia"),
                e.QueueLeft(queue="recepcion", reason="connected", waited_s=9),
                e.AgentConnected(agent="lucia"),
                e.PatientIdentified(patient_id=patients[6].id, how="agent"),
            ],
        )
        self.clock.tell(self.clock.now() + timedelta(seconds=140))
        self.play(two, [e.AgentDisconnected(agent="lucia", talked_s=140)])
        self.end(two, "transferred")

        three = self.begin("+34600111222", ago=5400)
        self.play(
            three, [*GREETING, e.TurnKeys(keys="2"), *MENU, hear("¿Cuánto cuesta un implante?")]
        )
        self.play(three, [meant("price"), e.QueueJoined(queue="recepcion", position=3)])
        self.end(three, "abandoned")

        four = self.begin("", ago=6900)
        self.play(four, [*GREETING, *MENU, e.TurnSilent(noise=True), e.TurnSilent()])
        self.play(four, [e.MessageLeft(duration_s=21.5)])
        self.end(four, "voicemail")
        self.tickets.open(
            "voicemail",
            summary="Mensaje de 21 segundos en el buzón",
            call_id=four,
            branch_id=self.branch.id,
        )

        five = self.begin(patients[7].number, ago=8300, direction="outbound", flow="recordatorio")
        self.play(
            five,
            [
                e.CallAnswered(),
                say("Le llamamos de Clínica Aurora para recordarle su cita de mañana."),
                e.PatientIdentified(patient_id=patients[7].id, how="phone_and_birth_date"),
                e.TurnKeys(keys="1"),
            ],
        )
        self.end(five, "completed")
        self.clock.tell(self.clock.now() - timedelta(hours=30))
        self.tickets.open(
            "callback",
            summary="Pide que le llamen por el presupuesto de ortodoncia",
            number=patients[8].number,
            patient_id=patients[8].id,
            branch_id=self.branch.id,
        )
        self.clock.tell(None)
        self.tickets.open(
            "complaint",
            summary="Esperó cuarenta minutos en su última visita y quiere hablar con dirección",
            number=patients[6].number,
            patient_id=patients[6].id,
            call_id=two,
            branch_id=self.branch.id,
        )
        self.tickets.open(
            "late",
            summary="Llegará unos quince minutos tarde a su cita de hoy",
            number=patients[5].number,
            patient_id=patients[5].id,
            branch_id=self.branch.id,
        )

    def live(self) -> str:
        """Calls going on right now; returns the one worth looking at."""
        patients = self.people
        talking = self.begin(patients[2].number, ago=212)
        self.play(talking, [*GREETING, *YES, *MENU, hear("Necesito anular la cita del lunes")], 2)
        self.play(
            talking,
            [
                meant("cancel"),
                e.PatientIdentified(patient_id=patients[2].id, how="phone_and_birth_date"),
                e.PersonRequested(how="voice"),
                e.QueueJoined(queue="recepcion", position=1),
                e.QueueLeft(queue="recepcion", reason="connected", waited_s=11),
                e.AgentConnected(agent="lucia"),
            ],
            2,
        )
        waiting = self.begin(patients[3].number, ago=86)
        self.play(
            waiting,
            [
                *GREETING,
                hear("Sí, pero mire, tengo la cara muy hinchada y me duele muchísimo", 0.9),
                e.RedFlagHeard(level="today", text="tengo la cara muy hinchada"),
                e.PatientIdentified(patient_id=patients[3].id, how="phone_and_birth_date"),
                say("Le paso ahora mismo con una persona. Es usted el siguiente."),
                e.Transferred(kind="queue", name="recepcion", priority=10),
                e.QueueJoined(queue="recepcion", position=1, priority=10),
            ],
            2,
        )
        family = self.begin(self.family, ago=34)
        self.play(
            family,
            [
                *GREETING,
                hear("No"),
                e.ConsentDecided(
                    purpose="recording", decision="refused", how="voice", wording_version=WORDING
                ),
                *MENU,
                e.TurnKeys(keys="1"),
                step("pedir_cita"),
            ],
            2,
        )
        self.talking = talking
        main = self.begin(patients[0].number, ago=64)
        self.play(main, [*GREETING, *YES], 2)
        self.clock.tell(None)
        self.play(main, [], 0)
        self._recorded(main)
        self.clock.tell(self.clock.now() - timedelta(seconds=36))
        self.play(
            main,
            [
                *MENU,
                hear("Hola, quería cambiar la cita que tengo con la doctora para otro día"),
                meant("move"),
                step("mis_citas"),
                say("Claro. Para confirmar quién es, dígame su fecha de nacimiento."),
                hear("El veintiuno de junio del setenta y nueve", 0.71),
                e.PatientIdentified(patient_id=patients[0].id, how="phone_and_birth_date"),
                say("Gracias. ¿Qué día le vendría bien?"),
                hear("La semana que viene, cualquier tarde"),
                e.ActionStarted(action="book_appointment"),
            ],
            3,
        )
        self.clock.tell(None)
        return main

    def _recorded(self, call_id: str) -> None:
        self.clock.tell(self.clock.now() - timedelta(seconds=40))
        self.log.append(call_id, e.RecordingStarted(recording_id="stage"))

    def hold_slot(self, call_id: str) -> Slot | None:
        """A free slot of today, held for the caller on the line."""
        day = self.clock.now().date()
        for service in range(1, 6):
            slots = self.agenda.find_slots(
                SlotQuery(service_id=service, branch_id=self.branch.id, date_from=day, date_to=day)
            )
            if slots:
                self.agenda.hold(slots[0], call_id=call_id)
                return slots[0]
        return None


def murmur(seconds: float) -> bytes:
    """A WAV file with the rise and fall of two people talking, without words."""
    dice = np.random.default_rng(4)
    count = int(seconds * RATE)
    at = np.arange(count) / RATE
    turns = np.repeat(dice.uniform(0.05, 1.0, int(seconds / 2.4) + 1), int(2.4 * RATE))[:count]
    syllables = np.clip(np.sin(2 * np.pi * 3.7 * at + np.sin(at)), 0, 1)
    voice = np.sin(2 * np.pi * (130 + 40 * (turns > 0.5)) * at) + 0.4 * dice.standard_normal(count)
    sound = (voice * syllables * turns * 5000).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(sound.tobytes())
    return file.getvalue()
