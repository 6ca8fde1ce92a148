"""The web application: REST, websockets, the console's pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI, Response, WebSocket
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import text

from ivr import __version__
from ivr.agents import endpoints as agents
from ivr.agents import presence
from ivr.agents.sessions import Sessions
from ivr.agents.supervisors import SupervisorLog
from ivr.calls import endpoints as calls
from ivr.calls import handling_endpoints
from ivr.calls.desk import CallDesk
from ivr.calls.handling import Handling
from ivr.calls.log import CallLog
from ivr.campaigns.jobs import ask_to_send
from ivr.clinic import agenda_endpoints, patient_endpoints
from ivr.clinic import endpoints as clinic
from ivr.clinic.agenda_desk import AgendaDesk
from ivr.clinic.desk import ClinicDesk
from ivr.clinic.finder import Finder
from ivr.clinic.merging import Merging
from ivr.clinic.records import Records
from ivr.database import DATABASE_ERRORS, Database
from ivr.outbox import endpoints as outbox
from ivr.queues import endpoints as queues
from ivr.queues import kept
from ivr.recordings import endpoints as recordings
from ivr.reports import endpoints as reports
from ivr.tickets import endpoints as tickets
from ivr.tickets.desk import TicketDesk
from ivr.web import console, demo_phone, problems
from ivr.web.attendance import SESSION_ENDED, Attendance
from ivr.web.callers import Callers
from ivr.web.events import Screens
from ivr.web.hub import Hub
from ivr.web.messages import StreamMessage, Watch
from ivr.web.metrics import Measured, Metrics
from ivr.web.phones import PhoneSockets
from ivr.web.room import Room
from ivr.web.security import Guard
from ivr.web.services import Services

API = "/api/v1"
ABOUT = """
Everything the console does. Log in with `POST /api/v1/session`; the session is a cookie.
Errors are `application/problem+json` with a stable `code` and a `detail` that says how to
mend the cause. Events come over the websocket `/api/v1/events` (see `StreamMessage`):
a snapshot, then numbered events; `?after=N` resumes after a cut. A supervisor's screen that
shows the wallboard says so with a `Watch`.
"""


class Health(BaseModel):
    """Whether the parts this process depends on answer."""

    status: str
    database: bool
    stream: bool
    """Events can be stored."""
    events: bool
    """Events arrive."""


def create_app(services: Services) -> FastAPI:
    """The application over ``services``."""
    settings = services.settings
    metrics = Metrics()
    sessions = Sessions(services.accounts, public_url=settings.public_url)
    call_desk = CallDesk(services.database)
    clinic_desk = ClinicDesk(services.database, services.clock, services.directory)
    hub = Hub(services.stream, call_desk, metrics)
    callers = Callers(hub, services.patients, clinic_desk)
    room = Room(hub, services.boards)
    screens = Screens(
        hub,
        callers,
        room,
        call_desk,
        services.queues,
        services.stream,
        services.database,
        services.clock,
        metrics,
    )
    handling = Handling(
        services.control,
        services.calls,
        services.directory,
        services.accounts,
        services.queues,
        SupervisorLog(services.database, services.clock),
        services.states,
        services.database,
    )
    phones = demo_phone.DemoPhones(
        services.database,
        services.clock,
        services.directory,
        settings,
        sessions,
        services.sip_secret,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(hub.run()), asyncio.create_task(callers.run())]
        tasks += [asyncio.create_task(room.run()), asyncio.create_task(screens.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    app = FastAPI(
        title="Aurícula",
        version=__version__,
        description=ABOUT,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.sessions = sessions
    app.state.hub = hub
    problems.install(app)
    api = APIRouter(prefix=API, responses=problems.RESPONSES)
    for router in (
        agents.router(
            services.accounts,
            sessions,
            lambda result: metrics.logins.labels(result).inc(),
            services.states.leave,
        ),
        handling_endpoints.router(handling, call_desk, clinic_desk),
        presence.router(services.states, services.dispositions),
        queues.router(services.boards),
        kept.router(
            kept.KeptList(services.database, services.clock, services.stream, services.queues)
        ),
        calls.router(call_desk),
        clinic.router(clinic_desk),
        *_of_clinic(services, clinic_desk),
        reports.router(services.reports),
        outbox.router(clinic_desk, services.outbox, partial(ask_to_send, services.database.url)),
        recordings.router(call_desk, services.recordings),
        tickets.router(
            TicketDesk(services.database),
            services.tickets,
            services.messages,
            clinic_desk.demand,
        ),
        demo_phone.router(phones),
    ):
        api.include_router(router)
    app.include_router(api)
    _add_sockets(app, services, sessions, screens, phones, hub, metrics)
    _add_probes(app, services, hub, metrics)
    console.install(app, settings.console)
    _complete_document(app)
    app.add_middleware(Guard, public_url=settings.public_url)
    app.add_middleware(Measured, metrics=metrics)
    return app


def _of_clinic(services: Services, desk: ClinicDesk) -> tuple[APIRouter, APIRouter]:
    """The routers of the agenda and of the patients."""
    database, clock, stream = services.database, services.clock, services.stream
    directory, agenda = services.directory, services.agenda
    return (
        agenda_endpoints.router(
            desk,
            AgendaDesk(database, clock, directory),
            agenda,
            Finder(agenda, directory, clock),
            directory,
        ),
        patient_endpoints.router(
            desk,
            services.patients,
            Records(database, clock, stream, directory),
            Merging(database, clock, stream),
            CallLog(database, clock, stream),
        ),
    )


def _add_probes(app: FastAPI, services: Services, hub: Hub, metrics: Metrics) -> None:
    @app.get("/health", include_in_schema=False)
    def health() -> Any:
        database = _answers(services.database)
        stream = database and services.stream.writable()
        events = hub.ready.is_set()
        state = Health(
            status="ok" if stream and events else "failing",
            database=database,
            stream=stream,
            events=events,
        )
        if state.status == "ok":
            return state
        if not database:
            why = "The database does not answer."
        elif not stream:
            why = (
                "Events cannot be stored: a session of the database keeps the stream's lock. "
                "End it (pg_locks, locktype advisory), or restart the program it belongs to."
            )
        else:
            why = "Events do not arrive yet."
        return problems.problem(503, "unhealthy", why)

    @app.get("/alive", include_in_schema=False)
    async def alive() -> Response:
        """Nothing but that this process is not stuck: the database may be down."""
        return Response(status_code=204)

    @app.get("/metrics", include_in_schema=False)
    def measures() -> Any:
        metrics.live_calls.set(len(hub.calls))
        return metrics.response()


def _answers(database: Database) -> bool:
    try:
        with database.transaction() as session:
            session.execute(text("SELECT 1"))
    except DATABASE_ERRORS:
        return False
    return True


def _add_sockets(
    app: FastAPI,
    services: Services,
    sessions: Sessions,
    screens: Screens,
    phones: demo_phone.DemoPhones,
    hub: Hub,
    metrics: Metrics,
) -> None:
    attendance = Attendance(services.accounts)

    @app.websocket(f"{API}/events")
    async def events(socket: WebSocket, after: int | None = None) -> None:
        viewer = await asyncio.to_thread(sessions.viewer, socket)
        if viewer is not None and not hub.ready.is_set():
            await hub.ready.wait()
            viewer = await asyncio.to_thread(sessions.viewer, socket)
        if viewer is None or viewer.must_change_password:
            await refuse(socket, SESSION_ENDED, "not_logged_in")
            return
        session_over = partial(attendance.over, sessions.token(socket))
        await screens.serve(socket, viewer, after, session_over)

    PhoneSockets(services, sessions, attendance, phones, hub, metrics).install(app, API)


async def refuse(socket: WebSocket, code: int, reason: str) -> None:
    """Close with a code the page can read: that takes accepting first."""
    await socket.accept()
    await socket.close(code, reason)


def _complete_document(app: FastAPI) -> None:
    """Add what FastAPI does not find by itself: the websocket's messages and the problems."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made()
            template = "#/components/schemas/{model}"
            schemas = document["components"]["schemas"]
            stream = TypeAdapter(StreamMessage).json_schema(
                ref_template=template, mode="serialization"
            )
            problem = problems.Problem.model_json_schema(ref_template=template)
            watch = Watch.model_json_schema(ref_template=template)
            for part in (stream, problem):
                for name, schema in part.pop("$defs").items():
                    schemas.setdefault(name, schema)
            schemas["Problem"] = problem
            schemas["StreamMessage"] = stream
            schemas["Watch"] = watch
            document["components"]["schemas"] = dict(sorted(schemas.items()))
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
