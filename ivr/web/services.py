"""What the web application is made of; the application's start wires it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ivr.agents.dispositions import Dispositions
from ivr.agents.service import Accounts
from ivr.agents.states import States
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clinic.agenda import Agenda
from ivr.clinic.directory import Directory
from ivr.clinic.patients import Patients
from ivr.clock import Clock
from ivr.config import Settings
from ivr.database import Database
from ivr.outbox.service import Outbox
from ivr.ports import AgentDesk, CallControl, Channel
from ivr.queues.board import Boards
from ivr.queues.service import Queues
from ivr.recordings.store import RecordingStore
from ivr.reports.service import DeskReports
from ivr.tickets.messages import Messages
from ivr.tickets.service import Tickets


@dataclass(frozen=True)
class Services:
    """The services the pages use."""

    settings: Settings
    database: Database
    clock: Clock
    stream: EventStream
    accounts: Accounts
    calls: CallLog
    directory: Directory
    agenda: Agenda
    patients: Patients
    recordings: RecordingStore
    tickets: Tickets
    messages: Messages
    queues: Queues
    states: States
    dispositions: Dispositions
    boards: Boards
    reports: DeskReports
    outbox: Outbox
    desk: AgentDesk | None = None
    """The switch's side of an agent's phone; None: calls cannot be taken here."""
    control: CallControl | None = None
    """What agents do with calls in hand; None: nothing but talk."""
    sip_secret: Callable[[str], str] | None = None
    """The password Asterisk knows for a PJSIP endpoint; None: no browser phones."""


def services(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    desk: AgentDesk | None = None,
    control: CallControl | None = None,
    sip_secret: Callable[[str], str] | None = None,
    channels: Mapping[str, Channel] | None = None,
) -> Services:
    """All services over one database."""
    stream = EventStream(database, clock)
    tickets = Tickets(database, clock, stream)
    queues = Queues(database)
    states = States(database, clock, stream, desk, queues.of)
    directory = Directory(database, clock)
    return Services(
        settings=settings,
        database=database,
        clock=clock,
        stream=stream,
        accounts=Accounts(database, clock),
        calls=CallLog(database, clock, stream),
        directory=directory,
        agenda=Agenda(database, clock, stream, directory),
        patients=Patients(database, clock, stream),
        recordings=RecordingStore(database, clock, stream, settings),
        tickets=tickets,
        messages=Messages(database, clock, tickets, settings),
        queues=queues,
        states=states,
        reports=DeskReports(database, clock, queues),
        boards=Boards(database, clock, stream, states, queues, desk),
        outbox=Outbox(database, clock, stream, channels or {}),
        dispositions=Dispositions(database, clock, stream),
        desk=desk,
        control=control,
        sip_secret=sip_secret,
    )
