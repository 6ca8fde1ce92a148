"""The one place that wires everything together: what ``auricula serve`` runs."""

import asyncio
import signal
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from typing import Literal

import structlog
import uvicorn
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from psycopg import Error as PsycopgError

from ivr import secrets
from ivr.actions.call import CallHandler
from ivr.actions.connect import connect, library
from ivr.adapters.asterisk import config as asterisk_config
from ivr.adapters.asterisk.agents import AgentPhones
from ivr.adapters.asterisk.agi import AgiSession
from ivr.adapters.asterisk.ami import AmiClient
from ivr.adapters.asterisk.ami_packets import Packet
from ivr.adapters.asterisk.edge import ArrivedCall, arrived_call, dialled_number, word
from ivr.adapters.asterisk.fastagi import FastAgiServer
from ivr.adapters.asterisk.keys import KeyReports
from ivr.adapters.asterisk.lines import AmiCallControl
from ivr.adapters.asterisk.phone import AgiPhone
from ivr.adapters.asterisk.switchboard import AmiSwitchboard
from ivr.adapters.asterisk.tracker import Tracker
from ivr.adapters.channels.email import channels
from ivr.adapters.speech.engines import prompts as prompt_cache
from ivr.adapters.speech.scribe import Scribe
from ivr.agents import changes
from ivr.agents.service import Accounts
from ivr.agents.states import States
from ivr.campaigns import jobs
from ivr.campaigns.dialler import Dialler
from ivr.clock import SystemClock
from ivr.config import Settings
from ivr.database import DATABASE_ERRORS, SERVING, Database, database_url
from ivr.errors import AuriculaError
from ivr.flow.events import EventBase
from ivr.following import CallsInFlow, Patrol, SwitchDesk, SwitchFollower
from ivr.interpreter import keep_what_is_loaded
from ivr.language.warming import warm_up
from ivr.outbox.service import Outbox
from ivr.queues.places import Places
from ivr.queues.service import Queues
from ivr.web.app import create_app
from ivr.web.lines import ScreenProtocol
from ivr.web.services import services as web_services

Role = Literal["api", "agi", "jobs"]
ROLES: tuple[Role, ...] = ("api", "agi", "jobs")
FLOW = "recepcion"
"""What answers a number that has no flow of its own in the clinic's ``flows`` setting."""

RETRY_S = 2.0
ALIVE_S = 8.0
"""How often a browser shows that it is there, and how long it may take: a laptop that
sleeps is away a quarter of a minute later."""
GONE_WITHIN_S = 2.0
"""The switch says so within this of a hang-up; a caller it keeps goes to the queue."""

log = structlog.get_logger(__name__)


