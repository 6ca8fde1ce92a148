"""A reception at work on stage: agents in every state, a line, a week of calls behind them."""

import random
from datetime import timedelta

from ivr.agents.dispositions import Dispositions
from ivr.agents.model import CallDisposition
from ivr.agents.service import Accounts
from ivr.agents.states import States
from ivr.database import Database
from ivr.flow import events as e
from ivr.queues.model import KeptPlace
from ivr.queues.service import Queues
from ivr.web.stage import GREETING, Stage, StageClock

PEOPLE = (
    ("lucia", "Lucía Prieto"),
    ("oscar", "Óscar Peral"),
    ("nuria", "Nuria Campos"),
    ("ines", "Inés Roldán"),
    ("tomas", "Tomás Aguirre"),
    ("carmen", "Carmen Ibarra"),
)
RECEPCION, TREATMENTS = "recepcion", "tratamientos"
CODES = ("booked", "booked", "moved", "informed", "quote", "pending", "complaint")


class QuietSwitch:
    """Takes every order and does nothing: on stage no phone rings."""

    def sign_on(
        self,
        agent: str,
        queue: str,
        *,
        penalty: int = 0,
        paused: bool = False,
        reason: str = "",
    ) -> None:
        """Nothing."""

    def sign_off(self, agent: str, queue: str) -> None:
        """Nothing."""

    def pause(self, agent: str, reason: str) -> None:
        """Nothing."""

    def resume(self, agent: str) -> None:
        """Nothing."""

    def move_up(self, queue: str, channel: str, priority: int) -> None:
        """Nothing."""


