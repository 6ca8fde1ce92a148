"""Confirmations by e-mail: asked for in the console, sent over the wire, seen to arrive."""

import asyncio
import email
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from icalendar import Calendar, Event
from sqlalchemy import select

from ivr.adapters.channels.email import EmailChannel, channels
from ivr.calls.model import StoredEvent
from ivr.campaigns import jobs
from ivr.clinic.model import Patient
from ivr.clinic.schemas import AppointmentView, SlotQuery
from ivr.clock import FixedClock
from ivr.config import Settings
from ivr.consent.ledger import Ledger
from ivr.database import Database
from ivr.errors import InvalidInput, Unavailable
from ivr.ports import Letter
from tests.web.conftest import MADRID, Console, Screen, serving

ADDRESS = "ana@paciente.example"


@dataclass
class Mailbox:
    """A mail server's mind: what it took, and what it answers."""

    answer: str = "250 OK"
    recipient: str = "250 OK"
    got: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            message = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.got.append(message)
        return self.answer


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp(mailbox: Mailbox) -> Iterator[Settings]:
    """Settings of a clinic whose mail server runs here."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    yield Settings(
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security="none",
        smtp_sender="Clínica Ejemplo <citas@clinica.example>",
    )
    server.stop()


@pytest.fixture
def desk(
    demo_clinic: Database, clock: FixedClock, tmp_path: Path, smtp: Settings
) -> Iterator[Console]:
    with serving(demo_clinic, clock, tmp_path, tmp_path / "nothing", channels(smtp)) as console:
        yield console


@pytest.fixture
def visit(desk: Console) -> AppointmentView:
    """An appointment of a patient without an address."""
    agenda = desk.services.agenda
    later = desk.clock.now().date() + timedelta(days=3)
    slot = agenda.find_slots(SlotQuery(service_id=1, branch_id=MADRID, date_from=later, limit=1))[0]
    with desk.database.transaction() as session:
        patient = session.scalars(select(Patient).where(Patient.home_branch_id == MADRID)).first()
        assert patient is not None
        patient.email = ""
        patient_id = patient.id
    return agenda.schedule(slot, patient_id=patient_id, call_id=None, agent="lucia")


def asked(desk: Console, visit: AppointmentView, **ask: Any) -> tuple[int, dict[str, Any]]:
    with desk.browser("lucia") as lucia:
        answer = lucia.post(f"/api/v1/confirmations/{visit.id}", json=ask)
        return answer.status_code, answer.json()


def state(desk: Console, visit: AppointmentView) -> dict[str, Any]:
    with desk.browser("lucia") as lucia:
        found: dict[str, Any] = lucia.get(f"/api/v1/confirmations/{visit.id}").json()
        return found


def ready(desk: Console, visit: AppointmentView) -> None:
    assert asked(desk, visit, address=ADDRESS, consents=True)[0] == 202


def told(desk: Console) -> list[tuple[str, str, str]]:
    """What the stream says of messages."""
    with desk.database.transaction() as session:
        rows = session.scalars(
            select(StoredEvent)
            .where(StoredEvent.type == "message.changed")
            .order_by(StoredEvent.number)
        )
        return [(row.data["status"], row.data["reason"], row.data["agent"]) for row in rows]


def test_a_confirmation_says_when_and_where_and_nothing_of_the_treatment(
    desk: Console, visit: AppointmentView, mailbox: Mailbox
) -> None:
    ready(desk, visit)
    assert state(desk, visit)["last"]["status"] == "queued"
    assert desk.services.outbox.send_due() == 1
    (message,) = mailbox.got
    body, attached = message.get_body(("plain",)), next(message.iter_attachments())
    assert body is not None
    text = body.get_content() + message["Subject"] + str(attached.get_content())
    assert message["To"] == ADDRESS
    assert message["From"] == "Clínica Ejemplo <citas@clinica.example>"
    assert visit.reference in text
    assert "Le confirmamos su cita" in text
    for secret in (visit.service, visit.professional, "€", visit.patient_name.split()[-1]):
        assert secret not in text
    file = attached.get_payload(decode=True)
    assert isinstance(file, bytes)
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    assert isinstance(event, Event)
    assert event.decoded("dtstart") == visit.starts_at
    assert event.decoded("dtend") == visit.ends_at


def test_the_patient_reads_the_branchs_time(
    desk: Console, visit: AppointmentView, mailbox: Mailbox
) -> None:
    ready(desk, visit)
    desk.services.outbox.send_due()
    body = mailbox.got[0].get_body(("plain",))
    assert body is not None
    local = visit.starts_at.astimezone(ZoneInfo(visit.zone))
    assert f"a las {local.hour}:{local:%M}" in body.get_content()


def test_without_address_or_consent_the_desk_is_told_and_adds_them(
    desk: Console, visit: AppointmentView
) -> None:
    assert state(desk, visit)["problem"] == "no_address"
    assert asked(desk, visit)[1]["code"] == "no_address"
    assert asked(desk, visit, address="ana arroba")[1]["code"] == "wrong_address"
    assert asked(desk, visit, address=ADDRESS)[1]["code"] == "no_consent"
    code, found = asked(desk, visit, consents=True)
    assert (code, found["problem"], found["address"]) == (202, "", ADDRESS)
    with desk.browser("lucia") as lucia:
        file = lucia.get(f"/api/v1/patients/{visit.patient_id}").json()
    assert file["email"] == ADDRESS
    assert ("messages_email", "granted") in [
        (x["purpose"], x["decision"]) for x in file["consents"]
    ]


def test_who_takes_their_consent_back_is_not_written_to_any_more(
    desk: Console, visit: AppointmentView, mailbox: Mailbox
) -> None:
    ready(desk, visit)
    Ledger(desk.database, desk.clock, desk.stream).record(
        purpose="messages_email",
        decision="revoked",
        how="voice",
        wording_version="1",
        patient_id=visit.patient_id,
    )
    assert desk.services.outbox.send_due() == 0
    assert state(desk, visit)["last"]["reason"] == "no_consent"
    assert mailbox.got == []


def test_two_clicks_send_one_message(
    desk: Console, visit: AppointmentView, mailbox: Mailbox
) -> None:
    ready(desk, visit)
    assert asked(desk, visit)[1]["code"] == "queued"
    desk.services.outbox.send_due()
    desk.services.outbox.send_due()
    assert len(mailbox.got) == 1
    assert told(desk) == [("queued", "", "lucia"), ("sent", "", "lucia")]


def test_a_server_that_is_busy_is_tried_again_and_given_up_in_the_end(
    desk: Console, visit: AppointmentView, mailbox: Mailbox
) -> None:
    mailbox.answer = "451 later"
    ready(desk, visit)
    for attempt in range(1, 6):
        desk.services.outbox.send_due()
        desk.services.outbox.send_due()
        last = state(desk, visit)["last"]
        assert (last["attempts"], last["reason"]) == (attempt, "refused")
        desk.clock.moment += timedelta(hours=1, minutes=1)
    assert last["status"] == "failed"
    mailbox.answer = "250 OK"
    desk.services.outbox.send_due()
    assert mailbox.got == []


def test_an_address_that_does_not_exist_is_told_at_once(
    desk: Console, visit: AppointmentView, mailbox: Mailbox
) -> None:
    mailbox.recipient = "550 no such user"
    ready(desk, visit)
    desk.services.outbox.send_due()
    last = state(desk, visit)["last"]
    assert (last["status"], last["reason"], last["by"]) == ("failed", "address_refused", "Lucía")


def test_an_appointment_cancelled_meanwhile_is_not_confirmed(
    desk: Console, visit: AppointmentView, mailbox: Mailbox
) -> None:
    ready(desk, visit)
    desk.services.agenda.cancel(visit.id, call_id=None, agent="lucia")
    desk.services.outbox.send_due()
    assert mailbox.got == []
    assert state(desk, visit)["last"]["reason"] == "not_ahead"


def test_without_a_mail_server_the_desk_is_told_that_there_is_none(
    demo_clinic: Database, clock: FixedClock, tmp_path: Path
) -> None:
    assert channels(Settings(smtp_host="", smtp_sender="a@b.example")) == {}
    with serving(demo_clinic, clock, tmp_path, tmp_path / "nothing") as console:
        agenda = console.services.agenda
        slot = agenda.find_slots(SlotQuery(service_id=1, branch_id=MADRID, limit=1))[0]
        visit = agenda.schedule(slot, patient_id=4, call_id=None, agent="lucia")
        assert state(console, visit)["problem"] == "not_set_up"


def test_the_job_left_by_the_click_sends_it(
    desk: Console, visit: AppointmentView, mailbox: Mailbox
) -> None:
    ready(desk, visit)
    nobody: Any = None
    work = jobs.Work(nobody, nobody, nobody, nobody, send_messages=desk.services.outbox.send_due)

    async def run() -> None:
        app = jobs.build(desk.database.url, work)
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False)

    asyncio.run(run())
    assert len(mailbox.got) == 1


def test_every_screen_of_the_branch_sees_what_becomes_of_it(
    desk: Console, visit: AppointmentView
) -> None:
    with desk.socket("/api/v1/events", desk.cookie("lucia")) as socket:
        screen = Screen(socket)
        screen.message("snapshot")
        ready(desk, visit)
        desk.services.outbox.send_due()
        heard = screen.events(desk.stream.last_number())
    assert [x["data"]["status"] for x in heard if x["data"]["type"] == "message.changed"] == [
        "queued",
        "sent",
    ]
    assert ADDRESS not in str(heard)


LETTER = Letter("1", ADDRESS, "Asunto", "Texto", "es-ES")


def test_a_mail_server_that_is_away_may_be_back(smtp: Settings) -> None:
    away = EmailChannel(smtp.model_copy(update={"smtp_port": 1}))
    with pytest.raises(Unavailable) as failed:
        away.send(LETTER)
    assert failed.value.code == "no_answer"


def test_nothing_is_sent_in_the_clear_where_tls_is_asked_for(
    smtp: Settings, mailbox: Mailbox
) -> None:
    with pytest.raises(Unavailable) as failed:
        EmailChannel(smtp.model_copy(update={"smtp_security": "starttls"})).send(LETTER)
    assert failed.value.code == "no_tls"
    assert mailbox.got == []


def test_a_subject_cannot_smuggle_in_a_header(smtp: Settings, mailbox: Mailbox) -> None:
    with pytest.raises(ValueError, match=r"newline|linefeed"):
        EmailChannel(smtp).send(Letter("1", ADDRESS, "Hola\r\nBcc: x@y.example", "Texto", "es-ES"))
    assert mailbox.got == []


def test_a_server_that_refuses_for_good_is_told_apart(smtp: Settings, mailbox: Mailbox) -> None:
    mailbox.answer = "554 no"
    with pytest.raises(InvalidInput):
        EmailChannel(smtp).send(LETTER)
