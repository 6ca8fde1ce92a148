"""Nothing about a patient reaches the log."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import structlog

from ivr import log
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clinic.agenda import Agenda
from ivr.clinic.patients import Patients
from ivr.clinic.schemas import SlotQuery
from ivr.clock import FixedClock
from ivr.consent.ledger import Ledger
from ivr.database import Database
from ivr.flow import events as e
from ivr.tickets.service import Tickets


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    out = io.StringIO()
    log.configure("DEBUG", out)
    yield out
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def lines(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_a_booking_leaves_no_personal_data_in_the_log(
    demo_clinic: Database, clock: FixedClock, output: io.StringIO
) -> None:
    number, given, family = "+34600000002", "Javier", "Domínguez"
    stream = EventStream(demo_clinic, clock)
    agenda, calls = Agenda(demo_clinic, clock, stream), CallLog(demo_clinic, clock, stream)
    patients = Patients(demo_clinic, clock, stream)
    logger = structlog.get_logger("test")
    call = calls.start(
        e.CallStarted(
            direction="inbound", flow="recepcion", flow_version="1", language="es-ES", ani=number,
            caller_name=f"{given} {family}",
        )
    )  # fmt: skip
    (patient,) = patients.by_number_and_birth_date(number, date(1979, 6, 21))
    file = patients.file(patient.id)
    slot = agenda.find_slots(SlotQuery(service_id=2, branch_id=1, limit=1))[0]
    held = agenda.hold(slot, call_id=call)
    booked = agenda.book(held.id, patient_id=patient.id, call_id=call)
    Ledger(demo_clinic, clock, stream).record(
        purpose="recording", decision="granted", how="voice", wording_version="v1", call_id=call
    )
    Tickets(demo_clinic, clock, stream).open("message", summary=f"{given} pide", number=number)
    for event in stream.of_call(call):
        logger.info("event", data=event.event)
        logger.info("row", **{k: v for k, v in event.data.items() if k != "type"})
    logger.info("pop", patient=patient, file=file, appointment=booked)
    logger.info(f"calling {number} and {file.document}, {number.removeprefix('+34')}")
    logging.getLogger("library").warning("INVITE sip:%s@example.com", number)
    try:
        agenda.book(agenda.hold(slot, call_id=call).id, patient_id=patient.id, call_id=call)
    except Exception:
        logger.exception("refused")
    text = output.getvalue()
    assert len(lines(output)) > 8
    for personal in (number, number[3:], given, family, file.document, "1979", file.email):
        assert not personal or personal not in text, personal


def test_a_database_error_is_logged_without_the_row(
    database: Database, output: io.StringIO
) -> None:
    from ivr.clinic.model import Patient

    try:
        with database.transaction() as session:
            session.add(Patient(given="Zacarías", family="Ibarra", home_branch_id=77))
    except Exception:
        structlog.get_logger("test").exception("not saved")
    assert "ForeignKeyViolation" in output.getvalue()
    for personal in ("Zacarías", "Ibarra"):
        assert personal not in output.getvalue()


def test_what_operators_need_stays_readable(output: io.StringIO) -> None:
    call = "7f1f2f4e-91ac-4c68-9d63-5c3a7b8e1a22"
    structlog.get_logger("speech").warning(
        "engine slow", engine="whisper", seconds=1.5, call_id=call, channel="PJSIP/trunk-0000012f",
        flow="recepcion", at="2026-11-23T08:00:00+00:00", password="x",
    )  # fmt: skip
    (line,) = lines(output)
    assert line["event"] == "engine slow" and line["level"] == "warning"
    assert (line["engine"], line["seconds"], line["call_id"]) == ("whisper", 1.5, call)
    assert line["channel"] == "PJSIP/trunk-0000012f" and line["flow"] == "recepcion"
    assert line["at"].startswith("2026-11-23T08:00:00")
    assert line["password"] == e.REDACTED
