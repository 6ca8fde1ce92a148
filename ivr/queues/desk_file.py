"""What a clinic decides about its desk, in one YAML file: queues, pauses, dispositions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.agents.model import Disposition, PauseReason
from ivr.agents.shifts import LONGEST_WRAP_UP_S
from ivr.clinic.model import Clinic
from ivr.database import Database
from ivr.errors import InvalidInput, NotFound, Unavailable
from ivr.queues.model import Queue

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
    if not path.is_file():
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


def apply(database: Database, desk: DeskFile) -> None:
    """Make the clinic's desk as the file says, all of it or nothing. What the file does not
    name stays, after what it names."""
    with database.transaction() as session:
        clinic = session.scalar(select(Clinic).order_by(Clinic.id).limit(1).with_for_update())
        if clinic is None:
            raise Unavailable("The database has no clinic yet.")
        own = ("wrap_up_s", "wrap_up_extend_s", "disposition_required")
        clinic.settings = clinic.settings | desk.model_dump(include=set(own), exclude_none=True)
        _put(session, Queue, "name", [_queue(part) for part in desk.queues])
        session.flush()
        _check_overflow({row.name: row.overflow_to for row in session.scalars(select(Queue))})
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
        )
        _put(session, Disposition, "code", [part.model_dump() for part in desk.dispositions])


def _put(
    session: Session,
    table: type[Row],
    key: str,
    rows: Sequence[dict[str, Any]],
) -> None:
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
        for column, value in (values | {"position": position}).items():
            setattr(row, column, value)
    for position, row in enumerate(others, start=len(rows)):
        row.position = position


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
