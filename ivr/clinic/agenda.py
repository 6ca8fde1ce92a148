"""The agenda: finds free time, holds it for a caller, books, moves, cancels.

Every change and its event are one transaction. Writers take the stream's lock first, so
they come one after the other; the exclusion constraints of the table are what makes a
double booking impossible, whoever writes.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ivr import reference
from ivr.calls.stream import EventStream, Outgoing
from ivr.clinic import history, status
from ivr.clinic.appointments import (
    bounds,
    explained,
    flush,
    load,
    reference_taken,
    selection,
    view,
)
from ivr.clinic.directory import Directory
from ivr.clinic.free_time import FreeTime
from ivr.clinic.history import Change
from ivr.clinic.model import TAKES_TIME, Appointment
from ivr.clinic.opening import at
from ivr.clinic.schemas import AppointmentView, Slot, SlotQuery
from ivr.clinic.status import Before
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import Conflict

UNDO_WITHIN = timedelta(minutes=15)
"""How long a cancellation can be taken back; later the patient is booked anew."""
HELD = b"SELECT FROM appointment WHERE call_id = %s AND status = 'held' LIMIT 1"
"""Whether a call holds anything."""


class Agenda:
    """All writing to the agenda goes through here."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        stream: EventStream,
        directory: Directory | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream
        self._directory = directory or Directory(database, clock)
        self._free_time = FreeTime(database, clock, self._directory)

    def find_slots(self, query: SlotQuery) -> list[Slot]:
        """Free slots that suit the wishes, soonest first; see :func:`slots.choose`."""
        return self._free_time.find(query)

    # --- Holding and booking -----------------------------------------------------------

    def hold(
        self, slot: Slot, *, call_id: str | None, seconds: int = 120, any_hour: bool = False
    ) -> AppointmentView:
        """Keep a slot for a caller who decides; raises :class:`SlotTaken`.

        ``any_hour``: also outside working hours, for an agent who knows better.
        """
        self._free_time.check(slot, any_hour=any_hour)
        now = self._clock.now()
        with self._database.transaction() as session:
            self._stream.lock(session)
            held = Appointment(
                professional_id=slot.professional_id,
                branch_id=slot.branch_id,
                service_id=slot.service_id,
                during=Range(slot.starts_at, slot.ends_at),
                status="held",
                held_until=now + timedelta(seconds=seconds),
                call_id=call_id,
                source="phone" if call_id else "desk",
            )
            lapsed = self._lapse(
                session,
                (Appointment.professional_id == slot.professional_id)
                & Appointment.during.op("&&")(held.during),
            )
            try:
                with session.begin_nested():
                    session.add(held)
                    session.flush()
            except IntegrityError as error:
                raise explained(error) from error
            self._publish(session, [*lapsed, (held, "held")], call_id)
            return view(load(session, held.id))

    def release(self, appointment_id: int) -> None:
        """Let go of a held slot; nothing happens when it is not held any more."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            held = load(session, appointment_id)
            if held.status == "held":
                self._set(held, "released")
                self._publish(session, [(held, "released")], held.call_id)

    def release_call(self, call_id: str) -> int:
        """Let go of everything a call holds; returns how many slots."""
        if not self._database.ask(HELD, [call_id]):
            return 0
        query = select(Appointment).where(
            Appointment.call_id == call_id, Appointment.status == "held"
        )
        with self._database.transaction() as session:
            self._stream.lock(session)
            held = session.scalars(query).all()
            for one in held:
                self._set(one, "released")
            self._publish(session, [(one, "released") for one in held], call_id)
            return len(held)

    def expire_holds(self) -> int:
        """Free every slot whose hold has run out; returns how many."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            lapsed = self._lapse(session)
            self._publish(session, lapsed, None)
            return len(lapsed)

    def book(
        self, appointment_id: int, *, patient_id: int, call_id: str | None, notes: str = ""
    ) -> AppointmentView:
        """Give a held slot to a patient, with a reference to say.

        :class:`Conflict` when the hold has gone, or the patient is already expected
        somewhere at that time (code ``patient_busy``).
        """
        with self._database.transaction() as session:
            self._stream.lock(session)
            held = load(session, appointment_id)
            if held.status != "held" or (held.call_id and call_id and held.call_id != call_id):
                raise Conflict("The held time has gone: choose another slot.", code="hold_gone")
            held.reference = reference.new(lambda text: reference_taken(session, text))
            held.patient_id = patient_id
            held.call_id = call_id or held.call_id
            held.notes = notes
            self._set(held, "booked")
            flush(session)
            self._publish(session, [(held, "booked")], call_id)
            return view(load(session, held.id))

    def schedule(
        self,
        slot: Slot,
        *,
        patient_id: int,
        call_id: str | None,
        agent: str,
        notes: str = "",
        any_hour: bool = False,
    ) -> AppointmentView:
        """Book a slot at the desk, without holding it first; raises as :meth:`hold` and
        :meth:`book` do."""
        self._free_time.check(slot, any_hour=any_hour)
        with self._database.transaction() as session:
            self._stream.lock(session)
            lapsed = self._lapse(session, Appointment.professional_id == slot.professional_id)
            booked = Appointment(
                reference=reference.new(lambda text: reference_taken(session, text)),
                professional_id=slot.professional_id,
                branch_id=slot.branch_id,
                service_id=slot.service_id,
                patient_id=patient_id,
                during=Range(slot.starts_at, slot.ends_at),
                status="booked",
                call_id=call_id,
                source="desk",
                notes=notes,
            )
            session.add(booked)
            flush(session)
            self._publish(session, [*lapsed, (booked, "booked")], call_id, agent)
            return view(load(session, booked.id))

    # --- Changing ----------------------------------------------------------------------

    def confirm(
        self, appointment_id: int, *, call_id: str | None, agent: str = ""
    ) -> AppointmentView:
        """The patient says they will come."""
        return self._simple(appointment_id, "confirmed", call_id, agent)

    def cancel(
        self, appointment_id: int, *, call_id: str | None, agent: str = ""
    ) -> AppointmentView:
        """The patient will not come; the time is free at once."""
        return self._simple(appointment_id, "cancelled", call_id, agent)

    def mark(
        self,
        appointment_id: int,
        seen: Literal["arrived", "completed", "no_show"],
        *,
        agent: str = "",
    ) -> AppointmentView:
        """What became of the patient; :class:`Conflict` while that cannot be known yet."""
        return self._simple(appointment_id, seen, None, agent)

    def restore(
        self,
        appointment_id: int,
        to: Before | None = None,
        *,
        call_id: str | None,
        agent: str = "",
    ) -> AppointmentView:
        """Take back what was done by mistake: it is ``to`` again, or what its events say it
        was. A cancelled time may have been taken since (:class:`SlotTaken`), and is not kept
        for ever (``too_late``)."""
        to = to or history.before(self._database, appointment_id)
        with self._database.transaction() as session:
            self._stream.lock(session)
            found = load(session, appointment_id)
            status.check(found.status, to, back=True)
            status.check_time(to, view(found), self._clock.now())
            late = found.updated_at < self._clock.now() - UNDO_WITHIN
            if found.status == "cancelled" and late:
                raise Conflict("That was too long ago: book a new appointment.", code="too_late")
            lapsed = self._lapse(session, Appointment.during.op("&&")(found.during))
            was = self._set(found, to, back=True)
            flush(session)
            self._publish(session, [*lapsed, (found, "restored")], call_id, agent, was)
            return view(load(session, found.id))

    def move(self, appointment_id: int, held_id: int, *, call_id: str | None) -> AppointmentView:
        """Move an appointment to a held slot. It keeps its reference and its id; the old
        time is free at once."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            moved, held = load(session, appointment_id), load(session, held_id)
            if held.status != "held" or (held.call_id and call_id and held.call_id != call_id):
                raise Conflict("The held time has gone: choose another slot.", code="hold_gone")
            status.check(moved.status, "booked")
            self._set(held, "released")
            session.flush()
            moved.professional_id, moved.branch_id = held.professional_id, held.branch_id
            moved.service_id, moved.during = held.service_id, held.during
            self._set(moved, "booked")
            flush(session)
            self._publish(session, [(held, "released"), (moved, "moved")], call_id)
            return view(load(session, moved.id))

    def reschedule(
        self,
        appointment_id: int,
        slot: Slot,
        *,
        call_id: str | None,
        agent: str,
        any_hour: bool = False,
    ) -> AppointmentView:
        """Move an appointment at the desk, in one step and without holding the new time:
        it may overlap the old one. Its reference, id and length stay."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            moved = load(session, appointment_id)
            if moved.status not in status.OPEN:
                raise Conflict("It is not open any more: look at it again.", code="not_open")
            starts_at, ends_at = bounds(moved)
            slot = replace(slot, ends_at=slot.starts_at + (ends_at - starts_at))
            self._free_time.check(slot, any_hour=any_hour, length=ends_at - starts_at)
            lapsed = self._lapse(session, Appointment.professional_id == slot.professional_id)
            moved.professional_id, moved.branch_id = slot.professional_id, slot.branch_id
            moved.during = Range(slot.starts_at, slot.ends_at)
            self._set(moved, "booked")
            flush(session)
            self._publish(session, [*lapsed, (moved, "moved")], call_id, agent)
            return view(load(session, moved.id))

    def _simple(
        self,
        appointment_id: int,
        wanted: Literal["confirmed", "cancelled", "arrived", "completed", "no_show"],
        call_id: str | None,
        agent: str = "",
    ) -> AppointmentView:
        with self._database.transaction() as session:
            self._stream.lock(session)
            found = load(session, appointment_id)
            if found.status != wanted:
                status.check(found.status, wanted)
                status.check_time(wanted, view(found), self._clock.now())
                was = self._set(found, wanted)
                flush(session)
                self._publish(session, [(found, wanted)], call_id, agent, was)
            return view(found)

    # --- Looking -----------------------------------------------------------------------

    def get(self, appointment_id: int) -> AppointmentView:
        """One appointment."""
        with self._database.transaction() as session:
            return view(load(session, appointment_id))

    def by_reference(self, digits: str) -> AppointmentView | None:
        """The appointment a caller keys the reference of."""
        with self._database.transaction() as session:
            found = session.scalar(selection().where(Appointment.reference == digits))
            return view(found) if found is not None else None

    def upcoming(self, patient_id: int) -> list[AppointmentView]:
        """What a patient is expected for from now on, soonest first."""
        query = selection().where(
            Appointment.patient_id == patient_id,
            Appointment.status.in_(status.OPEN),
            func.lower(Appointment.during) >= self._clock.now(),
        )
        with self._database.transaction() as session:
            rows = session.scalars(query.order_by(func.lower(Appointment.during)))
            return [view(row) for row in rows]

    def day(
        self, day: date, branch_id: int | None = None, *, with_cancelled: bool = False
    ) -> list[AppointmentView]:
        """All appointments of a local day, held ones too, in order of time."""
        shown = (*TAKES_TIME, "cancelled") if with_cancelled else TAKES_TIME
        found: list[AppointmentView] = []
        with self._database.read() as session:
            for branch in self._directory.branches():
                if branch_id not in (None, branch.id):
                    continue
                begin = at(day, time.min, branch.zone)
                end = at(day + timedelta(days=1), time.min, branch.zone)
                starts = func.lower(Appointment.during)
                rows = session.scalars(
                    selection().where(
                        Appointment.branch_id == branch.id,
                        starts >= begin,
                        starts < end,
                        Appointment.status.in_(shown),
                    )
                )
                found += [view(row) for row in rows]
        return sorted(found, key=lambda x: (x.starts_at, x.professional_id))

    # --- Within a transaction ----------------------------------------------------------

    def _set(self, appointment: Appointment, wanted: str, *, back: bool = False) -> str:
        was = appointment.status
        status.check(was, wanted, back=back)
        appointment.status = wanted
        appointment.updated_at = self._clock.now()
        appointment.held_until = None
        return was

    def _lapse(
        self, session: Session, where: ColumnElement[bool] | None = None
    ) -> list[tuple[Appointment, Change]]:
        """Mark run-out holds as expired."""
        query = select(Appointment).where(
            Appointment.status == "held", Appointment.held_until <= self._clock.now()
        )
        lapsed = session.scalars(query if where is None else query.where(where)).all()
        for one in lapsed:
            self._set(one, "expired")
        session.flush()
        return [(one, "expired") for one in lapsed]

    def _publish(
        self,
        session: Session,
        changed: Iterable[tuple[Appointment, Change]],
        call_id: str | None,
        agent: str = "",
        was: str = "",
    ) -> None:
        """``was``: what all but those that lapsed were before, where it may be asked for."""
        session.flush()
        self._stream.add(
            session,
            [
                Outgoing(
                    history.told(
                        one, change, was=was if change != "expired" else "held", agent=agent
                    ),
                    call_id if change != "expired" else one.call_id,
                    one.branch_id,
                )
                for one, change in changed
            ],
        )
