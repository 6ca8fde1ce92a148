"""What the application does with what the switch tells it."""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import structlog

from ivr.actions.services import Services
from ivr.adapters.asterisk.ami import AmiClient
from ivr.adapters.asterisk.placed import DialResult
from ivr.adapters.asterisk.switchboard import AmiSwitchboard
from ivr.adapters.asterisk.tracker import Tracker
from ivr.agents.machine import Signal
from ivr.agents.states import States
from ivr.calls.writer import CallWriter
from ivr.errors import Unavailable
from ivr.flow.events import EventBase
from ivr.queues.places import Places

GONE_S = 6.0
"""A page that reloads has its phone back within this."""
LOOK_S = 3.0
"""Between two looks for calls that stayed open without a line."""
SETTLE_S = 4.0
"""After this long a recording or message that the switch has finished is on disk."""

log = structlog.get_logger(__name__)


class CallsInFlow:
    """Which calls are with the application now.

    The switch may say that a call is over while its thread still writes down how it went.
    The thread has the last word then: it learns from :meth:`leave` that the call ended.
    """

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._over: dict[str, bool] = {}

    def enter(self, call_id: str) -> None:
        """A thread begins with the call."""
        with self._lock:
            self._over[call_id] = False

    def leave(self, call_id: str) -> bool:
        """The thread is done; whether the line ended meanwhile."""
        with self._lock:
            return self._over.pop(call_id, False)

    def ended(self, call_id: str) -> bool:
        """The line is gone; whether a thread still has the call."""
        with self._lock:
            if call_id in self._over:
                self._over[call_id] = True
                self._lock.notify_all()
                return True
            return False

    def wait_over(self, call_id: str, seconds: float) -> bool:
        """Whether the line ends within ``seconds``, for the thread that has the call."""
        with self._lock:
            return self._lock.wait_for(lambda: self._over.get(call_id, True), seconds)

    def ids(self) -> frozenset[str]:
        """Calls with a thread of their own now."""
        with self._lock:
            return frozenset(self._over)


class SwitchFollower:
    """Implements :class:`ivr.adapters.asterisk.tracker.Listener` on the clinic's services.

    ``linger_s`` is how long a call that is over is left to the process that has its thread,
    when that is another one.
    """

    def __init__(
        self,
        services: Services,
        in_flow: CallsInFlow,
        collect_messages: Callable[[], object],
        *,
        states: States | None = None,
        places: Places | None = None,
        linger_s: float = 0.0,
    ) -> None:
        self._services = services
        self._states = states
        self._places = places
        self._signals: dict[str, int] = {}
        """How often each agent's phone has shown that it is there."""
        self._in_flow = in_flow
        self._collect_messages = collect_messages
        self._linger_s = linger_s
        self._missed: frozenset[str] = frozenset()
        self._events = CallWriter(services.stream)
        self._after = ThreadPoolExecutor(1, thread_name_prefix="after-call")
        """Does what follows from the switch's events, in their order, once they are stored:
        it may take longer than the next event should wait."""
        self._letting_go = ThreadPoolExecutor(1, thread_name_prefix="letting-go")
        self._deciding: list[str] = []
        """Calls of which something is still to be done that says how they end."""

    def stop(self) -> None:
        """Write what is left to be written."""
        self._events.stop()
        self._after.shutdown()
        self._letting_go.shutdown()

    def _afterwards(self, work: Callable[..., object], *arguments: object) -> None:
        self._events.then(partial(self._after.submit, _guarded, work, *arguments))

    def _before_the_end(
        self, work: Callable[..., object], call_id: str, *arguments: object
    ) -> None:
        """The same, of a call that does not end before it is done."""
        self._deciding.append(call_id)
        self._afterwards(self._decide, work, call_id, *arguments)

    def _decide(self, work: Callable[..., object], call_id: str, *arguments: object) -> None:
        try:
            work(call_id, *arguments)
        finally:
            self._deciding.remove(call_id)

    def agent(self, username: str, signal: Signal, call_id: str) -> None:
        """An agent's phone rings, talks, is there or gone: their state follows. A phone that
        is gone may be a page that reloads: it gets a moment."""
        if self._states is None:
            return
        if signal == "absent":
            _later(GONE_S, self._if_still_gone, username, self._signals.get(username, 0))
            return
        self._signals[username] = self._signals.get(username, 0) + 1
        self._afterwards(self._states.heard, username, signal, call_id)

    def _if_still_gone(self, username: str, signals: int) -> None:
        if self._states is not None and self._signals.get(username, 0) == signals:
            self._states.heard(username, "absent")

    def publish(self, call_id: str, event: EventBase) -> None:
        """Store what happened to a call once it has been opened, for its legs are rows of it."""
        self._events.put(call_id, event)

    def call_over(self, call_id: str) -> None:
        """Close the call, unless its thread is still at it."""
        self._events.over(call_id)
        self._events.then(partial(self._over, call_id))

    def _over(self, call_id: str) -> None:
        if self._in_flow.ended(call_id):
            return
        if self._linger_s:
            _later(self._linger_s, self.close, call_id)
        elif call_id in self._deciding:
            self._after.submit(_guarded, self.close, call_id)
        else:
            self.close(call_id)  # at once: a screen waits for it

    def close(self, call_id: str) -> None:
        """Write the call's end and let go of what it held; once is enough, twice is harmless."""
        self._services.calls.finish(call_id)
        self._letting_go.submit(_guarded, self._let_go, call_id)  # other ends wait to be written

    def _let_go(self, call_id: str) -> None:
        self._services.agenda.release_call(call_id)
        for recording_id in self._services.recordings.unfinished(call_id):
            _later(0.0, partial(self._services.recordings.seal, recording_id, wait_s=SETTLE_S))

    def dialled(self, call_id: str, result: DialResult) -> None:
        """What became of an outbound call: only failures end its attempt here."""
        self._before_the_end(self._dialled, call_id, result)

    def _dialled(self, call_id: str, result: DialResult) -> None:
        ours = self._places is not None and self._places.dialled(call_id, result)
        if ours or result == "answered":
            return
        attempt = self._services.reminders.of_call(call_id)
        if attempt is not None:
            self._services.reminders.finish(attempt.id, result)

    def message_left(self, call_id: str | None, file: str) -> None:
        """A message lies in the dialplan's folder."""
        if call_id is not None:
            self._before_the_end(self._announce, call_id, Path(file))
        _later(SETTLE_S, self._collect_messages)

    def _announce(self, call_id: str, file: Path) -> None:
        if self._services.calls.knows(call_id):
            self._services.messages.announce(call_id, file)

    def reconciled(self, call_ids: Collection[str], busy: Collection[str]) -> None:
        """After a gap: close what ended meanwhile, and finish what it left behind."""
        if not self._events.flush():
            raise Unavailable("What the switch told before could not be stored yet.")
        if self._states is not None:
            self._after.submit(_guarded, self._states.reconcile, busy)
        present = frozenset(call_ids) | self._in_flow.ids()
        for call_id in self._services.calls.finish_absent(present):
            self._services.agenda.release_call(call_id)
        self._services.reminders.reconcile(present)
        self._finish_up()

    def look(self, call_ids: Collection[str]) -> None:
        """Close the calls that are open, have none of the switch's ``call_ids`` and had none
        at the look before: their end could not be written, or whoever would have is dead."""
        if not self._events.flush():
            return  # the ends that the switch told of are still to be written
        missed = self._services.calls.open_ids() - frozenset(call_ids) - self._in_flow.ids()
        gone, self._missed = missed & self._missed, missed
        for call_id in gone:
            self._services.calls.finish(call_id, "lost")
            self._services.agenda.release_call(call_id)
        if gone:
            log.warning("calls without a line", closed=len(gone))
            self._services.reminders.reconcile(call_ids)
            self._finish_up()

    def _finish_up(self) -> None:
        _later(SETTLE_S, self._services.recordings.seal_finished)
        _later(SETTLE_S, self._collect_messages)


