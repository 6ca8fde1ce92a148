"""How an event reaches the database: in as few words as can be, for every call writes
several a second. One statement numbers the event, brings the call's row up to date, stores
and announces.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import psycopg
import structlog

from ivr.calls import projection
from ivr.flow import events as e

Cursor = psycopg.Cursor[Any]

CHANNEL = "auricula_events"
KEY = 0x41555249
"""Of the writers' advisory lock: "AURI"."""
PATIENCE = b"SELECT set_config('lock_timeout', %s, true)"
"""How long a transaction waits for the lock, in ms."""
LOCK = f"SELECT pg_advisory_xact_lock({KEY})".encode()

COLUMNS = ("number", "at", "type", "call_id", "call_seq", "branch_id", "data")
"""Of an event, in the order of :data:`AFTER`."""
MOST_AT_ONCE = 1000
MOST_TOLD = 7900
"""Bytes of an event that are announced whole: PostgreSQL's limit of a notice is 8000."""
_ALL = ", ".join(COLUMNS)
_TOLD = f"""
    stored, LATERAL (SELECT row_to_json(stored)::text AS whole) AS announced,
    pg_notify('{CHANNEL}', CASE WHEN octet_length(whole) < {MOST_TOLD} THEN whole ELSE '' END)
"""
"""The event just stored, announced: with all that is in it, so that who follows need not ask
for it; without where that would be too much for a notice."""
AFTER = (
    f"SELECT {_ALL} FROM event WHERE number > %s ORDER BY number LIMIT %s"  # noqa: S608
).encode()

_KEPT = ("answered_at", "ended_at", "outcome")
"""Columns whose first value stands."""

_NEW_CALL = b"""
INSERT INTO call (id, started_at, last_seq, status, linked_id, channel, branch_id, direction, ani,
                  dnis, caller_name, language, flow, flow_version, reason, recording_consent)
VALUES (%(id)s::varchar, %(at)s,
        (SELECT coalesce(max(call_seq), 0) FROM event WHERE call_id = %(id)s::varchar),
        'live', %(linked_id)s, %(channel)s, %(branch)s, '', '', '', '', '', '', '', '', '')
ON CONFLICT DO NOTHING
"""
_UNOPENED = "direction = ''"
"""Of a call's row that has just been made."""
_NEW_LEG = b"""
INSERT INTO call_leg (call_id, channel, kind, agent, started_at)
SELECT id, %(channel)s, %(kind)s, '', %(at)s FROM call WHERE id = %(id)s
ON CONFLICT DO NOTHING
"""
_LEG_ANSWERED = b"""
UPDATE call_leg SET answered_at = coalesce(answered_at, %(at)s)
WHERE call_id = %(id)s AND channel = %(channel)s
"""
_LEG_ENDED = b"""
UPDATE call_leg SET ended_at = %(at)s, cause = %(cause)s
WHERE call_id = %(id)s AND channel = %(channel)s AND ended_at IS NULL
"""

_OUTCOME = f"""
SELECT CASE
    WHEN bool_or(type = 'agent.connected'
                 OR type = 'queue.left' AND data->>'reason' = 'connected') THEN 'transferred'
    WHEN bool_or(type = 'message.left') THEN 'voicemail'
    WHEN bool_or(type = 'queue.place_kept') THEN 'callback'
    WHEN bool_or(type IN ('queue.joined', 'queue.left')) THEN 'abandoned'
    WHEN bool_or(type = 'flow.failed') THEN 'failed'
    ELSE coalesce(
        CASE (array_agg(data->>'kind' ORDER BY call_seq DESC)
              FILTER (WHERE type = 'call.transferred'))[1]
            WHEN 'extension' THEN 'transferred'
            WHEN 'queue' THEN 'abandoned'
            WHEN 'voicemail' THEN 'abandoned'
        END,
        CASE WHEN bool_or(type = 'call.started' AND data->>'flow' = '{projection.MANUAL}')
            THEN 'unanswered' END,
        'completed')
    END FROM event WHERE call_id = %(id)s
"""  # noqa: S608
"""How a call ended (:data:`ivr.flow.events.Outcome`), from its events. Exclusive; the
first that applies wins: talked to a person (an agent at their browser, or whoever else takes
the calls of a queue), left a message, keeps a place in line, gave up waiting, flow broke, was
handed on (where to the last time), an agent's call that nobody answered, done."""
_END = f"""
WITH derived AS (
    SELECT coalesce(%(outcome)s, ({_OUTCOME})) AS outcome,
        round(greatest(extract(epoch FROM %(at)s - started_at), 0), 3) AS duration_s
    FROM call WHERE id = %(id)s
), called AS (
    UPDATE call SET last_seq = last_seq + 1, status = 'ended',
        ended_at = %(at)s, outcome = derived.outcome
    FROM derived WHERE id = %(id)s AND status <> 'ended'
    RETURNING last_seq, branch_id
), stored AS (
    INSERT INTO event (at, type, call_id, call_seq, branch_id, data)
    SELECT %(at)s, 'call.ended', %(id)s, last_seq, branch_id,
        jsonb_build_object('type', 'call.ended', 'outcome', outcome, 'duration_s', duration_s)
    FROM called, derived
    RETURNING {_ALL}
)
SELECT number, true FROM {_TOLD}
""".encode()  # noqa: S608

