"""Queues and who takes their calls, as the database keeps them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ivr.agents.model import User
from ivr.database import Database
from ivr.errors import InvalidInput, NotFound
from ivr.queues.model import Queue, QueueSkill

LEVELS = range(1, 6)
"""Levels of a skill: 1 is called first."""


@dataclass(frozen=True)
class QueueView:
    """A queue's settings; seconds throughout."""

    name: str = "recepcion"
    title: str = "Recepción"
    strategy: str = "longest_idle"
    ring_s: int = 20
    overflow_s: int = 600
    overflow_to: str = ""
    """The queue that callers go on to; empty: voicemail."""
    answer_within_s: int = 20
    short_abandon_s: int = 5


DEFAULT = QueueView()
"""A clinic that has set up none still answers."""


@dataclass(frozen=True)
class Skill:
    """An agent's level in a queue."""

    queue: str
    username: str
    level: int

    @property
    def penalty(self) -> int:
        """The switch calls those with the least first."""
        return self.level - 1


class Queues:
    """Reads and changes queues and skills."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, session: Session | None = None) -> list[QueueView]:
        """Every queue, the clinic's order; the default one when none is set up."""
        if session is None:
            with self._database.transaction() as own:
                return self.all(own)
        rows = session.scalars(
            select(Queue).where(Queue.retired_at.is_(None)).order_by(Queue.position, Queue.name)
        ).all()
        return [_view(row) for row in rows] or [DEFAULT]

    def ever(self, session: Session) -> list[QueueView]:
        """The same with those that were retired, for what happened in them."""
        rows = session.scalars(select(Queue).order_by(Queue.position, Queue.name)).all()
        return [_view(row) for row in rows] or [DEFAULT]

    def skills(self, session: Session | None = None) -> list[Skill]:
        """Who serves which queue at what level. Somebody without any skill serves the first
        queue at level 1: a new agent takes calls at once."""
        if session is None:
            with self._database.transaction() as own:
                return self.skills(own)
        found = [
            Skill(queue, username, level)
            for queue, username, level in session.execute(
                select(QueueSkill.queue, User.username, QueueSkill.level)
                .join(User, User.id == QueueSkill.user_id)
                .join(Queue, Queue.name == QueueSkill.queue)
                .where(User.active, Queue.retired_at.is_(None))
                .order_by(QueueSkill.queue, QueueSkill.level, User.username)
            )
        ]
        skilled = {skill.username for skill in found}
        first = self.all(session)[0].name
        others = session.scalars(
            select(User.username)
            .where(User.active, User.extension != "", User.role == "agent")
            .order_by(User.username)
        )
        return found + [Skill(first, name, 1) for name in others if name not in skilled]

    def of(self, username: str) -> list[Skill]:
        """The queues an agent serves; a supervisor with a phone serves the first at the
        last level unless told otherwise."""
        with self._database.transaction() as session:
            return [
                skill
                for skill in self.skills_with(session, [username])
                if skill.username == username
            ]

    def skills_with(self, session: Session, at_work: Collection[str]) -> list[Skill]:
        """:meth:`skills` and those of whoever of ``at_work`` has none, as :meth:`of` has it."""
        found = self.skills(session)
        skilled = {skill.username for skill in found}
        first = self.all(session)[0].name
        return found + [Skill(first, name, LEVELS[-1]) for name in at_work if name not in skilled]

    def served(self, usernames: Collection[str]) -> dict[str, frozenset[str]]:
        """The names of the queues that each of ``usernames`` serves, as :meth:`of` has it."""
        with self._database.transaction() as session:
            skills = self.skills_with(session, usernames)
        return {
            name: frozenset(skill.queue for skill in skills if skill.username == name)
            for name in usernames
        }

    def set_skill(self, queue: str, username: str, level: int | None) -> None:
        """Set an agent's level in a queue; None: they no longer serve it. Raises
        :class:`NotFound`, :class:`InvalidInput`."""
        if level is not None and level not in LEVELS:
            raise InvalidInput("A level is 1 (called first) to 5 (called last).")
        with self._database.transaction() as session:
            user = session.scalar(select(User).where(User.username == username, User.active))
            known = session.get(Queue, queue)
            if user is None or known is None or known.retired_at is not None:
                raise NotFound("There is no such queue or agent.")
            if level is None:
                session.execute(
                    delete(QueueSkill).where(
                        QueueSkill.queue == queue, QueueSkill.user_id == user.id
                    )
                )
                return
            row = insert(QueueSkill).values(queue=queue, user_id=user.id, level=level)
            session.execute(
                row.on_conflict_do_update(
                    index_elements=[QueueSkill.queue, QueueSkill.user_id], set_={"level": level}
                )
            )


def named(queues: Sequence[QueueView], name: str) -> QueueView:
    """The queue of that name; one the switch alone knows gets the usual figures."""
    return next((queue for queue in queues if queue.name == name), QueueView(name, name))


def _view(row: Queue) -> QueueView:
    return QueueView(
        name=row.name,
        title=row.title,
        strategy=row.strategy,
        ring_s=row.ring_s,
        overflow_s=row.overflow_s,
        overflow_to=row.overflow_to or "",
        answer_within_s=row.answer_within_s,
        short_abandon_s=row.short_abandon_s,
    )
