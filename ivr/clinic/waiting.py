"""The waiting list: patients who want a slot that is not there yet."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from ivr.clinic.model import WaitingListEntry
from ivr.clock import Clock
from ivr.database import Database


class WaitingList:
    """Writes who waits for what; a patient waits once for a service."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(
        self,
        *,
        patient_id: int,
        service_id: int,
        professional_id: int | None = None,
        branch_id: int | None = None,
        wishes: dict[str, Any] | None = None,
    ) -> int:
        """Put a patient on the list, or change what they wait for; returns the entry's id."""
        row = {
            "professional_id": professional_id,
            "branch_id": branch_id,
            "wishes": wishes or {},
        }
        statement = (
            insert(WaitingListEntry)
            .values(
                patient_id=patient_id,
                service_id=service_id,
                created_at=self._clock.now(),
                **row,
            )
            .on_conflict_do_update(index_elements=["patient_id", "service_id"], set_=row)
            .returning(WaitingListEntry.id)
        )
        with self._database.transaction() as session:
            return int(session.execute(statement).scalar_one())
