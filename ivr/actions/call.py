"""One call from answer to end: wires the flow, the dialogue and the clinic together.

Every telephone line, real or simulated, is handed to :meth:`CallHandler.handle` in the
call's own thread.
"""

import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import structlog

from ivr.actions import base
from ivr.actions.base import ActionContext, CallFacts, CallState
from ivr.actions.services import Services
from ivr.clinic.directory import ClinicView
from ivr.clinic.schemas import BranchView
from ivr.clinic.wishes import named
from ivr.database import DATABASE_ERRORS
from ivr.errors import CallerHungUp
from ivr.flow.conversation import Conversation
from ivr.flow.document import Flow
from ivr.flow.events import (
    ActionFinished,
    CallAnswered,
    CallStarted,
    EventBase,
    FlowFailed,
    StepEntered,
    Transferred,
    TurnUnderstood,
)
from ivr.flow.library import Library
from ivr.flow.runner import Runner
from ivr.language import understand
from ivr.language.model import Context, Understood
from ivr.ports import Phone, TransferTarget

EMERGENCY_NUMBERS = {"es": "112", "mx": "911"}
"""Spain: RD 903/1997; Mexico: 911 since 2016 (DOF 2016-06-14)."""

_VARIANTS = {"es": "es-ES", "mx": "es-MX"}

log = structlog.get_logger(__name__)


class Recorder(Protocol):
    """Keeps the recordings of calls: :class:`StoredRecorder`, or none in a simulation."""

    def begin(self, call_id: str, consent_id: int) -> tuple[str, str]:
        """A new recording's id, and the bare file name the line records into."""
        ...

    def finish(self, recording_id: str) -> None:
        """The line has stopped recording."""
        ...


class StoredRecorder:
    """Recordings in the clinic's store, encrypted when they end."""

    def __init__(self, services: Services) -> None:
        self._store = services.recordings

    def begin(self, call_id: str, consent_id: int) -> tuple[str, str]:
        recording = self._store.begin(call_id, consent_id)
        return recording.id, recording.file_name

    def finish(self, recording_id: str) -> None:
        self._store.seal(recording_id, wait_s=2.0)


@dataclass(frozen=True)
class Ending:
    """How the application's part of a call ended.

    ``handed_on``: the switch takes the caller further, and the call goes on; otherwise it
    is over and has been closed in the call log.
    """

    outcome: Literal["completed", "transferred", "voicemail", "abandoned"]

    @property
    def handed_on(self) -> bool:
        """Whether the call goes on without the application."""
        return self.outcome in ("transferred", "voicemail")


class CallHandler:
    """Plays flows to callers; one instance serves all threads."""

    def __init__(
        self,
        services: Services,
        library: Library,
        recorder: Recorder | None = None,
        line_over: Callable[[str], bool] = lambda _call_id: True,
    ) -> None:
        """``line_over`` tells whether the line of a call that no longer answers is really
        gone; if not, the switch has taken its caller on (to the queue)."""
        self.line_over = line_over
        self.services = services
        self.library = library
        self.recorder = recorder or StoredRecorder(services)

    def handle(
        self,
        phone: Phone,
        *,
        flow: str,
        call_id: str,
        ani: str = "",
        dnis: str = "",
        caller_name: str = "",
        direction: Literal["inbound", "outbound"] = "inbound",
        attempt_id: int | None = None,
        channel: str = "",
        linked_id: str = "",
        language: str = "",
    ) -> Ending:
        """Play ``flow`` to the caller. Numbers are E.164 or empty.

        Never raises for what happens within the call: a broken flow hands the caller to
        the queue. What the call held is let go of however it ends.
        """
        services = self.services
        document = self.library.flow(flow)
        branch = self._branch(dnis, attempt_id)
        texts = self.library.texts(language or language_at(branch, document.language))
        phone.language = texts.language
        services.calls.start(
            CallStarted(
                direction=direction,
                flow=document.name,
                flow_version=document.version,
                language=texts.language,
                ani=ani,
                dnis=dnis,
                caller_name=caller_name,
            ),
            call_id=call_id,
            channel=channel,
            linked_id=linked_id,
            branch_id=branch.id,
        )
        emit = _Diary(services, call_id)
        facts = CallFacts(
            call_id=call_id,
            flow=document.name,
            flow_version=document.version,
            ani=ani,
            dnis=dnis,
            caller_name=caller_name,
            direction=direction,
            attempt_id=attempt_id,
        )
        conversation = Conversation(
            phone,
            texts,
            understand if texts.language.startswith("es") else _menus_only,
            emit,
            self._listening_context(branch),
            values=spoken_values(services.directory.clinic(), branch),
            intents=frozenset(document.intents),
        )
        state = CallState()
        performer = _Performer(self, conversation, facts, state, branch)
        try:
            ending = self._play(document, conversation, performer, state, emit)
        finally:
            emit.close()
        if emit.broken and ending.handed_on:
            return ending  # the caller does not wait for the database; what was held expires
        return self._close(ending, performer)

    def _branch(self, dnis: str, attempt_id: int | None) -> BranchView:
        """The branch called, or the one the appointment of an outbound call is at."""
        directory = self.services.directory
        if attempt_id is not None:
            return directory.branch(self.services.reminders.get(attempt_id).branch_id)
        return directory.branch_called(dnis) or directory.branches()[0]

    def _play(
        self,
        flow: Flow,
        conversation: Conversation,
        performer: "_Performer",
        state: CallState,
        emit: Callable[[EventBase], None],
    ) -> Ending:
        phone = conversation.phone
        try:
            phone.answer()
            emit(CallAnswered())
            if performer.call.attempt_id is not None:
                self.services.reminders.mark_answered(performer.call.attempt_id)
            runner = Runner(flow, conversation, performer, _log_failure)
            return Ending(runner.run())
        except CallerHungUp:
            if not self.line_over(performer.call.call_id):
                return Ending("transferred")
            return Ending("completed" if state.achieved else "abandoned")
        except Exception as error:
            _log_failure(error)
            target = TransferTarget("queue", "recepcion")
            try:
                phone.transfer(target)
            except CallerHungUp:
                return Ending("abandoned")
            with suppress(Exception):
                emit(FlowFailed(error=type(error).__name__))
                emit(Transferred(kind=target.kind, name=target.name, priority=target.priority))
            return Ending("transferred")

    def _close(self, ending: Ending, performer: "_Performer") -> Ending:
        """Let go of what the call held; write its end unless the switch takes it on."""
        call_id, attempt_id = performer.call.call_id, performer.call.attempt_id
        try:
            if attempt_id is not None:
                self.services.reminders.finish(
                    attempt_id, "queue" if ending.handed_on else "no_decision"
                )
            self.services.agenda.release_call(call_id)
            if not ending.handed_on:
                performer.stop_recording()
                self.services.calls.finish(call_id, ending.outcome)
        except Exception as error:
            _log_failure(error)
        return ending

    def _listening_context(self, branch: BranchView) -> Callable[[], Context]:
        directory, clock = self.services.directory, self.services.clock

        def context() -> Context:
            hours = [
                stretch
                for stretches in directory.setup().calendars[branch.id].hours.values()
                for stretch in stretches
            ]
            nearby = {one.id for one in directory.branches() if one.city == branch.city}
            return Context(
                now=clock.now(),
                country="mx" if branch.country == "mx" else "es",
                zone=branch.zone,
                professionals=named(
                    one for one in directory.professionals() if nearby & set(one.branch_ids)
                ),
                services=named(directory.services()),
                branches=named(directory.branches()),
                opens=min((opens for opens, _ in hours), default=Context.opens),
                closes=max((closes for _, closes in hours), default=Context.closes),
            )

        return context


