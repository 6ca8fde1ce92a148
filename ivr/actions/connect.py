"""Puts the services of one installation together."""

from pathlib import Path

import ivr.agents.model  # noqa: F401 (foreign keys of other tables point to its tables)
from ivr.actions import catalogue
from ivr.actions.services import Services
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.campaigns.reminders import Reminders
from ivr.clinic.agenda import Agenda
from ivr.clinic.directory import Directory
from ivr.clinic.patients import Patients
from ivr.clinic.waiting import WaitingList
from ivr.clock import Clock
from ivr.config import Settings, settings
from ivr.consent.ledger import Ledger
from ivr.database import Database
from ivr.flow.library import Library
from ivr.language import KINDS
from ivr.recordings.store import RecordingStore
from ivr.tickets.messages import Messages
from ivr.tickets.service import Tickets

INTENTS = frozenset(
    {
        "book", "move", "cancel", "ask_appointment", "urgency", "price", "insurance",
        "hours_place", "person", "billing", "documents", "prescription", "complaint", "late",
        "opt_out", "waiting_list", "third_party", "aftercare", "goodbye",
    }
)  # fmt: skip
"""Ids of :mod:`ivr.language`'s intents."""


def connect(database: Database, clock: Clock, config: Settings | None = None) -> Services:
    """The services on one database and clock."""
    stream = EventStream(database, clock)
    directory = Directory(database, clock)
    tickets = Tickets(database, clock, stream)
    config = config or settings()
    return Services(
        clock=clock,
        stream=stream,
        calls=CallLog(database, clock, stream),
        agenda=Agenda(database, clock, stream, directory),
        directory=directory,
        patients=Patients(database, clock, stream),
        ledger=Ledger(database, clock, stream),
        recordings=RecordingStore(database, clock, stream, config),
        tickets=tickets,
        messages=Messages(database, clock, tickets, config),
        reminders=Reminders(database, clock, stream, directory),
        waiting=WaitingList(database, clock),
    )


def library(folder: Path) -> Library:
    """The flows and texts of the callflows ``folder``, checked."""
    return Library(folder, catalogue(), kinds=KINDS, intents=INTENTS)
