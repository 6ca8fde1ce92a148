"""What a clinic decides about its desk, in one YAML file: queues, pauses, dispositions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.agents.model import AgentInterval, Disposition, PauseReason, User
from ivr.agents.shifts import LONGEST_WRAP_UP_S
from ivr.calls.model import Call
from ivr.clinic.model import Clinic
from ivr.database import Database
from ivr.errors import Conflict, InvalidInput, NotFound, Unavailable
from ivr.flow.document import Flow
from ivr.queues.line import standing
from ivr.queues.model import KeptPlace, Queue
from ivr.queues.service import Queues

Row = TypeVar("Row", Queue, PauseReason, Disposition)
Title = Annotated[str, Field(min_length=1, max_length=60)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class QueuePart(_Part):
    """A queue; what is left out keeps its value. Seconds throughout."""

    name: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    title: Title
    strategy: Literal["longest_idle", "ring_all"] | None = None
    ring_s: int | None = Field(None, ge=5, le=120)
    overflow_s: int | None = Field(None, ge=10, le=7200)
    overflow_to: str | None = None
    """Another queue; empty: voicemail."""
    answer_within_s: int | None = Field(None, gt=0)
    short_abandon_s: int | None = Field(None, ge=0)


class PausePart(_Part):
    """A reason for a pause, and after how many minutes it shows as too long."""

    code: Code
    name: Title
    minutes: int | None = Field(None, gt=0, le=24 * 60)


class DispositionPart(_Part):
    """How a call ended in the agent's words."""

    code: Code
    name: Title
    needs_note: bool = False


class DeskFile(_Part):
    """The whole file; every part may be left out."""

    queues: list[QueuePart] = []
    pauses: list[PausePart] = []
    dispositions: list[DispositionPart] = []
    wrap_up_s: int | None = Field(None, ge=0, le=LONGEST_WRAP_UP_S)
    wrap_up_extend_s: int | None = Field(None, ge=0, le=LONGEST_WRAP_UP_S)
    disposition_required: bool | None = None


def read(path: Path) -> DeskFile:
    """The file, checked. Raises :class:`NotFound`, and :class:`InvalidInput` that names
    every mistake with its place."""
    if path.is_dir() or not path.exists():  # /dev/stdin is a file too
        raise NotFound(f"there is no file {path}")
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
        desk = DeskFile.model_validate({} if data is None else data)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is not YAML: {error}") from error
    except ValidationError as error:
        mistakes = [f"{_where(one['loc'])}: {one['msg']}" for one in error.errors()]
        raise InvalidInput("\n".join([f"{path} has mistakes:", *mistakes])) from error
    for part, keys in (
        ("queues", [queue.name for queue in desk.queues]),
        ("pauses", [pause.code for pause in desk.pauses]),
        ("dispositions", [disposition.code for disposition in desk.dispositions]),
    ):
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise InvalidInput(f"{path}: {part}: {', '.join(twice)} more than once")
    return desk


@dataclass(frozen=True)
class Use:
    """Where queues are named outside the database, and what is to become of the rest."""

    flows: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Names of the flows that put callers into a queue."""
    retire: bool = False
    """What the file's own lists do not name is offered no more."""
    dry: bool = False
    """Tell what would change, and change nothing."""


STAY = Use()


def apply(database: Database, desk: DeskFile, now: datetime, use: Use = STAY) -> list[str]:
    """Make the clinic's desk as the file says, all of it or nothing; returns what changed, a
    line each. What the file does not name stays, after what it names, or is retired: nobody
    can choose it any more, and what happened under its name keeps it. Raises
    :class:`Conflict` when a queue that should go is in use."""
    with database.transaction() as session:
        clinic = session.scalar(select(Clinic).order_by(Clinic.id).limit(1).with_for_update())
        if clinic is None:
            raise Unavailable("The database has no clinic yet.")
        before, serving = _shown(session, clinic), _serving(Queues(database), session)
        own = ("wrap_up_s", "wrap_up_extend_s", "disposition_required")
        clinic.settings = clinic.settings | desk.model_dump(include=set(own), exclude_none=True)
        gone = now if use.retire else None
        lists = desk.model_fields_set
        _put(
            session,
            Queue,
            "name",
            [_queue(part) for part in desk.queues],
            gone if "queues" in lists else None,
        )
        session.flush()
        _check_overflow(
            {
                row.name: row.overflow_to
                for row in session.scalars(select(Queue).where(Queue.retired_at.is_(None)))
            }
        )
        _put(
            session,
            PauseReason,
            "code",
            [
                {
                    "code": part.code,
                    "name": part.name,
                    "limit_s": part.minutes * 60 if part.minutes else None,
                }
                for part in desk.pauses
            ],
            gone if "pauses" in lists else None,
        )
        _put(
            session,
            Disposition,
            "code",
            [part.model_dump() for part in desk.dispositions],
            gone if "dispositions" in lists else None,
        )
        session.flush()
        _check_in_use(session, now, use.flows, serving)
        changes = _changes(before, _shown(session, clinic))
        if use.dry:
            session.rollback()
        return changes


def queues_of(flows: Iterable[Flow]) -> dict[str, list[str]]:
    """Which flows put callers into which queue."""
    found: dict[str, list[str]] = {}
    for flow in flows:
        for queue in sorted(
            {s.argument for s in flow.steps.values() if s.verb == "transfer" and s.to == "queue"}
        ):
            found.setdefault(queue, []).append(flow.name)
    return found


