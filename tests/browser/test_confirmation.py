"""The confirmation of an appointment, sent from the patient's file by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ivr.adapters.channels.email import channels
from ivr.clinic.model import Patient
from ivr.clinic.schemas import SlotQuery
from ivr.clock import FixedClock
from ivr.config import Settings
from ivr.database import Database
from tests.browser.conftest import PAGES, log_in
from tests.outbox.test_confirmations import ADDRESS, Mailbox, mailbox, smtp
from tests.web.conftest import MADRID, Console, serving

__all__ = ["mailbox", "smtp"]
pytestmark = [pytest.mark.browser]


@pytest.fixture
def writing(
    demo_clinic: Database, clock: FixedClock, tmp_path: Path, smtp: Settings
) -> Iterator[Console]:
    with serving(demo_clinic, clock, tmp_path, PAGES, channels(smtp)) as console:
        yield console


@pytest.fixture
def desk(chromium: Browser, writing: Console) -> Iterator[Page]:
    context = chromium.new_context(base_url=writing.url, locale="es-ES")
    yield context.new_page()
    context.close()


def test_the_desk_asks_for_what_is_missing_sends_and_sees_it_sent(
    desk: Page, writing: Console, mailbox: Mailbox
) -> None:
    agenda = writing.services.agenda
    today = writing.clock.now().date()
    slot = agenda.find_slots(
        SlotQuery(service_id=1, branch_id=MADRID, date_from=today, date_to=today, limit=1)
    )[0]
    with writing.database.transaction() as session:
        session.get_one(Patient, 4).email = ""
    agenda.schedule(slot, patient_id=4, call_id=None, agent="lucia")
    log_in(desk, "lucia")
    desk.get_by_role("link", name="Agenda").click()
    name = writing.services.patients.get(4).family.split()[0]
    desk.locator(".entry", has_text=name).first.click()
    drawer = desk.get_by_role("dialog")
    send = drawer.get_by_role("button", name="Enviar confirmación")
    expect(drawer.get_by_text("Falta su correo electrónico")).to_be_visible()
    send.focus()
    desk.keyboard.press("Enter")
    drawer.get_by_label("Correo electrónico del paciente").fill(ADDRESS)
    drawer.get_by_label("El paciente acepta").focus()
    desk.keyboard.press("Space")
    desk.keyboard.press("Enter")
    expect(drawer.get_by_text("Enviando la confirmación")).to_be_visible()
    writing.services.outbox.send_due()
    expect(drawer.get_by_text(f"Confirmación enviada a {ADDRESS}")).to_be_visible()
    assert len(mailbox.got) == 1
