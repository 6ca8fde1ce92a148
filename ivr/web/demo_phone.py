"""The page that phones the demo clinic: who one may call as, and one-time credentials."""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import func, select
from starlette.requests import HTTPConnection

from ivr.agents.sessions import Sessions
from ivr.clinic.directory import Directory
from ivr.clinic.model import Appointment, Branch, Clinic, Patient, PatientPhone
from ivr.clock import Clock
from ivr.config import Settings
from ivr.database import Database
from ivr.errors import Forbidden, InvalidInput, Unavailable
from ivr.web.security import is_loopback
from ivr.web.sip_relay import Line

ENDPOINT = "demo-phone"
COOKIE = "auricula_demo"
LASTS_S = 600.0
"""An unused ticket is worth nothing after this long; a call may go on for longer."""
MOST_TICKETS = 50
UNKNOWN = {"es": "+34600000000", "mx": "+525500000000"}
"""Numbers no patient of the demo clinic has."""
E164 = re.compile(r"^\+[1-9]\d{6,14}$")


class DemoOff(Forbidden):
    """The demo phone is not offered here."""

    code = "demo_off"


class DemoPatient(BaseModel):
    """A made-up patient to call as."""

    name: str
    number: str
    birth_date: date | None
    family: int
    """How many patients share this number."""
    has_appointment: bool


class DemoPhone(BaseModel):
    """What the page needs before it calls."""

    clinic: str
    number: str
    """The clinic's number, as shown."""
    patients: list[DemoPatient]
    unknown_number: str
    zone: str
    opens_at: datetime | None
    """When somebody is there again to take calls; None while the clinic is open."""


class CallAs(BaseModel):
    """The number to call from; empty: withheld."""

    number: str = Field(default="", max_length=16)


class PhoneCredentials(BaseModel):
    """What a browser phone registers or calls with, for this login only."""

    endpoint: str
    password: str
    realm: Literal["auricula"] = "auricula"
    path: str
    """Websocket of the SIP relay, on this host."""
    dial: str
    """Who to call; empty where the phone only answers."""


@dataclass
class Ticket:
    """One visitor's permission to make calls."""

    number: str
    password: str
    made_at: float
    phones: int = 0
    """Websockets that use it now."""

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """It does not run out while a phone uses it, and is worth nothing afterwards."""
        self.phones += 1
        try:
            yield
        finally:
            self.phones -= 1
            self.made_at = float("-inf")


class DemoPhones:
    """Makes and checks the visitors' tickets."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        directory: Directory,
        settings: Settings,
        sessions: Sessions,
        secret: Callable[[str], str] | None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._directory = directory
        self._settings = settings
        self._sessions = sessions
        self._secret = secret
        self._tickets: dict[str, Ticket] = {}

    def demand(self, connection: HTTPConnection) -> None:
        """Raise :class:`DemoOff` unless this visitor may phone the demo clinic."""
        with self._database.transaction() as session:
            clinic = session.scalar(select(Clinic).limit(1))
        if clinic is None or not clinic.settings.get("demo"):
            raise DemoOff("The demo phone works with the demo clinic only: auricula demo --reset.")
        address = connection.client.host if connection.client else ""
        if (
            is_loopback(address)
            or self._settings.demo_phone_anywhere
            or self._sessions.viewer(connection) is not None
        ):
            return
        raise DemoOff(
            "The demo phone works from this machine, or after logging in. "
            "AURICULA_DEMO_PHONE_ANYWHERE=true opens it to everybody."
        )

    def offer(self) -> DemoPhone:
        """The clinic's number and a few of its made-up patients."""
        now = self._clock.now()
        with self._database.transaction() as session:
            clinic = session.scalars(select(Clinic).limit(1)).one()
            branch = session.scalars(select(Branch).order_by(Branch.id).limit(1)).one()
            sharing = func.count().over(partition_by=PatientPhone.number)
            ahead = (
                select(Appointment.id)
                .where(
                    Appointment.patient_id == Patient.id,
                    Appointment.status.in_(("booked", "confirmed")),
                    func.lower(Appointment.during) > now,
                )
                .exists()
            )
            rows = session.execute(
                select(Patient, PatientPhone.number, sharing, ahead)
                .join(PatientPhone)
                .where(Patient.home_branch_id == branch.id, Patient.birth_date.is_not(None))
                .order_by(Patient.id)
            )
            people = [
                DemoPatient(
                    name=patient.full_name,
                    number=number,
                    birth_date=patient.birth_date,
                    family=size,
                    has_appointment=bool(coming),
                )
                for patient, number, size, coming in rows
            ]
        chosen = [
            *[p for p in people if p.family == 1 and p.has_appointment][:2],
            *[p for p in people if p.family == 1 and not p.has_appointment][:1],
            *[p for p in people if p.family > 2][:1],
        ]
        return DemoPhone(
            clinic=clinic.name,
            number=branch.phone,
            patients=chosen,
            unknown_number=UNKNOWN.get(clinic.country, UNKNOWN["es"]),
            zone=branch.zone,
            opens_at=self._directory.opening(branch.id, now).next_open,
        )

    def issue(self, number: str) -> tuple[str, PhoneCredentials]:
        """A ticket to call from ``number``: the cookie's token and the credentials."""
        if number and not E164.match(number):
            raise InvalidInput("Write the number with its country code, like +34612345678.")
        if self._secret is None:
            raise Unavailable("The switch has not been set up: run make up.")
        now = time.monotonic()
        for token, old in list(self._tickets.items()):
            if not old.phones and now - old.made_at > LASTS_S:
                del self._tickets[token]
        if len(self._tickets) >= MOST_TICKETS:
            raise Unavailable("Too many people are trying the phone: try again in a minute.")
        token = secrets.token_urlsafe(24)
        ticket = Ticket(number, secrets.token_urlsafe(16), now)
        self._tickets[token] = ticket
        return token, PhoneCredentials(
            endpoint=ENDPOINT,
            password=ticket.password,
            path="/api/v1/demo-phone/sip",
            dial=self.offer().number,
        )

    def ticket(self, connection: HTTPConnection) -> Ticket | None:
        """The visitor's ticket, while it is worth something."""
        ticket = self._tickets.get(connection.cookies.get(COOKIE, ""))
        if ticket is None or (not ticket.phones and time.monotonic() - ticket.made_at > LASTS_S):
            return None
        return ticket

    def line(self, ticket: Ticket) -> Line:
        """What the visitor's phone is to the switch."""
        assert self._secret is not None
        return Line(
            endpoint=ENDPOINT,
            password=ticket.password,
            secret=self._secret(ENDPOINT),
            calls_as=ticket.number or "anonymous",
        )


def router(phones: DemoPhones) -> APIRouter:
    """The endpoints of the page."""
    api = APIRouter(prefix="/demo-phone", tags=["demo phone"])

    @api.get("", summary="Who one may call the demo clinic as")
    def demo_phone(request: Request) -> DemoPhone:
        phones.demand(request)
        return phones.offer()

    @api.post("", summary="One-time credentials for one phone")
    def demo_credentials(wanted: CallAs, request: Request, response: Response) -> PhoneCredentials:
        phones.demand(request)
        token, credentials = phones.issue(wanted.number)
        response.set_cookie(
            COOKIE,
            token,
            httponly=True,
            samesite="strict",
            path="/api/v1/demo-phone",
            secure=request.url.scheme == "https",
        )
        return credentials

    return api