class Application:
    """One process of the server, with any of its three roles."""

    def __init__(self, settings: Settings, roles: Collection[Role] = ROLES) -> None:
        self.settings = settings
        self.roles = frozenset(roles)
        self.clock = SystemClock()
        self.database = Database(database_url(settings), SERVING)
        self.services = connect(self.database, self.clock, settings)
        self.secrets = secrets.load(settings.var)
        self.in_flow = CallsInFlow()
        self._scribe = Scribe(settings)
        self._stopping: list[Callable[[], None]] = []
        self.desk = SwitchDesk(lambda: self.switch)
        queues = Queues(self.database)
        self.states = States(self.database, self.clock, self.services.stream, self.desk, queues.of)
        self.places = Places(
            self.database,
            self.clock,
            self.services.calls,
            self.services.tickets,
            self.services.directory,
            queues,
            lambda: self.switch,
            settings.trunk_contact,
        )
        self.follower = SwitchFollower(
            self.services,
            self.in_flow,
            self.collect_messages,
            states=self.states,
            places=self.places,
            linger_s=0.0 if "agi" in self.roles else 3.0,
        )
        tracker = Tracker(self.follower)
        self.patrol = Patrol(tracker, self.follower)
        self.follows = "jobs" in self.roles
        self.keys = KeyReports(lambda: self.ami.connected)
        self._handlers = [
            *([self.keys.handle] if "agi" in self.roles else []),
            *([tracker.handle] if self.follows else []),
        ]
        self.ami = AmiClient(
            settings.ami_host,
            settings.ami_port,
            username="auricula",
            secret=self.secrets.ami,
            on_event=self._handle if self._handlers else None,
            on_connected=(lambda: self.patrol.connected(self.ami))
            if self.follows
            else lambda: None,
        )
        self.switch = AmiSwitchboard(self.ami)

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; calls in progress are given a moment to end."""
        try:
            if "agi" in self.roles:
                self._start_calls()
            self._stopping.append(self.follower.stop)
            self.ami.connect()
            self._stopping.append(self.ami.disconnect)
            if "jobs" in self.roles:
                self.patrol.start(self.ami)
                self._stopping.append(self.patrol.stop)
                self._start_jobs()
            if "api" in self.roles:
                self._serve_web()
            else:
                self._wait_for_signal()
        finally:
            for stop in reversed(self._stopping):
                stop()

    def _handle(self, event: Packet) -> None:
        for handler in self._handlers:
            handler(event)

    # --- Calls and jobs ----------------------------------------------------------------

    def _start_calls(self) -> None:
        calls = Calls(self)
        server = FastAgiServer(calls.take, host=self.settings.agi_host, port=self.settings.agi_port)
        server.start()
        self._stopping.append(server.stop)
        threading.Thread(target=calls.warm_up, name="warm-up", daemon=True).start()
        log.info("taking calls", port=server.port)

    def _start_jobs(self) -> None:
        accounts = Accounts(self.database, self.clock)
        services = self.services
        work = jobs.Work(
            agenda=services.agenda,
            recordings=services.recordings,
            reminders=services.reminders,
            accounts=accounts,
            collect_messages=self.collect_messages,
            erase_messages=services.messages.erase_expired,
            send_messages=Outbox(
                self.database, self.clock, services.stream, channels(self.settings)
            ).send_due,
            dialler=Dialler(
                services.reminders,
                services.directory,
                self.switch,
                self.settings.trunk_contact,
            ),
        )
        for repeated in (
            Repeated("wrap-ups", self.states.expire, every_s=1.0),
            Repeated("places", self.places.turn, every_s=2.0),
        ):
            repeated.start()
            self._stopping.append(repeated.stop)
        worker = Worker(jobs.build(self.database.url, work))
        worker.start()
        self._stopping.append(worker.stop)
        phones = AgentPhones(self.settings, self.secrets, accounts.phones)
        phones.start(partial(changes.follow, self.database.url))
        self._stopping.append(phones.stop)

    def line_over(self, call_id: str) -> bool:
        """Whether a call that no longer answers is gone from the switch too. Where the
        switch is not followed (no manager session, another process) it is taken as gone."""
        if not self.follows or not self.ami.connected:
            return True
        return self.in_flow.wait_over(call_id, GONE_WITHIN_S)

    def collect_messages(self) -> None:
        """Make tasks of the messages that the dialplan took, and write down what is said in
        those that nobody has written down yet."""
        folder = asterisk_config.paths(self.settings).messages
        self.services.messages.collect(folder)
        self.services.messages.transcribe(self._scribe.write)

    # --- The web -----------------------------------------------------------------------

    def _serve_web(self) -> None:
        if "agi" not in self.roles:  # the finder of free times understands words too
            threading.Thread(target=self._learn, name="learning", daemon=True).start()
        services = web_services(
            self.settings,
            self.database,
            self.clock,
            desk=self.desk,
            control=AmiCallControl(self.ami, self.switch),
            sip_secret=self.secrets.sip_password,
            channels=channels(self.settings),
        )
        config = uvicorn.Config(
            create_app(services),
            host=self.settings.http_host,
            port=self.settings.http_port,
            log_config=None,
            access_log=False,
            ws=ScreenProtocol,
            ws_per_message_deflate=False,
            ws_ping_interval=ALIVE_S,
            ws_ping_timeout=ALIVE_S,
            timeout_graceful_shutdown=3,
        )
        uvicorn.Server(config).run()

    def _learn(self) -> None:
        with suppress(AuriculaError, *DATABASE_ERRORS):
            branches = self.services.directory.branches()
            warm_up(self.clock.now(), {branch.country for branch in branches})
        keep_what_is_loaded()

    @staticmethod
    def _wait_for_signal() -> None:
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        ended.wait()


class Repeated:
    """Does something again and again in a thread of its own; a failure costs one turn."""

    def __init__(self, name: str, work: Callable[[], object], *, every_s: float) -> None:
        self._work = work
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the turn at hand and stop."""
        self._over.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._over.wait(self._every_s):
            try:
                self._work()
            except Exception as error:
                log.warning("turn lost", work=self._thread.name, error=type(error).__name__)


