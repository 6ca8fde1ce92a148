"""Supervision: who hears an agent's conversation, and how."""

from collections.abc import Callable

from ivr.adapters.asterisk.tracked import TrackedChannel
from ivr.flow.events import EventBase, SupervisionEnded, SupervisionStarted


class Supervision:
    """Tells when a supervisor begins and stops to hear an agent."""

    def __init__(self, publish: Callable[[TrackedChannel, EventBase], None]) -> None:
        self._publish = publish

    def hears(self, spy: TrackedChannel, spied: TrackedChannel | None, mode: str) -> bool:
        """``spy`` hears ``spied`` from now on; False where that one is no agent's."""
        if spied is None or not spied.agent:
            return False
        spy.spied = spied
        started = {"supervisor": spy.agent, "agent": spied.agent, "mode": mode}
        self._publish(spied, SupervisionStarted.model_validate(started))
        return True

    def stops(self, spy: TrackedChannel) -> None:
        """``spy`` hears nobody any more."""
        spied, spy.spied = spy.spied, None
        if spied is not None:
            self._publish(spied, SupervisionEnded(supervisor=spy.agent, agent=spied.agent))
