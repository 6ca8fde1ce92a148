"""The one place that wires everything together: what ``auricula serve`` runs."""

import signal
import threading
from collections.abc import Callable, Collection
from typing import Literal

import structlog
import uvicorn

from ivr import secrets
from ivr.actions.call import CallHandler
from ivr.actions.connect import connect, library
from ivr.adapters.asterisk.agi import AgiSession
from ivr.adapters.asterisk.edge import ArrivedCall, arrived_call
from ivr.adapters.asterisk.fastagi import FastAgiServer
from ivr.adapters.asterisk.phone import AgiPhone
from ivr.adapters.speech.engines import prompts as prompt_cache
from ivr.clock import SystemClock
from ivr.config import Settings
from ivr.database import Database, database_url
from ivr.flow.events import EventBase
from ivr.web.app import create_app
from ivr.web.services import services as web_services

Role = Literal["api", "agi", "jobs"]
ROLES: tuple[Role, ...] = ("api", "agi", "jobs")
FLOW = "recepcion"
"""What answers a number that has no flow of its own in the clinic's ``flows`` setting."""

log = structlog.get_logger(__name__)


class Application:
    """One process of the server, with any of its three roles."""

    def __init__(self, settings: Settings, roles: Collection[Role] = ROLES) -> None:
        self.settings = settings
        self.roles = frozenset(roles)
        self.clock = SystemClock()
        self.database = Database(database_url(settings))
        self.services = connect(self.database, self.clock, settings)
        self.secrets = secrets.load(settings.var)
        self._stopping: list[Callable[[], None]] = []

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; calls in progress are given a moment to end."""
        try:
            if "agi" in self.roles:
                self._start_calls()
            if "api" in self.roles:
                self._serve_web()
            else:
                self._wait_for_signal()
        finally:
            for stop in reversed(self._stopping):
                stop()

    # --- Calls -------------------------------------------------------------------------

    def _start_calls(self) -> None:
        calls = Calls(self)
        server = FastAgiServer(calls.take, host=self.settings.agi_host, port=self.settings.agi_port)
        server.start()
        self._stopping.append(server.stop)
        log.info("taking calls", port=server.port)

    # --- The web -----------------------------------------------------------------------

    def _serve_web(self) -> None:
        services = web_services(
            self.settings,
            self.database,
            self.clock,
            sip_secret=self.secrets.sip_password,
        )
        config = uvicorn.Config(
            create_app(services),
            host=self.settings.http_host,
            port=self.settings.http_port,
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            timeout_graceful_shutdown=3,
        )
        uvicorn.Server(config).run()

    @staticmethod
    def _wait_for_signal() -> None:
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        ended.wait()


class Calls:
    """Takes each call that the switch hands over through its flow, in the call's thread."""

    def __init__(self, application: Application) -> None:
        settings = application.settings
        self._services = application.services
        self._handler = CallHandler(application.services, library(settings.callflows))
        self._prompts = prompt_cache(settings)
        self._recordings = settings.var / "spool"
        self._recordings.mkdir(parents=True, exist_ok=True)

    def take(self, session: AgiSession) -> None:
        """One call, from the dialplan's hand-over to handing it back."""
        clinic = self._services.directory.clinic()
        arrived = arrived_call(session, "mx" if clinic.country == "mx" else "es")

        def emit(event: EventBase) -> None:
            self._services.calls.append(arrived.call_id, event)

        phone = AgiPhone(
            session,
            self._prompts,
            emit=emit,
            call_id=arrived.call_id,
            recordings=self._recordings,
        )
        phone.claim(arrived.call_id)
        outbound = arrived.attempt_id is not None
        flows: dict[str, str] = clinic.settings.get("flows", {})
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
