"""The consent ledger: decisions are added, never changed; the last one counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from ivr.calls.stream import EventStream, Outgoing
from ivr.clock import Clock
from ivr.consent.model import Consent
from ivr.database import Database
from ivr.flow.events import ConsentDecided

Decision = Literal["granted", "refused", "unanswered", "revoked"]
How = Literal["key", "voice", "silence", "unclear", "agent", "message"]


@dataclass(frozen=True)
class ConsentView:
    """One decision."""

    id: int
    purpose: str
    decision: str
    how: str
    wording_version: str
    at: datetime
    until: datetime | None
    call_id: str | None


class Ledger:
    """Records decisions and answers what holds now."""

    def __init__(self, database: Database, clock: Clock, stream: EventStream) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream

    def record(
        self,
        *,
        purpose: str,
        decision: Decision,
        how: How,
        wording_version: str,
        call_id: str | None = None,
        patient_id: int | None = None,
        number: str = "",
        language: str = "es-ES",
        until: datetime | None = None,
    ) -> int:
        """Add a decision (GDPR art. 7.1: it must be possible to show it was given, in
        which words); returns its id. Publishes :class:`ConsentDecided`."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            row = Consent(
                purpose=purpose,
                decision=decision,
                how=how,
                wording_version=wording_version,
                language=language,
                call_id=call_id,
                patient_id=patient_id,
                number=number,
                at=self._clock.now(),
                until=until,
            )
            session.add(row)
            session.flush()
            event = ConsentDecided(
                purpose=purpose, decision=decision, how=how, wording_version=wording_version
            )
            self._stream.add(session, [Outgoing(event, call_id)])
            return row.id

    def of(self, patient_id: int) -> list[ConsentView]:
        """The present decision of a patient for each purpose."""
        query = (
            select(Consent)
            .ext(distinct_on(Consent.purpose))
            .where(Consent.patient_id == patient_id)
            .order_by(Consent.purpose, Consent.at.desc(), Consent.id.desc())
        )
        with self._database.transaction() as session:
            return [_view(row) for row in session.scalars(query)]

    def get(self, consent_id: int) -> ConsentView | None:
        """One decision, e.g. the one a recording rests on."""
        with self._database.transaction() as session:
            row = session.get(Consent, consent_id)
            return _view(row) if row is not None else None

    def granted(self, purpose: str, *, patient_id: int | None = None, number: str = "") -> bool:
        """Whether the last decision for a purpose is a yes that has not run out."""
        return self._last(purpose, patient_id, number) == "granted"

    def refused(self, purpose: str, *, patient_id: int | None = None, number: str = "") -> bool:
        """Whether the last decision for a purpose is a no."""
        return self._last(purpose, patient_id, number) in ("refused", "revoked")

    def _last(self, purpose: str, patient_id: int | None, number: str) -> str:
        whose = Consent.patient_id == patient_id
        if number:
            whose = (
                (Consent.number == number)
                if patient_id is None
                else whose | (Consent.patient_id.is_(None) & (Consent.number == number))
            )
        query = (
            select(Consent)
            .where(Consent.purpose == purpose, whose)
            .order_by(Consent.at.desc(), Consent.id.desc())
            .limit(1)
        )
        with self._database.transaction() as session:
            row = session.scalar(query)
        if row is None or (row.until is not None and row.until <= self._clock.now()):
            return ""
        return row.decision


def _view(row: Consent) -> ConsentView:
    return ConsentView(
        id=row.id,
        purpose=row.purpose,
        decision=row.decision,
        how=row.how,
        wording_version=row.wording_version,
        at=row.at,
        until=row.until,
        call_id=row.call_id,
    )