class Worker:
    """Runs the durable jobs on an event loop in a thread of its own."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the job at hand, within reason, and stop."""
        if self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._work())
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()

    async def _work(self) -> None:
        """A database that goes away for a while costs a pause, not the worker."""
        while True:
            try:
                async with self._app.open_async():
                    await self._app.run_worker_async(
                        concurrency=4, install_signal_handlers=False, shutdown_graceful_timeout=5
                    )
                    return
            except (PsycopgError, ConnectorException) as error:
                log.warning("the jobs wait for the database", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)


class Calls:
    """Takes each call that the switch hands over through its flow, in the call's thread."""

    def __init__(self, application: Application) -> None:
        settings = application.settings
        self._services = application.services
        self._handler = CallHandler(
            application.services, library(settings.callflows), line_over=application.line_over
        )
        self._prompts = prompt_cache(settings)
        self._recordings = settings.var / "spool"
        self._recordings.mkdir(parents=True, exist_ok=True)
        self._messages = asterisk_config.paths(settings).messages
        self._in_flow = application.in_flow
        self._places = application.places
        self._keys = application.keys
        self._clock = application.clock

    def warm_up(self) -> None:
        """Load what the first caller would have to wait for: a while, in the background."""
        directory = self._services.directory
        try:
            warm_up(self._clock.now(), {branch.country for branch in directory.branches()})
            self._prompts.warm_up(directory.clinic().language)
        except (AuriculaError, *DATABASE_ERRORS) as error:
            log.warning("not warmed up", error=type(error).__name__)
        keep_what_is_loaded()

    def take(self, session: AgiSession) -> None:
        """One call, from the dialplan's hand-over to handing it back."""
        if session.env.get("agi_network_script") == "keep":
            self._keep_place(session)
            return
        directory = self._services.directory
        clinic = directory.clinic()
        called = directory.branch_called(dialled_number(session.env.get("agi_dnid", "")))
        country = (called or clinic).country
        arrived = arrived_call(session, "mx" if country == "mx" else "es")
        self._in_flow.enter(arrived.call_id)
        try:
            self._play(session, arrived, clinic.settings.get("flows", {}))
        finally:
            self._keys.leave(arrived.unique_id)
            if self._in_flow.leave(arrived.call_id):
                self._services.agenda.release_call(arrived.call_id)
                self._services.calls.finish(arrived.call_id)

    def _keep_place(self, session: AgiSession) -> None:
        """A caller in a queue wants to be called when it is their turn."""
        clinic = self._services.directory.clinic()
        arrived = arrived_call(session, "mx" if clinic.country == "mx" else "es")
        queue = word(session.get_variable("LINE"))
        call_id = None if arrived.is_new else arrived.call_id
        if queue and self._places.keep(queue, arrived.ani, call_id=call_id):
            session.set_variable("AURICULA_KEPT", "1")

    def _play(self, session: AgiSession, arrived: ArrivedCall, flows: dict[str, str]) -> None:
        def emit(event: EventBase) -> None:
            self._services.calls.append(arrived.call_id, event)

        phone = AgiPhone(
            session,
            self._prompts,
            emit=emit,
            call_id=arrived.call_id,
            recordings=self._recordings,
            messages=self._messages,
            keys=self._keys.follow(arrived.unique_id),
        )
        phone.claim(arrived.call_id)
        outbound = arrived.attempt_id is not None
        self._handler.handle(
            phone,
            flow=arrived.flow or flows.get(arrived.dnis, FLOW),
            call_id=arrived.call_id,
            ani="" if outbound else arrived.ani,
            dnis=self._number_reached(arrived) if outbound else arrived.dnis,
            caller_name="" if outbound else arrived.caller_name,
            direction="outbound" if outbound else "inbound",
            attempt_id=arrived.attempt_id,
            channel=arrived.channel,
            linked_id=arrived.linked_id,
        )
        phone.finish()

    def _number_reached(self, arrived: ArrivedCall) -> str:
        assert arrived.attempt_id is not None
        return self._services.reminders.get(arrived.attempt_id).number