class Patrol:
    """Keeps the picture of the switch right: compares it with the switch after each
    connection, until that has worked, and then looks for calls that stayed open.

    Looks run among the switch's events, one at a time: whatever the switch had told before
    one look began is known at the next.
    """

    def __init__(
        self, tracker: Tracker, follower: SwitchFollower, *, every_s: float = LOOK_S
    ) -> None:
        self._tracker = tracker
        self._follower = follower
        self._every_s = every_s
        self._compared = False
        self._stop = threading.Event()

    def connected(self, switch: AmiClient) -> None:
        """After each login: events may have been missed."""
        self._compared = False
        self._tracker.reconcile(switch)
        self._compared = True

    def start(self, switch: AmiClient) -> None:
        """Look every so often, in the background."""
        threading.Thread(target=self._run, args=(switch,), name="patrol", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()

    def _run(self, switch: AmiClient) -> None:
        while not self._stop.wait(self._every_s):
            looked = threading.Event()
            switch.soon(partial(self._look, switch, looked))
            while not (looked.wait(self._every_s) or self._stop.is_set()):
                pass

    def _look(self, switch: AmiClient, looked: threading.Event) -> None:
        try:
            if not switch.connected:
                return
            if self._compared:
                self._follower.look(self._tracker.present())
            else:
                self.connected(switch)
        finally:
            looked.set()


class SwitchDesk:
    """Implements :class:`ivr.ports.AgentDesk` on the switch's queues."""

    def __init__(self, switch: Callable[[], AmiSwitchboard]) -> None:
        self._ask = switch

    @property
    def _switch(self) -> AmiSwitchboard:
        return self._ask()

    def sign_on(
        self,
        agent: str,
        queue: str,
        *,
        penalty: int = 0,
        paused: bool = False,
        reason: str = "",
    ) -> None:
        """Calls of ``queue`` ring on the agent's phone from now on, unless ``paused``."""
        self._switch.add_member(queue, _phone(agent), name=agent, penalty=penalty, paused=paused)
        self._switch.set_penalty(queue, _phone(agent), penalty)
        if paused:
            self._switch.pause_member(_phone(agent), True, queue=queue, reason=reason)

    def sign_off(self, agent: str, queue: str) -> None:
        """No more calls of ``queue``."""
        self._switch.remove_member(queue, _phone(agent))

    def pause(self, agent: str, reason: str) -> None:
        """No more calls until :meth:`resume`."""
        self._switch.pause_member(_phone(agent), True, reason=reason)

    def resume(self, agent: str) -> None:
        """Calls ring again."""
        self._switch.pause_member(_phone(agent), False)

    def move_up(self, queue: str, channel: str, priority: int) -> None:
        """Give a waiting caller another place in line."""
        self._switch.set_priority(queue, channel, priority)


def _phone(agent: str) -> str:
    return f"PJSIP/agent-{agent}"


def _later(seconds: float, work: Callable[..., object], *arguments: object) -> None:
    """Run ``work`` in a thread of its own: the switch's next event must not wait."""
    timer = threading.Timer(seconds, _guarded, (work, *arguments))
    timer.daemon = True
    timer.start()


def _guarded(work: Callable[..., object], *arguments: object) -> None:
    try:
        work(*arguments)
    except Exception as error:
        log.error("after a call", error=type(error).__name__)
