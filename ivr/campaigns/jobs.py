"""Durable jobs (procrastinate): what happens every minute, every hour and every evening.

The queue lives in the same PostgreSQL; a job that was due while nothing ran is done when
a worker comes back. :func:`build` is given what the jobs need and the worker runs it;
:func:`ask_to_dial` only leaves a job behind.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from ivr.agents.service import Accounts
from ivr.campaigns.dialler import Dialler
from ivr.campaigns.reminders import Reminders
from ivr.clinic.agenda import Agenda
from ivr.database import libpq_url
from ivr.recordings.store import RecordingStore

DIAL = "reminders.dial"
SEND = "outbox.send"
DIAL_S = 55
"""How long one dialling job goes on; the next minute's takes over."""
PAUSE_S = 1.0
"""Between two looks for a free line."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Work:
    """What the jobs work with. Without a ``dialler`` (no switch) nobody is called."""

    agenda: Agenda
    recordings: RecordingStore
    reminders: Reminders
    accounts: Accounts
    collect_messages: Callable[[], object] = lambda: None
    erase_messages: Callable[[], object] = lambda: None
    send_messages: Callable[[], object] = lambda: None
    dialler: Dialler | None = None


def build(url: str, work: Work) -> App:
    """The job queue with its tasks; run it with ``app.run_worker_async()``."""
    app = App(connector=PsycopgConnector(conninfo=libpq_url(url)))

    @app.periodic(cron="* * * * *")
    @app.task(name="agenda.expire_holds", queueing_lock="agenda.expire_holds")
    async def expire_holds(timestamp: int) -> None:
        await asyncio.to_thread(work.agenda.expire_holds)

    @app.periodic(cron="*/2 * * * *")
    @app.task(name="recordings.seal", queueing_lock="recordings.seal")
    async def seal(timestamp: int) -> None:
        await asyncio.to_thread(work.recordings.seal_finished)

    @app.periodic(cron="* * * * *")
    @app.task(name="messages.collect", queueing_lock="messages.collect")
    async def collect(timestamp: int) -> None:
        await asyncio.to_thread(work.collect_messages)

    @app.periodic(cron="17 3 * * *")
    @app.task(name="recordings.retention", queueing_lock="recordings.retention")
    async def retention(timestamp: int) -> None:
        await asyncio.to_thread(work.recordings.erase_expired)
        await asyncio.to_thread(work.erase_messages)
        await asyncio.to_thread(work.accounts.forget_expired)

    @app.periodic(cron="5,35 * * * *")
    @app.task(name="reminders.plan", queueing_lock="reminders.plan")
    async def plan(timestamp: int) -> None:
        planned = await asyncio.to_thread(work.reminders.plan_evening)
        log.info("reminders planned", attempts=planned)

    @app.periodic(cron="* * * * *")
    @app.task(name="reminders.tick", queueing_lock="reminders.tick", lock=DIAL)
    async def tick(timestamp: int) -> None:
        await _dial(work)

    @app.periodic(cron="* * * * *")
    @app.task(name="outbox.tick", queueing_lock="outbox.tick", lock=SEND)
    async def send_tick(timestamp: int) -> None:
        await asyncio.to_thread(work.send_messages)

    @app.task(name=SEND, lock=SEND)
    async def send() -> None:
        await asyncio.to_thread(work.send_messages)

    @app.task(name=DIAL, lock=DIAL)
    async def dial() -> None:
        await _dial(work)

    return app


async def _dial(work: Work) -> None:
    """Keep the lines busy while anything is due or being dialled; what is left when the time
    is over, the next minute's job goes on with."""
    if work.dialler is None:
        return
    loop = asyncio.get_running_loop()
    end = loop.time() + DIAL_S
    while loop.time() < end:
        await asyncio.to_thread(work.dialler.run)
        if not await asyncio.to_thread(work.reminders.outstanding):
            return
        await asyncio.sleep(PAUSE_S)


def ask_to_dial(url: str) -> None:
    """Leave a job that dials what is planned as soon as a worker is free."""
    _ask(url, DIAL)


def ask_to_send(url: str) -> None:
    """Leave a job that sends what is due as soon as a worker is free; the next minute's would
    do it too."""
    _ask(url, SEND)


def _ask(url: str, task: str) -> None:
    app = App(connector=SyncPsycopgConnector(conninfo=libpq_url(url)))
    with app.open(), contextlib.suppress(AlreadyEnqueued):
        app.configure_task(task, queueing_lock=task, lock=task).defer()
