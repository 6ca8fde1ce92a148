"""Every screen and every window over it: readable for everybody, and whole in English."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from ivr.agents.model import User
from ivr.agents.states import States
from ivr.flow import events as e
from ivr.tickets.service import Tickets
from ivr.web.stage_desk import QuietSwitch
from tests.browser import axe, texts
from tests.browser.conftest import log_in
from tests.browser.test_console import recorded_call
from tests.web.conftest import MADRID, Console

pytestmark = pytest.mark.browser
TWINS = ("Casilda Irrepetible Saz", "Casilda Irepetible Saz")


@pytest.fixture
def morning(console: Console) -> str:
    """Something on every screen; gives the call with a recording."""
    call = recorded_call(console)
    live = console.call("+34600000001")
    console.happens(live, e.PromptSaid(text="Hola"), e.TurnKeys(keys="1"))
    console.happens(live, e.RedFlagHeard(level="today", text="x"), e.QueueJoined(queue="recepcion"))
    answered = console.call("+34600000003")
    console.happens(
        answered,
        e.QueueJoined(queue="recepcion"),
        e.AgentRinging(agent="lucia"),
        e.QueueLeft(queue="recepcion", reason="connected", waited_s=7),
        e.AgentConnected(agent="lucia"),
        e.AgentDisconnected(agent="lucia", talked_s=61),
    )
    console.log.finish(answered, "transferred")
    Tickets(console.database, console.clock, console.stream).open("late", summary="Tarde")
    for name, number in zip(TWINS, ("+34600999888", "+34600999777"), strict=True):
        given, family = name.split(" ", 1)
        console.services.patients.create_provisional(
            given, family, number, date(1980, 1, 2), branch_id=MADRID
        )
    states(console).want("lucia", "available")
    return call


def states(console: Console) -> States:
    return States(console.database, console.clock, console.stream, QuietSwitch())


class Tour:
    """Through the console as a supervisor, in the language of ``say``."""

    def __init__(self, page: Page, console: Console, say: Mapping[str, str]) -> None:
        self.page = page
        self.console = console
        self.say = say

    def screens(self, recorded: str) -> Iterator[str]:
        """Stops at each screen, told by its path."""
        today = self.console.clock.now().date()
        for path, ready in (
            ("/llamadas", ".call-card"),
            ("/agenda", ".entry"),
            ("/agenda?vista=semana", ".chip"),
            ("/agenda?paciente=1", ".finder"),
            ("/registro", ".log-table tbody tr"),
            (f"/registro/{recorded}", ".player[data-ready=true]"),
            ("/tareas", ".ticket"),
            ("/sala", ".agents tr"),
            (f"/informes?desde={today - timedelta(days=1)}&hasta={today}", ".report tbody tr"),
            ("/nada", "a[href='/llamadas']"),
        ):
            self.page.goto(path)
            expect(self.page.locator(ready).first).to_be_visible()
            yield path.partition("?")[0]
            if path.startswith("/informes"):
                yield from self.reports()

    def reports(self) -> Iterator[str]:
        """Stops at each table of the reports, with what the figures mean."""
        for table in ("agents", "dispositions"):
            self.page.get_by_text(self.say[f"reports.{table}"], exact=True).first.click()
            yield f"/informes, {table}"
        self.page.get_by_text(self.say["reports.definitions"]).click()
        yield "/informes, definitions"

    def windows(self) -> Iterator[str]:
        """Stops at each dialog, drawer and panel."""
        page, say = self.page, self.say
        page.goto("/agenda")
        expect(page.locator(".entry").first).to_be_visible()
        page.locator(".agenda-add").first.click()
        expect(page.get_by_role("combobox", name=say["agenda.service"])).to_be_visible()
        yield from self.over("booking")
        page.locator(".entry[data-status=booked], .entry[data-status=confirmed]").last.click()
        self.button("agenda.change.cancel").click()
        expect(self.button("agenda.cancelYes")).to_be_visible()
        yield from self.over("appointment")
        self.button("nav.account").click()
        yield from self.over("account")
        self.button("patient.new").first.click()
        expect(page.get_by_label(say["patient.given"])).to_be_visible()
        yield from self.over("new file")
        self.open_file()
        yield from self.over("file", leave=False)
        self.button("patient.edit").click()
        expect(page.get_by_label(say["patient.given"])).to_be_visible()
        yield from self.over("file in hand")
        self.open_file()
        self.button("duplicate.review").click()
        expect(self.button("duplicate.merge")).to_be_visible()
        yield from self.over("merge")
        page.goto("/tareas")
        self.button("tickets.new").click()
        expect(page.get_by_label(say["tickets.what"])).to_be_visible()
        yield from self.over("new task")
        page.goto("/sala")
        for what in ("change", "skills"):
            page.locator(".agents tr", has_text="Lucía").get_by_role("button").click()
            page.get_by_role("menuitem", name=say[f"room.{what}"]).click()
            yield from self.over(f"room, {what}")
        self.button("room.log").click()
        yield from self.over("room, log")
        yield from self.wrap_up()

    def wrap_up(self) -> Iterator[str]:
        """Stops when a call of this supervisor's own has just ended."""
        call = self.console.call("+34600000002")
        own = states(self.console)
        own.want("marta", "available")
        for signal in ("ringing", "talking", "talked"):
            own.heard("marta", signal, call)
        expect(self.page.locator(".wrap-up")).to_be_visible()
        yield "wrap-up"

    def open_file(self) -> None:
        self.page.keyboard.press("/")
        self.page.keyboard.type(TWINS[0])
        self.page.get_by_role("option", name=TWINS[0]).click()

    def over(self, name: str, *, leave: bool = True) -> Iterator[str]:
        """Stops at what has opened over the screen, and closes it."""
        window = self.page.locator("[role=dialog], [role=menu]").last
        expect(window).to_be_visible()
        self.page.wait_for_timeout(250)
        yield name
        if leave:
            self.page.keyboard.press("Escape")
            if name == "booking":  # the first closed the list of services
                self.page.keyboard.press("Escape")
            expect(window).to_have_count(0)

    def button(self, key: str) -> Locator:
        name = re.sub(r"\\\{\\\{\w+\\\}\\\}", ".*", re.escape(self.say[key]))
        return self.page.get_by_role("button", name=re.compile(f"^{name}"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_passes_the_accessibility_rules(
    page: Page, console: Console, morning: str, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    wrong: list[str] = []
    page.goto("/telefono")
    expect(page.get_by_role("button", name="Llamar a la clínica")).to_be_visible()
    wrong += axe.broken(page, "/telefono")
    page.goto("/entrar")
    expect(page.get_by_label("Usuario")).to_be_visible()
    wrong += axe.broken(page, "/entrar")
    log_in(page)
    expect(page.get_by_text("En directo")).to_be_visible()
    tour = Tour(page, console, texts.load("es"))
    for stops in (tour.screens(morning), tour.windows()):
        for name in stops:
            wrong += axe.broken(page, name)
    assert not wrong, "\n".join(wrong)


def test_every_screen_is_whole_in_english(page: Page, console: Console, morning: str) -> None:
    with console.database.transaction() as session:
        session.execute(update(User).values(language="en"))
    reader = texts.Reader(page)
    wrong: list[str] = []
    page.add_init_script("localStorage.setItem('auricula-language', 'en')")
    say = texts.load("en")
    for path, ready in (("/telefono", "demo.dial"), ("/entrar", "login.enter")):
        page.goto(path)
        expect(page.get_by_role("button", name=say[ready])).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "en"
        wrong += reader.spanish(path)
    page.get_by_label(say["login.username"]).fill("marta")
    page.get_by_label(say["login.password"], exact=True).fill("una frase bastante larga")
    page.get_by_role("button", name=say["login.enter"]).click()
    expect(page.get_by_text(say["connection.live"], exact=True)).to_be_visible()
    tour = Tour(page, console, say)
    for stops in (tour.screens(morning), tour.windows()):
        for name in stops:
            wrong += reader.spanish(name)
    assert not wrong, "\n".join(sorted(set(wrong)))
