"""Putting two files of one person together, and taking them apart again.

Everything that refers to the merged file refers to the kept one afterwards, whichever table
it is in; the merged file stays, empty and found by nobody. What moved is written down row by
row, so that an undo gives back exactly that and nothing newer.
"""

from datetime import date
from typing import Any

from sqlalchemy import Column, Table, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ivr.agents.viewer import Viewer
from ivr.calls.stream import EventStream, Outgoing
from ivr.clinic import likeness, search
from ivr.clinic.appointments import explained
from ivr.clinic.model import Patient, PatientMerge, PatientPhone
from ivr.clinic.records import identity, load
from ivr.clock import Clock
from ivr.database import Base, Database
from ivr.errors import Conflict, InvalidInput, NotFound
from ivr.flow.events import PatientChanged

FILLED = ("document", "birth_date", "email", "warnings", "notes")
"""What the kept file takes over where it says nothing itself."""
ADDED = ("warnings", "notes")
"""Of those, what is added to what it says."""
ALONE = frozenset({"patient", "patient_merge"})
"""Tables whose references to patients do not move."""


class Merging:
    """Merges files; each merge has its row in ``patient_merge``."""

    def __init__(self, database: Database, clock: Clock, stream: EventStream) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream

    def merge(self, kept_id: int, merged_id: int, viewer: Viewer) -> int:
        """Put ``merged_id`` into ``kept_id``; returns the merge's id. :class:`Conflict`
        (``patient_busy``) when both have an appointment at the same time."""
        if kept_id == merged_id:
            raise InvalidInput("Choose two different files.")
        with self._database.transaction() as session:
            self._stream.lock(session)
            kept, merged = load(session, kept_id), load(session, merged_id)
            score, reasons = likeness.compared(identity(kept), identity(merged))
            before = {name: _plain(getattr(kept, name)) for name in (*FILLED, "balance_cents")}
            before |= {"pending_documents": list(kept.pending_documents)}
            moved = {"before": before, "merged_keys": list(merged.search_keys), "rows": {}}
            moved["rows"] = {
                f"{table.name}.{column.name}": keys
                for table, column in references()
                if (keys := _move(session, table, column, merged_id, kept_id))
            }
            _fill(kept, merged)
            merged.merged_into_id, merged.search_keys = kept.id, []
            session.flush()
            _index(session, kept)
            row = PatientMerge(
                kept_id=kept.id,
                merged_id=merged.id,
                score=score,
                reasons=list(reasons),
                moved=moved,
                user_id=viewer.id,
                at=self._clock.now(),
            )
            session.add(row)
            session.flush()
            self._publish(session, kept, "merged", viewer)
            return row.id

    def undo(self, merge_id: int, viewer: Viewer) -> int:
        """Take a merge back; returns the kept file's id. What was written into the kept
        file since stays there."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            row = session.get(PatientMerge, merge_id, with_for_update=True)
            if row is None:
                raise NotFound("There is no such merge.")
            if row.undone_at is not None:
                raise Conflict("That merge has been undone already.")
            kept = load(session, row.kept_id)
            merged = session.get_one(Patient, row.merged_id)
            rows: dict[str, list[dict[str, Any]]] = row.moved["rows"]
            for table, column in references():
                for key in rows.get(f"{table.name}.{column.name}", ()):
                    _move_back(session, table, column, key, kept.id, merged.id)
            for name, value in row.moved["before"].items():
                is_day = name == "birth_date" and value
                setattr(kept, name, date.fromisoformat(value) if is_day else value)
            merged.merged_into_id = None
            merged.search_keys = row.moved["merged_keys"]
            row.undone_at, row.undone_by_id = self._clock.now(), viewer.id
            session.flush()
            _index(session, kept)
            self._publish(session, kept, "separated", viewer)
            return kept.id

    def kept_by(self, merge_id: int) -> int:
        """The file a merge was into; raises :class:`NotFound`."""
        with self._database.transaction() as session:
            row = session.get(PatientMerge, merge_id)
            if row is None:
                raise NotFound("There is no such merge.")
            return row.kept_id

    def _publish(self, session: Session, row: Patient, change: str, viewer: Viewer) -> None:
        event = PatientChanged.model_validate(
            {"patient_id": row.id, "change": change, "agent": viewer.username}
        )
        self._stream.add(session, [Outgoing(event, branch_id=row.home_branch_id)])


def references() -> list[tuple[Table, Column[Any]]]:
    """Every column of the product that names a patient."""
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        if table.name not in ALONE
        for column in table.columns
        if any(key.column.table.name == "patient" for key in column.foreign_keys)
    ]


def _move(
    session: Session, table: Table, column: Column[Any], merged_id: int, kept_id: int
) -> list[dict[str, Any]]:
    """Give the merged file's rows to the kept one; returns their primary keys. A row the
    kept file has its like of (the same number, the same waiting list) stays behind."""
    keys = list(table.primary_key.columns)
    rows = session.execute(select(*keys).where(column == merged_id)).mappings().all()
    moved = []
    for row in rows:
        key = {k.name: row[k.name] for k in keys}
        try:
            with session.begin_nested():
                _give(session, table, column, key, kept_id)
        except IntegrityError as error:
            reason = explained(error)
            if isinstance(reason, Conflict):
                raise reason from error
            continue
        moved.append(key)
    return moved


def _move_back(
    session: Session,
    table: Table,
    column: Column[Any],
    key: dict[str, Any],
    kept_id: int,
    merged_id: int,
) -> None:
    """Give one row back, unless it has gone to somebody else since."""
    present = {**key, **({column.name: kept_id} if column.name in key else {})}
    try:
        with session.begin_nested():
            _give(session, table, column, present, merged_id, only_from=kept_id)
    except IntegrityError as error:
        raise explained(error) from error


def _give(
    session: Session,
    table: Table,
    column: Column[Any],
    key: dict[str, Any],
    to: int,
    *,
    only_from: int | None = None,
) -> None:
    statement = update(table).values({column.name: to})
    for name, value in key.items():
        statement = statement.where(table.c[name] == value)
    if only_from is not None:
        statement = statement.where(column == only_from)
    session.execute(statement)


def _fill(kept: Patient, merged: Patient) -> None:
    for name in FILLED:
        own, other = getattr(kept, name), getattr(merged, name)
        if not own:
            setattr(kept, name, other)
        elif name in ADDED and other and other not in own:
            setattr(kept, name, f"{own}. {other}")
    kept.balance_cents += merged.balance_cents
    kept.pending_documents = list(
        dict.fromkeys([*kept.pending_documents, *merged.pending_documents])
    )


def _index(session: Session, row: Patient) -> None:
    numbers = session.scalars(
        select(PatientPhone.number).where(PatientPhone.patient_id == row.id)
    ).all()
    found_by = search.index(row.given, row.family, row.document, numbers)
    row.search_keys, row.search_words = found_by["search_keys"], found_by["search_words"]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