_MORE_FOLLOWS = (StepEntered, TurnUnderstood, ActionFinished)
"""The machine never waits for the caller right after one of these: what it does next is an
event, too, and one transaction does for both."""


class _Diary:
    """Writes down what happens in a call. A database that does not take an event costs the
    step, so that the caller gets a person; what follows is then not written any more, for
    each try would keep the caller waiting again."""

    def __init__(self, services: Services, call_id: str) -> None:
        self._calls = services.calls
        self._call_id = call_id
        self.broken = False

    def __call__(self, event: EventBase) -> None:
        if self.broken:
            return
        try:
            if isinstance(event, _MORE_FOLLOWS):
                self._calls.note(self._call_id, event)
            else:
                self._calls.append(self._call_id, event)
        except DATABASE_ERRORS:
            self.broken = True
            if not isinstance(event, FlowFailed):
                raise

    def close(self) -> None:
        """Leave nothing unwritten."""
        try:
            self._calls.settle()
        except DATABASE_ERRORS:
            self.broken = True


def language_at(branch: BranchView, language: str) -> str:
    """The country's variant of a flow's language."""
    return _VARIANTS.get(branch.country, language) if language.startswith("es") else language


def spoken_values(clinic: ClinicView, branch: BranchView) -> dict[str, str]:
    """What any prompt may name (:data:`ivr.flow.texts.GLOBAL_VALUES`), in calls of a branch."""
    return {
        "clinic": clinic.name,
        "emergency_number": EMERGENCY_NUMBERS.get(branch.country, "112"),
    }


def _menus_only(kind: str, text: str, context: Context) -> Understood:
    """For languages :mod:`ivr.language` does not know: only the words of menus count."""
    return Understood(kind, text)


class _Performer:
    """Runs the actions of one call and keeps its recording."""

    def __init__(
        self,
        handler: CallHandler,
        conversation: Conversation,
        call: CallFacts,
        state: CallState,
        branch: BranchView,
    ) -> None:
        self._handler = handler
        self._conversation = conversation
        self.call = call
        self._state = state
        self._branch = branch

    def perform(self, action: str, parameters: dict[str, str]) -> str:
        context = ActionContext(
            conversation=self._conversation,
            services=self._handler.services,
            call=self.call,
            state=self._state,
            branch=self._branch,
            parameters=parameters,
        )
        return base.perform(context, action)

    def start_recording(self) -> None:
        """Record from now on, if the caller allowed it in this call."""
        state = self._state
        if state.recording_allowed is None or state.recording_id:
            return
        state.recording_id, name = self._handler.recorder.begin(
            self.call.call_id, state.recording_allowed
        )
        self._conversation.phone.start_recording(name)

    def stop_recording(self) -> None:
        state = self._state
        if not state.recording_id:
            return
        with suppress(CallerHungUp):
            self._conversation.phone.stop_recording()
        recording_id, state.recording_id = state.recording_id, ""
        self._handler.recorder.finish(recording_id)


def _log_failure(error: Exception) -> None:
    """Where it broke, without the exception's words: they may quote what a patient said."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)]
    log.error("step failed", error=type(error).__name__, at=" < ".join(places))