def _put(
    session: Session,
    table: type[Row],
    key: str,
    rows: Sequence[dict[str, Any]],
    gone: datetime | None,
) -> None:
    """``gone``: when those that are not among ``rows`` were retired; None: they stay."""
    present = {getattr(row, key): row for row in session.scalars(select(table))}
    others = sorted(
        (row for name, row in present.items() if name not in {one[key] for one in rows}),
        key=lambda row: row.position,
    )
    for position, values in enumerate(rows):
        row = present.get(values[key])
        if row is None:
            session.add(table(**values, position=position))
            continue
        for column, value in (values | {"position": position, "retired_at": None}).items():
            setattr(row, column, value)
    for position, row in enumerate(others, start=len(rows)):
        row.position = position
        row.retired_at = row.retired_at or gone


def _serving(queues: Queues, session: Session) -> dict[str, list[str]]:
    """Who at work serves which queue; whoever has none of their own serves the first."""
    skills = queues.skills(session)
    first = queues.all(session)[0].name
    at_work = session.scalars(
        select(User.username)
        .join(AgentInterval, AgentInterval.user_id == User.id)
        .where(AgentInterval.ends_at.is_(None))
        .order_by(User.username)
    )
    found: dict[str, list[str]] = {}
    for username in at_work:
        for queue in {s.queue for s in skills if s.username == username} or {first}:
            found.setdefault(queue, []).append(username)
    return found


def _check_in_use(
    session: Session,
    now: datetime,
    flows: Mapping[str, Sequence[str]],
    serving: Mapping[str, Sequence[str]],
) -> None:
    """Nobody may wait in, serve, or be sent to a queue that has just been retired."""
    going = session.scalars(select(Queue.name).where(Queue.retired_at == now)).all()
    left = session.scalar(select(func.count()).where(Queue.retired_at.is_(None)))
    if going and not left:
        raise Conflict("Callers need a queue: the file must name one.")
    reasons = []
    waiting = session.scalars(select(Call.id).where(Call.status == "queued")).all()
    lines = [place.queue for place in standing(session, waiting).values()]
    for name in going:
        kept = session.scalar(
            select(func.count()).where(
                KeptPlace.queue == name, KeptPlace.status.in_(("waiting", "dialling"))
            )
        )
        if flows.get(name):
            reasons.append(f"queue {name}: the flow {', '.join(flows[name])} sends callers there")
        if serving.get(name):
            reasons.append(f"queue {name}: served now by {', '.join(serving[name])}")
        if name in lines:
            reasons.append(f"queue {name}: {lines.count(name)} callers wait there")
        if kept:
            reasons.append(f"queue {name}: {kept} callers are to be called back from it")
    if reasons:
        raise Conflict("\n".join(["These queues are in use and stay:", *reasons]))


Shown = dict[str, dict[str, Any]]


def _shown(session: Session, clinic: Clinic) -> Shown:
    """The desk, for comparing; a part at a time."""
    found: Shown = {"desk": {"": dict(clinic.settings)}}
    for what, table, key in (
        ("queue", Queue, "name"),
        ("pause", PauseReason, "code"),
        ("disposition", Disposition, "code"),
    ):
        rows = session.scalars(select(table).order_by(table.position, getattr(table, key)))
        found[what] = {
            getattr(row, key): {
                column.name: getattr(row, column.name)
                for column in table.__table__.columns
                if column.name not in (key, "position")
            }
            for row in rows
        }
    return found


def _changes(before: Shown, after: Shown) -> list[str]:
    lines = []
    for what, rows in after.items():
        for name, row in rows.items():
            old = before[what].get(name)
            title = f"{what} {name}".strip()
            if old is None:
                lines.append(f"{title}: new")
                continue
            if old.get("retired_at") != row.get("retired_at"):
                lines.append(f"{title}: {'retired' if row['retired_at'] else 'comes back'}")
            lines += [
                f"{title}: {column} {old.get(column)!s} → {value!s}"
                for column, value in row.items()
                if column != "retired_at" and old.get(column) != value
            ]
        offered = [
            [
                name
                for name in one[what]
                if name in before[what] and not rows[name].get("retired_at")
            ]
            for one in (before, after)
        ]
        if offered[0] != offered[1]:
            lines.append(f"{what}s: in the order {', '.join(offered[1])}")
    return lines


def _queue(part: QueuePart) -> dict[str, Any]:
    values = part.model_dump(exclude_none=True)
    if "overflow_to" in values:
        values["overflow_to"] = part.overflow_to or None
    return values


def _check_overflow(next_of: Mapping[str, str | None]) -> None:
    """Every queue's callers get to voicemail in the end. Raises :class:`InvalidInput`."""
    for name in next_of:
        passed = [name]
        while queue := next_of[passed[-1]]:
            if queue not in next_of:
                raise InvalidInput(f"queue {passed[-1]}: overflow_to: there is no queue {queue}")
            if queue in passed:
                circle = " → ".join((*passed, queue))
                raise InvalidInput(f"overflow_to goes round in a circle: {circle}")
            passed.append(queue)


def _where(location: Sequence[int | str]) -> str:
    """``queues[1].ring_s`` of the first queue: people count from 1."""
    text = "".join(f"[{one + 1}]" if isinstance(one, int) else f".{one}" for one in location)
    return text.removeprefix(".") or "the file"