log = structlog.get_logger(__name__)


def send(
    connection: psycopg.Connection[Any],
    at: datetime,
    event: e.EventBase,
    call_id: str | None = None,
    branch_id: int | None = None,
    *,
    known_only: bool = False,
) -> "Stored":
    """Send, in the connection's pipeline and transaction, which holds the lock, what stores
    and announces one event. The number can be asked for once the pipeline has been left.

    An event of a call that has not been opened is kept all the same, but not ``known_only``.
    """
    row = _row(at, event, call_id, branch_id)
    if call_id is None:
        return Stored(connection.execute(_plain(), row), row)
    told = _put(connection, event, row, known_only=known_only)
    match event:
        case e.LegStarted():
            connection.execute(_NEW_LEG, {**row, "channel": event.channel, "kind": event.kind})
        case e.LegAnswered():
            connection.execute(_LEG_ANSWERED, {**row, "channel": event.channel})
        case e.LegEnded():
            leg = {**row, "channel": event.channel, "cause": event.cause}
            connection.execute(_LEG_ENDED, leg)
    return Stored(told, row)


def begin(
    connection: psycopg.Connection[Any],
    at: datetime,
    started: e.CallStarted,
    call_id: str,
    branch_id: int | None,
    *,
    channel: str,
    linked_id: str,
) -> None:
    """The same for a call's first event, with the call's row; nothing if there is one."""
    row = _row(at, started, call_id, branch_id)
    connection.execute(_NEW_CALL, {**row, "channel": channel, "linked_id": linked_id})
    _put(connection, started, row, only=_UNOPENED, known_only=True)


def end(
    connection: psycopg.Connection[Any], at: datetime, call_id: str, outcome: str | None
) -> Cursor:
    """The same for a call's last event; nothing for a call that has ended or is not known.
    Without ``outcome`` it is derived from the call's events."""
    return connection.execute(_END, {"at": at, "id": call_id, "outcome": outcome})


def _row(
    at: datetime, event: e.EventBase, call_id: str | None, branch_id: int | None
) -> dict[str, Any]:
    data = event.model_dump(mode="json")
    return {
        "at": at,
        "type": data["type"],
        "id": call_id,
        "branch": branch_id,
        "data": json.dumps(data, ensure_ascii=False),
    }


def _put(
    connection: psycopg.Connection[Any],
    event: e.EventBase,
    row: dict[str, Any],
    *,
    known_only: bool,
    only: str = "",
) -> Cursor:
    changes = projection.changes(event, row["at"])
    wanted = projection.wanted_status(event)
    allowed = [now for now, to in projection.TRANSITIONS.items() if wanted in to]
    parameters = {**row, **changes, "status": wanted or "", "allowed": allowed}
    statement = _of_call(
        tuple(changes), only, known_only=known_only, yields=projection.yields(event)
    )
    return connection.execute(statement, parameters)


@dataclass(frozen=True)
class Stored:
    """An event on its way into the database."""

    _told: Cursor
    _row: dict[str, Any]

    def number(self) -> int:
        """Its place in the stream; 0 when it was not kept. Once the pipeline has been left."""
        found = self._told.fetchone()
        if found is None:
            return 0
        number, known = found
        if not known:
            log.warning("event of an unknown call", call_id=self._row["id"], type=self._row["type"])
        return int(number)


@lru_cache
def _plain() -> bytes:
    return f"""
    WITH stored AS (
        INSERT INTO event (at, type, branch_id, data)
        VALUES (%(at)s, %(type)s, %(branch)s, %(data)s::jsonb)
    RETURNING {_ALL}) SELECT number, true FROM {_TOLD}
    """.encode()  # noqa: S608


@lru_cache
def _of_call(columns: tuple[str, ...], only: str, *, known_only: bool, yields: bool) -> bytes:
    """``columns`` are names of :func:`projection.changes`, ``only`` a condition on the call's
    row written here: never from outside. ``yields``: only texts that are empty are set."""
    sets = "".join(
        f", {name} = coalesce({name}, %({name})s)"
        if name in _KEPT
        else f", {name} = coalesce(nullif({name}, ''), %({name})s)"
        if yields
        else f", {name} = %({name})s"
        for name in columns
    )
    return f"""
    WITH called AS (
        UPDATE call SET last_seq = last_seq + 1,
            status = CASE WHEN status = ANY(%(allowed)s) THEN %(status)s ELSE status END{sets}
        WHERE id = %(id)s{f" AND {only}" if only else ""}
        RETURNING last_seq, branch_id
    ), stored AS (
        INSERT INTO event (at, type, call_id, call_seq, branch_id, data)
        SELECT %(at)s, %(type)s, %(id)s::varchar,
            coalesce((SELECT last_seq FROM called),
                     (SELECT coalesce(max(call_seq), 0) + 1 FROM event WHERE call_id = %(id)s)),
            coalesce(%(branch)s::bigint, (SELECT branch_id FROM called)), %(data)s::jsonb
        {"WHERE EXISTS (SELECT FROM called)" if known_only else ""}
        RETURNING {_ALL}
    )
    SELECT number, EXISTS (SELECT FROM called) FROM {_TOLD}
    """.encode()  # noqa: S608
