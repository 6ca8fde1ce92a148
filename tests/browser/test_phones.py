"""Phones inside the browser, over the real Asterisk: the newcomer's and the agent's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ivr.agents.service import Accounts
from ivr.bench.installation import Installation
from ivr.calls.log import CallLog
from ivr.calls.schemas import CallView
from ivr.calls.stream import EventStream
from ivr.clinic.model import Clinic
from ivr.clock import SystemClock
from ivr.database import Database
from ivr.migrations import migrate
from tests.browser.conftest import PAGES, log_in
from tests.conftest import Templates
from tests.telephone_network import clinic
from tests.telephone_network.ports import take
from tests.web.conftest import PASSWORD, Console

pytestmark = [pytest.mark.browser, pytest.mark.network]
KNOWN, NAME = "+34600123456", "Remedios Salvatierra"


@dataclass(frozen=True)
class PhoneClinic:
    """A demo clinic, open round the clock, with its switch and its console."""

    url: str
    log: CallLog

    def last_call(self) -> CallView:
        return self.log.past(limit=1)[0]


@pytest.fixture(scope="module")
def phone_clinic(
    templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PhoneClinic]:
    if not (PAGES / "index.html").is_file():
        pytest.skip("the console is not built: npm run build in agents_ui")
    clock = SystemClock()

    def fill(url: str) -> None:
        migrate(url)
        database = Database(url)
        clinic.build(database, clock)
        clinic.new_patient(database, *NAME.split(), number=KNOWN, born=date(1964, 2, 29))
        with database.transaction() as session:
            own = session.get_one(Clinic, 1)
            own.settings = {**own.settings, "demo": True}
        accounts = Accounts(database, clock)
        accounts.create("lucia", PASSWORD, name="Lucía Prieto", role="agent")
        accounts.create("teresa", PASSWORD, name="Teresa Vidal", role="supervisor")
        database.dispose()

    templates.make("browser-phones", fill)
    with templates.copy("browser-phones") as database:
        installation = Installation(
            tmp_path_factory.mktemp("phones"),
            first_port=take(430),
            database_url=database.url,
            synthesizer="espeak",
        )
        installation.configure(agents=["lucia"])
        try:
            for program in ("asterisk", "serve", "web"):
                installation.start(program)
            log = CallLog(database, clock, EventStream(database, clock))
            yield PhoneClinic(f"http://127.0.0.1:{installation.settings.http_port}", log)
        finally:
            wrong = installation.stop_all()
        assert not wrong


@pytest.fixture
def visitor(chromium: Browser, phone_clinic: PhoneClinic) -> Iterator[Page]:
    """Somebody at the page that phones the clinic."""
    with context(chromium, phone_clinic) as own:
        page = own.new_page()
        page.goto("/telefono")
        yield page


class context:
    """A browser profile of its own, closed at the end."""

    def __init__(self, chromium: Browser, phone_clinic: PhoneClinic) -> None:
        self.own = chromium.new_context(
            base_url=phone_clinic.url, locale="es-ES", viewport={"width": 1280, "height": 720}
        )
        self.own.set_default_timeout(30_000)

    def __enter__(self) -> BrowserContext:
        return self.own

    def __exit__(self, *_: object) -> None:
        self.own.close()


def dial(page: Page, number: str = "") -> None:
    if number:
        page.get_by_text("Otro número").click()
        page.get_by_label("Número en formato internacional").fill(number)
    else:
        page.get_by_text("Un número que no conocen").click()
    page.get_by_role("button", name="Llamar a la clínica").click()
    expect(page.locator('.handset[data-stage="talking"]')).to_be_visible(timeout=30_000)


def expect_sound(page: Page, meter: str) -> None:
    """The meter of that name moves within some seconds."""
    page.wait_for_function(
        "name => [...document.querySelectorAll('meter')]"
        ".some(m => m.getAttribute('aria-label') === name && m.value > 0.15)",
        arg=meter,
        timeout=30_000,
    )


def test_a_newcomer_phones_the_clinic_hears_it_reads_along_and_presses_keys(
    visitor: Page, phone_clinic: PhoneClinic
) -> None:
    dial(visitor)
    expect_sound(visitor, "La clínica")
    captions = visitor.locator(".demo-captions")
    expect(captions).to_contain_text("asistente automático")
    expect(captions).to_contain_text(re.compile("grab", re.IGNORECASE))
    visitor.keyboard.press("2")
    expect(captions.locator("kbd")).to_have_text("2")
    visitor.get_by_role("button", name="Colgar").click()
    expect(visitor.get_by_text("Llamada terminada")).to_be_visible()
    visitor.wait_for_timeout(1500)
    call = phone_clinic.last_call()
    assert call.ani == "+34600000000"
    assert call.outcome is not None
    assert call.recording_consent == "refused"


def test_a_newcomer_who_withholds_the_number_is_nobody_and_reads_along(
    visitor: Page, phone_clinic: PhoneClinic
) -> None:
    visitor.get_by_text("Número oculto").click()
    visitor.get_by_role("button", name="Llamar a la clínica").click()
    expect(visitor.locator('.handset[data-stage="talking"]')).to_be_visible(timeout=30_000)
    expect(visitor.locator(".demo-captions")).to_contain_text("asistente automático")
    visitor.get_by_role("button", name="Colgar").click()
    expect(visitor.get_by_text("Llamada terminada")).to_be_visible()
    visitor.wait_for_timeout(1500)
    call = phone_clinic.last_call()
    assert (call.ani, call.caller_name) == ("", "")


def test_an_agent_takes_a_call_in_the_browser_with_the_callers_file_before_it_rings(
    chromium: Browser, visitor: Page, phone_clinic: PhoneClinic
) -> None:
    with context(chromium, phone_clinic) as own:
        desk = own.new_page()
        log_in(desk, "lucia")
        desk.get_by_role("button", name="Conectar el teléfono").click()
        expect(desk.locator('[data-phone="available"]')).to_be_visible(timeout=30_000)
        dial(visitor, KNOWN)
        expect(visitor.locator(".demo-captions")).to_contain_text("nos permite grabar")
        visitor.keyboard.press("0")
        expect(desk.get_by_role("button", name="Descolgar")).to_be_visible(timeout=60_000)
        expect(desk.get_by_role("complementary", name="Ficha")).to_contain_text(NAME)
        expect(desk).to_have_url(re.compile("/llamadas"))
        desk.get_by_role("button", name="Descolgar").click()
        expect(desk.locator('.agent-call[data-stage="talking"]')).to_be_visible()
        expect_sound(desk, "Paciente")
        expect_sound(visitor, "La clínica")
        desk.get_by_role("button", name="Retener").click()
        expect(desk.locator(".agent-call")).to_contain_text("Retenida")
        desk.get_by_role("button", name="Retomar").click()
        expect(desk.locator(".agent-call")).to_contain_text("En llamada")
        desk.get_by_role("button", name="Colgar").click()
        expect(visitor.get_by_text("Llamada terminada")).to_be_visible()
        expect(desk.locator(".agent-call")).to_have_count(0)
        desk.wait_for_timeout(1500)
        call = phone_clinic.last_call()
        assert call.ani == KNOWN
        assert call.outcome == "transferred"


def test_a_visitor_without_a_microphone_is_told_and_may_call_by_keys(
    visitor: Page, phone_clinic: PhoneClinic
) -> None:
    visitor.evaluate(
        "() => { navigator.mediaDevices.getUserMedia ="
        " () => Promise.reject(new DOMException('no', 'NotAllowedError')); }"
    )
    visitor.get_by_role("button", name="Llamar a la clínica").click()
    expect(visitor.get_by_role("alert")).to_contain_text("no tiene permiso")
    visitor.get_by_role("button", name="Llamar solo con teclas").click()
    expect(visitor.locator('.handset[data-stage="talking"]')).to_be_visible(timeout=30_000)
    visitor.get_by_role("button", name="Colgar").click()
    expect(visitor.get_by_text("Llamada terminada")).to_be_visible()


def test_without_the_switch_the_visitor_is_told_what_to_do(page: Page, console: Console) -> None:
    page.goto("/telefono")
    page.get_by_role("button", name="Llamar a la clínica").click()
    said = page.get_by_role("alert").filter(has_text="La centralita (Asterisk) no responde")
    expect(said).to_be_visible()