class DeskStage:
    """Plays a reception into the demo clinic's database."""

    def __init__(self, stage: Stage, password: str) -> None:
        self._stage = stage
        self._clock: StageClock = stage.clock
        database: Database = stage.database
        accounts = Accounts(database, stage.clock)
        queues = Queues(database)
        self._states = States(database, stage.clock, stage.stream, QuietSwitch(), queues.of)
        self._dispositions = Dispositions(database, stage.clock, stage.stream)
        self._dice = random.Random(7)
        self._users = {user.username: user.id for user in accounts.users()}
        for username, name in PEOPLE:
            if username not in self._users:
                user = accounts.create(username, password, name=name, role="agent", branch_id=1)
                self._users[username] = user.id
        for level, (username, _) in enumerate(PEOPLE, start=1):
            queues.set_skill(RECEPCION, username, min(level, 3))
            if level % 2:
                queues.set_skill(TREATMENTS, username, 4 - min(level, 3))

    def week(self) -> None:
        """Five working days of calls and shifts, and this morning's."""
        for days in (7, 6, 5, 2, 1, 0):
            for username, _ in PEOPLE:
                self._shift(username, days)
            for _ in range(9):
                self._given_up(days)

    def kept_place(self, ago: int = 640) -> None:
        """Somebody hung up in the queue to be called back."""
        stage, person = self._stage, self._stage.people[9]
        call = stage.begin(person.number, ago=ago)
        known = e.PatientIdentified(patient_id=person.id, how="phone_and_birth_date")
        stage.play(call, [*GREETING, known, e.QueueJoined(queue=RECEPCION, position=4)])
        stage.play(call, [e.PlaceKept(queue=RECEPCION)])
        stage.end(call, "callback")
        now = self._clock.now()
        with stage.database.transaction() as session:
            session.add(
                KeptPlace(
                    queue=RECEPCION,
                    number=person.number,
                    call_id=call,
                    waiting_since=now - timedelta(seconds=ago),
                    next_at=now,
                    created_at=now,
                )
            )

    def now(self, talking: str) -> None:
        """Everybody's state at this moment; ``talking`` is the call Lucía is in."""
        states = self._states
        for seconds, username, signal, call in (
            (120, "lucia", "talking", talking),
            (14, "oscar", "ringing", ""),
        ):
            self._at(seconds)
            states.heard(username, signal, call)  # type: ignore[arg-type]
        self._at(96)
        states.heard("ines", "talking", talking)
        self._at(21)
        states.heard("ines", "talked", talking)
        self._at(20 * 60)
        states.want("tomas", "paused", "break")
        self._at(190)
        states.command(
            "carmen", "paused", "paperwork", by="supervision", note="Ayude en el mostrador"
        )
        self._clock.tell(None)

    def line(self) -> None:
        """Some who wait."""
        people = self._stage.people
        for number, ago, queue in (
            (people[9].number, 154, RECEPCION),
            (people[10].number, 71, TREATMENTS),
            ("+34600111333", 23, RECEPCION),
        ):
            call = self._stage.begin(number, ago=ago)
            self._stage.play(call, [e.QueueJoined(queue=queue, position=1)], 0)
        self._clock.tell(None)

    def _at(self, seconds_ago: float) -> None:
        self._clock.tell(None)
        self._clock.tell(self._clock.now() - timedelta(seconds=seconds_ago))

    def _pass(self, seconds: float) -> None:
        self._clock.tell(self._clock.now() + timedelta(seconds=seconds))

    def _shift(self, username: str, days: int) -> None:
        """One agent's day: 09:00 to 15:00 local, or until now."""
        dice = self._dice
        self._clock.tell(None)
        now = self._clock.now()
        begin = now - timedelta(days=days, minutes=95)
        end = now - timedelta(minutes=25) if days == 0 else begin + timedelta(hours=6)
        self._clock.tell(begin)
        self._states.want(username, "available")
        while self._clock.now() < end:
            self._pass(dice.randint(60, 1500))
            if dice.random() < 0.1:
                self._states.want(username, "paused", dice.choice(["break", "paperwork"]))
                self._pass(dice.randint(200, 900))
                self._states.want(username, "available")
            else:
                self._conversation(username)
        if days:
            self._states.want(username, "off")
        self._clock.tell(None)

    def _conversation(self, username: str) -> None:
        dice, stage, states = self._dice, self._stage, self._states
        queue = TREATMENTS if dice.random() < 0.25 else RECEPCION
        call = self._waits(queue)
        waited = max(2.0, dice.gauss(13, 9))
        self._pass(waited)
        stage.log.append(call, e.AgentRinging(agent=username))
        states.heard(username, "ringing", call)
        self._pass(5)
        stage.log.append(call, e.QueueLeft(queue=queue, reason="connected", waited_s=waited + 5))
        stage.log.append(call, e.AgentConnected(agent=username))
        states.heard(username, "talking", call)
        talk = dice.randint(50, 420)
        self._pass(talk)
        stage.log.append(call, e.AgentDisconnected(agent=username, talked_s=talk))
        states.heard(username, "talked", call)
        stage.log.finish(call, "transferred")
        self._pass(dice.randint(8, 44))
        if dice.random() < 0.95:
            with stage.database.transaction() as session:
                session.add(
                    CallDisposition(
                        call_id=call,
                        user_id=self._users[username],
                        code=dice.choice(CODES),
                        at=self._clock.now(),
                    )
                )
            states.wrapped_up(username)
        else:
            self._pass(45)
            states.expire()

    def _waits(self, queue: str) -> str:
        """One of the patients calls, and waits in ``queue``."""
        stage = self._stage
        started = e.CallStarted(
            direction="inbound",
            flow="recepcion",
            flow_version="1",
            language="es-ES",
            ani=self._dice.choice(stage.people).number,
            dnis=stage.branch.phone,
        )
        call = stage.log.start(started, branch_id=stage.branch.id)
        stage.log.append(call, e.QueueJoined(queue=queue))
        return call

    def _given_up(self, days: int) -> None:
        dice, log = self._dice, self._stage.log
        if dice.random() < 0.55:
            return
        self._clock.tell(None)
        ago = timedelta(days=days, minutes=dice.randint(2, 90))
        self._clock.tell(self._clock.now() - ago)
        call = self._waits(RECEPCION)
        waited = float(dice.randint(2, 110))
        self._pass(waited)
        reason = "timeout" if dice.random() < 0.1 else "abandoned"
        left = e.QueueLeft.model_validate(
            {"queue": RECEPCION, "reason": reason, "waited_s": waited}
        )
        log.append(call, left)
        log.finish(call, "abandoned")
        self._clock.tell(None)
