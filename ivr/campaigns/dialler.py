"""Dials what is due, through the switch, on a limited number of lines."""

from dataclasses import dataclass

import structlog

from ivr.campaigns.reminders import RING_S, Reminders
from ivr.clinic.directory import Directory
from ivr.errors import AuriculaError
from ivr.ports import Origination, Switchboard

LINES = 2
"""Reminder calls at a time (``reminder_lines`` in the clinic's settings)."""
FLOW = "recordatorio"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Dialler:
    """One pass at a time: :meth:`run` fills the free lines and returns."""

    reminders: Reminders
    directory: Directory
    switch: Switchboard
    trunk: str
    """Where calls go out, ``host:port``."""

    def run(self) -> int:
        """Dial until the lines are busy or nothing is due; returns how many were dialled.

        The row says ``dialling`` before the switch hears of it, so a crash in between
        costs a call, never a second one. Numbers of the demo clinic may be somebody's:
        they go to a loopback trunk or nowhere.
        """
        clinic = self.directory.clinic()
        if clinic.settings.get("demo") and not self.trunk.startswith("127."):
            log.warning("demo patients are called through a loopback trunk only")
            return 0
        lines = int(clinic.settings.get("reminder_lines", LINES))
        self.reminders.reconcile()
        self.reminders.skip_changed()
        dialled = 0
        while (attempt := self.reminders.claim(lines)) is not None:
            assert attempt.call_id is not None
            call = Origination(
                number=attempt.number,
                call_id=attempt.call_id,
                caller_id=clinic.caller_id,
                timeout_s=RING_S,
                variables={
                    "AURICULA_FLOW": FLOW,
                    "AURICULA_ATTEMPT": str(attempt.id),
                },
            )
            try:
                self.switch.originate(call)
            except AuriculaError as error:
                log.warning("reminder not dialled", attempt_id=attempt.id, code=error.code)
                self.reminders.finish(attempt.id, "unreachable")
            dialled += 1
        return dialled
