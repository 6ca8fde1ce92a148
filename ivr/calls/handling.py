"""What agents and supervisors do with a call in hand: allowed, done, and written down."""

import uuid
from dataclasses import dataclass
from typing import Literal

from ivr.agents.service import Accounts
from ivr.agents.shifts import StateView
from ivr.agents.states import States
from ivr.agents.supervisors import SupervisorLog
from ivr.agents.viewer import Viewer
from ivr.calls.log import CallLog
from ivr.calls.numbers import number_to_call
from ivr.calls.projection import MANUAL
from ivr.calls.schemas import CallView
from ivr.clinic.directory import Directory
from ivr.database import Database
from ivr.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable
from ivr.flow import events as e
from ivr.ports import CallControl, LineState, Target
from ivr.queues.service import Queues

Mode = Literal["listen", "whisper", "barge"]
PhoneState = Literal["free", "busy", "off"]


@dataclass(frozen=True)
class Reachable:
    """A colleague a call may go to: their phone as the switch sees it, and what they do."""

    username: str
    name: str
    phone: PhoneState
    view: StateView


@dataclass(frozen=True)
class Line:
    """A queue a call may go to; ``phone`` is the best of those of the colleagues who serve it."""

    name: str
    title: str
    phone: PhoneState


class Handling:
    """Acts for one viewer at a time, on nobody's phone but theirs."""

    def __init__(
        self,
        control: CallControl | None,
        calls: CallLog,
        directory: Directory,
        accounts: Accounts,
        queues: Queues,
        supervisors: SupervisorLog,
        states: States,
        database: Database,
    ) -> None:
        self._control = control
        self._calls = calls
        self._directory = directory
        self._accounts = accounts
        self._queues = queues
        self._supervisors = supervisors
        self._states = states
        self._database = database

    @property
    def control(self) -> CallControl:
        """The switch; raises :class:`Unavailable` where there is none."""
        if self._control is None:
            raise Unavailable("The switch has not been set up: run make up.")
        return self._control

    # --- The own call ---------------------------------------------------------------------

    def line(self, viewer: Viewer) -> LineState:
        """How the viewer's call stands in the switch."""
        return self.control.line(_phone(viewer))

    def hold(self, viewer: Viewer) -> None:
        """The caller hears music."""
        line = self.line(viewer)
        self.control.hold(viewer.username)
        self._calls.append(line.call_id, e.CallHeld(agent=viewer.username))

    def resume(self, viewer: Viewer) -> None:
        """Back to the caller."""
        line = self.line(viewer)
        self.control.resume(viewer.username)
        self._calls.append(line.call_id, e.CallResumed(agent=viewer.username))

    def transfer(self, viewer: Viewer, how: Literal["blind", "warm"], to: Target) -> None:
        """Hand the caller on at once, or ask first."""
        line = self.line(viewer)
        call = self._calls.get(line.call_id)
        to = self._checked(viewer, to, call)
        shown = self._clinic_number(call.branch_id)
        named, number = _told(to)
        if how == "warm":
            self.control.consult(viewer.username, to, shown=shown)
            self._calls.append(
                line.call_id,
                e.ConsultStarted(agent=viewer.username, kind=to.kind, to=named, number=number),
            )
            return
        self._hear_again(call.id, viewer.username)
        self.control.hand_over(viewer.username, to, shown=shown)
        self._handed(call.id, viewer.username, "blind", to)

    def take_back(self, viewer: Viewer, call_id: str) -> None:
        """Have a call again that was handed on; the switch tells once it is so."""
        self.control.take_back(_phone(viewer), call_id)

    def consultation(
        self, viewer: Viewer, then: Literal["cancel", "complete", "conference"]
    ) -> None:
        """What becomes of the one who was asked."""
        line = self.line(viewer)
        if then == "cancel":
            self.control.cancel_consult(viewer.username)
        elif then == "conference":
            self.control.conference(viewer.username)
            self._calls.append(line.call_id, e.ConferenceStarted(agent=viewer.username))
        else:
            to = self._asked(line.call_id, viewer.username)
            self._hear_again(line.call_id, viewer.username)
            self.control.complete_consult(viewer.username)
            if line.asked:
                to = Target("agent", line.asked)
            self._handed(line.call_id, viewer.username, "warm", to)

    def end(self, viewer: Viewer, call_id: str = "") -> None:
        """Hang up for everybody in the viewer's call; with ``call_id`` only if it is that
        one, which :class:`NotFound` says it is not."""
        if call_id and self.line(viewer).call_id != call_id:
            raise NotFound("There is another call on this phone by now.")
        self.control.end(_phone(viewer))

    def record(self, viewer: Viewer, on: bool) -> None:
        """Pause or resume the recording of the viewer's call."""
        call_id = self.line(viewer).call_id
        recording = self._recording(call_id)
        if recording == "none":
            raise Conflict("This call is not recorded.")
        if (recording == "on") == on:
            return
        self.control.mute_recording(viewer.username, not on)
        event = e.RecordingResumed if on else e.RecordingPaused
        self._calls.append(call_id, event(agent=viewer.username))

    # --- Calling out ----------------------------------------------------------------------

    def dial(self, viewer: Viewer, number: str, patient_id: int | None) -> str:
        """Call ``number`` for the viewer; answers the new call's id."""
        phone = _phone(viewer)
        branch_id = viewer.branch_id
        country = self._country(branch_id)
        number = number_to_call(number, country)
        call_id = str(uuid.uuid4())
        shown = self._clinic_number(branch_id)
        if self.control.phones().get(phone) != "free":
            raise Conflict("Your phone is not connected or in a call.")
        self._calls.start(
            e.CallStarted(
                direction="outbound",
                flow=MANUAL,
                flow_version="1",
                language=self._directory.clinic().language,
                dnis=number,
                agent=viewer.username,
            ),
            call_id=call_id,
            branch_id=branch_id or self._directory.branches()[0].id,
        )
        if patient_id is not None:
            self._calls.set_patient(call_id, patient_id)
        try:
            self.control.dial(phone, number, call_id=call_id, shown=shown)
        except Exception:
            self._calls.finish(call_id, "failed")
            raise
        return call_id

    def targets(self, viewer: Viewer) -> tuple[list[Reachable], list[Line]]:
        """Colleagues with a phone, and the queues."""
        phones = self.control.phones()
        with self._database.read() as session:
            colleagues = [
                Reachable(user.username, user.name, phones.get(user.username, "off"), view)
                for user, view in self._states.all(session)
                if user.username != viewer.username
            ]
        served = self._queues.served([one.username for one in colleagues])
        queues = []
        for queue in self._queues.all():
            there = {
                one.phone
                for one in colleagues
                if one.view.state != "off" and queue.name in served[one.username]
            }
            best: PhoneState = "free" if "free" in there else "busy" if "busy" in there else "off"
            queues.append(Line(queue.name, queue.title, best))
        return colleagues, queues

    # --- Supervision ----------------------------------------------------------------------

    def supervise(self, viewer: Viewer, call_id: str, mode: Mode) -> None:
        """Hear, prompt or join a conversation; supervisors only, and in their log."""
        _supervises(viewer)
        phone, agent = _phone(viewer), self._talks(call_id)
        with self._supervisors.doing(viewer, f"call.{mode}", agent=agent, call_id=call_id):
            self.control.supervise(phone, call_id, mode)

    def stop_supervising(self, viewer: Viewer) -> None:
        """Leave it again."""
        _supervises(viewer)
        self.control.stop_supervising(_phone(viewer))

    def take_over(self, viewer: Viewer, call_id: str) -> None:
        """Become the agent of a call that is heard; in the supervisors' log."""
        _supervises(viewer)
        phone = _phone(viewer)
        with self._supervisors.doing(viewer, "call.take_over", call_id=call_id) as done:
            agent = done.agent = self.control.take_over(phone, call_id)
        self._calls.append(call_id, e.CallTakenOver(agent=agent, supervisor=viewer.username))

    # --- Within ---------------------------------------------------------------------------

    def _queue_names(self) -> tuple[str, ...]:
        return tuple(queue.name for queue in self._queues.all())

    def _checked(self, viewer: Viewer, to: Target, call: CallView) -> Target:
        if to.kind == "outside":
            return Target("outside", number_to_call(to.name, self._country(call.branch_id)))
        if to.kind == "queue":
            if to.name not in self._queue_names():
                raise InvalidInput("There is no such queue.")
            return to
        known = {user.username for user in self._accounts.users() if user.extension}
        if to.name not in known or to.name == viewer.username:
            raise InvalidInput("There is no such colleague with a phone.")
        return to

    def _handed(self, call_id: str, agent: str, how: Literal["blind", "warm"], to: Target) -> None:
        named, number = _told(to)
        self._calls.append(
            call_id,
            e.CallHandedOver(agent=agent, how=how, kind=to.kind, to=named, number=number),
        )

    def _asked(self, call_id: str, agent: str) -> Target:
        """Whom the agent asked last."""
        for event in reversed(self._calls.events(call_id)):
            asked = event.event
            if isinstance(asked, e.ConsultStarted) and asked.agent == agent:
                return Target(asked.kind, asked.number or asked.to)
        raise Conflict("Nobody is being consulted.")

    def _talks(self, call_id: str) -> str:
        """The agent who has talked in the call last and has not left it, if any."""
        talking: list[str] = []
        for event in self._calls.events(call_id):
            match event.event:
                case e.AgentConnected(agent=agent):
                    talking.append(agent)
                case e.AgentDisconnected(agent=agent):
                    talking = [one for one in talking if one != agent]
        return talking[-1] if talking else ""

    def _recording(self, call_id: str) -> Literal["none", "on", "paused"]:
        state: Literal["none", "on", "paused"] = "none"
        for event in self._calls.events(call_id):
            match event.event:
                case e.RecordingStarted() | e.RecordingResumed():
                    state = "on"
                case e.RecordingPaused():
                    state = "paused"
                case e.RecordingStopped():
                    state = "none"
        return state

    def _hear_again(self, call_id: str, agent: str) -> None:
        """A pause is the agent's own: the next one does not inherit it."""
        if self._recording(call_id) == "paused":
            try:
                self.control.mute_recording(agent, False)
            except (NotFound, Conflict):
                return
            self._calls.append(call_id, e.RecordingResumed(agent=agent))

    def _clinic_number(self, branch_id: int | None) -> str:
        if branch_id is not None:
            return self._directory.branch(branch_id).phone
        return self._directory.branches()[0].phone

    def _country(self, branch_id: int | None) -> str:
        if branch_id is not None:
            return self._directory.branch(branch_id).country
        return self._directory.clinic().country


def _phone(viewer: Viewer) -> str:
    if not viewer.extension:
        raise Forbidden("This account has no phone. Ask a supervisor for one.")
    return viewer.username


def _supervises(viewer: Viewer) -> None:
    if not viewer.supervises:
        raise Forbidden("Only a supervisor may do this.")


def _told(to: Target) -> tuple[str, str]:
    return ("", to.name) if to.kind == "outside" else (to.name, "")
