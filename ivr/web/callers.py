"""Who calls or is called, looked up when the event arrives and pushed to the screens beside it.

The lookup runs in a worker thread: events never wait for it. A file changes under the
agent's eyes when the patient's appointments do.
"""

import asyncio
from dataclasses import dataclass

import structlog

from ivr.agents.viewer import Viewer
from ivr.calls.schemas import NumberedEvent
from ivr.clinic.desk import ClinicDesk
from ivr.clinic.patient_endpoints import trimmed
from ivr.clinic.patients import PatientFile, Patients
from ivr.clinic.schemas import PatientView
from ivr.errors import NotFound
from ivr.web.audience import CallOnAir, Desk
from ivr.web.hub import Hub
from ivr.web.messages import Caller, CallerShown

log = structlog.get_logger(__name__)

OF_PATIENT = frozenset({"appointment.changed", "patient.changed"})
CHANGES_FILE = frozenset({"patient.identified", "consent.decided", "message.left"})


@dataclass(frozen=True)
class Found:
    """What was looked up for a call, before it is cut down to what a viewer may see."""

    patients: tuple[PatientView, ...]
    file: PatientFile | None
    patient_id: int | None
    """Whose file was looked for."""


class Callers:
    """Keeps the callers of the calls on air."""

    def __init__(self, hub: Hub, patients: Patients, desk: ClinicDesk) -> None:
        self._hub = hub
        self._patients = patients
        self._desk = desk
        self._found: dict[str, Found] = {}
        self._wanted: asyncio.Queue[str] = asyncio.Queue()
        hub.watchers.append(self.notice)

    def notice(self, event: NumberedEvent, call: CallOnAir | None) -> None:
        """Look a caller up again when the event says something new about them."""
        if event.type == "call.ended" and event.call_id:
            self._found.pop(event.call_id, None)
        elif call is not None and (
            (event.type == "call.started" and call.other) or event.type in CHANGES_FILE
        ):
            self._wanted.put_nowait(call.id)
        elif event.type in OF_PATIENT:
            for other in self._hub.calls.values():
                if other.patient_id and other.patient_id == event.data["patient_id"]:
                    self._wanted.put_nowait(other.id)

    async def run(self) -> None:
        """Look up and push until cancelled."""
        while True:
            call = self._hub.calls.get(await self._wanted.get())
            if call is None:
                continue
            try:
                self._found[call.id] = await asyncio.to_thread(self._look_up, call)
                await self._push(call)
            except Exception as error:  # one caller's lookup must not end the pushing
                log.error("caller lookup failed", call_id=call.id, error=type(error).__name__)

    def _look_up(self, call: CallOnAir) -> Found:
        file, patient_id = None, call.patient_id
        if patient_id is not None:
            try:
                file = self._patients.file(patient_id)
            except NotFound:
                log.warning("patient of a call is gone", call_id=call.id)
        return Found(tuple(self._patients.by_number(call.other)), file, patient_id)

    async def _push(self, call: CallOnAir) -> None:
        texts: dict[int, str] = {}
        for outbox in list(self._hub.outboxes):
            audience = outbox.audience
            if isinstance(audience, Desk) and audience.of_call(call) == "full":
                viewer = audience.viewer
                if viewer.id not in texts:
                    caller = await asyncio.to_thread(self.caller, viewer, call)
                    if caller is None:
                        continue
                    shown = CallerShown(call_id=call.id, caller=caller)
                    texts[viewer.id] = shown.model_dump_json()
                outbox.put_other(texts[viewer.id], soon=True)

    def caller(self, viewer: Viewer, call: CallOnAir) -> Caller | None:
        """The caller as ``viewer`` may see them; looked up if that has not been done yet."""
        found = self._found.get(call.id)
        if found is None or found.patient_id != call.patient_id:
            if not call.other and call.patient_id is None:
                return None
            found = self._found[call.id] = self._look_up(call)
        seen = self._desk.seen_patients(viewer, [p.id for p in found.patients])
        file = trimmed(found.file, viewer) if found.file else None
        return Caller(patients=[p for p in found.patients if p.id in seen], file=file)
