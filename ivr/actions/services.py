"""Everything actions ask of the clinic, in one bundle."""

from dataclasses import dataclass

from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.campaigns.reminders import Reminders
from ivr.clinic.agenda import Agenda
from ivr.clinic.directory import Directory
from ivr.clinic.patients import Patients
from ivr.clinic.waiting import WaitingList
from ivr.clock import Clock
from ivr.consent.ledger import Ledger
from ivr.recordings.store import RecordingStore
from ivr.tickets.messages import Messages
from ivr.tickets.service import Tickets


@dataclass(frozen=True)
class Services:
    """The services of one installation; shared by all calls and threads."""

    clock: Clock
    stream: EventStream
    calls: CallLog
    agenda: Agenda
    directory: Directory
    patients: Patients
    ledger: Ledger
    recordings: RecordingStore
    tickets: Tickets
    messages: Messages
    reminders: Reminders
    waiting: WaitingList
