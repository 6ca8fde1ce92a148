"""A reception with several browsers, on a clinic that people really call."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ivr.agents.service import Accounts
from ivr.bench.installation import Installation
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clock import SystemClock
from ivr.database import Database
from ivr.flow import events as e
from ivr.flow.events import EventBase
from ivr.migrations import migrate
from tests.browser.conftest import log_in
from tests.conftest import Templates
from tests.telephone_network import clinic
from tests.telephone_network.network import TelephoneNetwork
from tests.telephone_network.person import NotHeard, Person, tone
from tests.telephone_network.ports import take
from tests.web.conftest import PASSWORD

EARS = Path(__file__).with_name("ears.js").read_text(encoding="utf-8")
VOICES = {"patient": 500, "lucia": 900, "mario": 1300, "marta": 1700, "outside": 2100}
"""Hertz of the tone that each of them says all the time."""
RATE = 8000
SHARE = 0.06
"""Of the power of what is heard: less is echo or noise."""
TURN_S = 25.0
"""Patience for what is heard to change: ICE and a new conference take a moment."""


class NotSo(AssertionError):
    """What was waited for did not come about."""


def until(what: str, condition: Callable[[], object], timeout_s: float = TURN_S) -> None:
    """Wait until ``condition``; its last value is told when it does not."""
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise NotSo(f"{what}: {found!r}")
        time.sleep(0.2)


def voices_heard(page: Page) -> set[str]:
    """Whose tones arrive in this browser now; ``music`` for sound that is nobody's."""
    shares = page.evaluate("hz => window.__heard(hz)", list(VOICES.values()))
    if not shares or shares.get("silent"):
        return set()
    heard = {who for who, hz in VOICES.items() if shares[str(hz)] > SHARE}
    return heard or {"music"}


def voices_on_the_line(person: Person) -> set[str]:
    """Whose tones somebody outside heard in the last second."""
    now = person.now()
    samples = person.heard_between(now - 1.2, now - 0.2).astype(np.float64)
    if samples.size < RATE // 2 or float(np.sqrt(np.mean(samples**2))) < 60:
        return set()
    window = np.hanning(samples.size)
    power = np.mean(samples**2)
    heard = set()
    for who, hz in VOICES.items():
        moments = np.arange(samples.size) / RATE
        found = abs(np.sum(samples * window * np.exp(-2j * np.pi * hz * moments)))
        if (4 * found / samples.size) ** 2 / 2 / power > SHARE:
            heard.add(who)
    return heard or {"music"}


def hears(listener: Page | Person, *voices: str) -> None:
    """Wait until exactly these voices reach the listener."""
    look: Callable[[], set[str]]
    if isinstance(listener, Person):
        look = lambda: voices_on_the_line(listener)  # noqa: E731
        name = listener.number
    else:
        look = lambda: voices_heard(listener)  # noqa: E731
        name = listener.evaluate("() => window.__name")
    seen: list[set[str]] = []

    def right() -> bool:
        seen.append(look())
        return seen[-1] == set(voices)

    try:
        until("", right)
    except NotSo:
        raise NotSo(f"{name} should hear {sorted(voices)}; heard {seen[-5:]}") from None


@dataclass
class Reception:
    """The clinic, its agents' browsers and the people who call it."""

    url: str
    log: CallLog
    database: Database
    network: TelephoneNetwork
    chromium: Browser
    installation: Installation
    contexts: list[BrowserContext] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(600100000, 600200000)))

    # --- Browsers -------------------------------------------------------------------------

    def browser(self, username: str) -> Page:
        """A browser of its own in which ``username`` is logged in."""
        context = self.chromium.new_context(
            base_url=self.url, locale="es-ES", viewport={"width": 1280, "height": 720}
        )
        context.set_default_timeout(30_000)
        context.add_init_script(
            f"window.__tone = {VOICES[username]}; window.__name = '{username}';\n{EARS}"
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        log_in(page, username)
        return page

    def agent(self, username: str, *, paused: bool = False) -> Page:
        """The same with the phone connected; ``paused``: the queue does not ring there."""
        page = self.browser(username)
        page.get_by_role("button", name="Conectar el teléfono").click()
        becomes(page, "paused" if paused else "available")
        return page

    def close_browsers(self) -> None:
        while self.contexts:
            self.contexts.pop().close()

    # --- Calls ----------------------------------------------------------------------------

    def somebody(self, given: str, family: str) -> tuple[int, str]:
        """A patient on file; the id and their number."""
        number = f"+34{next(self._numbers)}"
        born = date(1979, 6, 21)
        patient = clinic.new_patient(self.database, given, family, number=number, born=born)
        return patient, number

    def patient_calls(self, number: str = "", *, recorded: bool = False) -> Person:
        """Somebody calls and asks for a person."""
        number = number or f"+34{next(self._numbers)}"
        person = self.network.call(clinic.open_number(0), number=number)
        until("the question", lambda: "grabar" in str(self.events(person)))
        time.sleep(1)
        if recorded:
            person.press("1")
            until("the consent", lambda: self.of_type(person, e.RecordingStarted))
            time.sleep(1)

        def asked() -> bool:
            person.press("0")
            time.sleep(3)
            return bool(self.of_type(person, e.QueueJoined))

        until("the queue", asked, 60)
        return person

    def call_id(self, person: Person) -> str:
        """The conversation of somebody who called."""
        return next(call.id for call in self.log.live() if call.ani == person.number)

    def events(self, person: Person) -> list[EventBase]:
        """What happened in the call of ``person``, live or over."""
        for call in (*self.log.live(), *self.log.past(limit=20)):
            if person.number in (call.ani, call.dnis):
                return [stored.event for stored in self.log.events(call.id)]
        return []

    def of_type(self, person: Person, kind: type[EventBase]) -> list[EventBase]:
        """The events of one type."""
        return [event for event in self.events(person) if isinstance(event, kind)]

    def in_conversation(self, agent: Page, number: str = "", *, recorded: bool = False) -> Person:
        """A patient called, ``agent`` answered, and both hear each other."""
        person = self.patient_calls(number, recorded=recorded)
        expect(agent.get_by_role("button", name="Descolgar")).to_be_visible(timeout=60_000)
        agent.get_by_role("button", name="Descolgar").click()
        talking(agent)
        keeps_talking(person, "patient")
        hears(agent, "patient")
        return person

    def all_is_over(self) -> None:
        """Nobody is on the line any more, on either side."""
        self.network.everybody_hangs_up()
        self.network.wait_until_idle()
        until("calls that stay open", lambda: not self.log.live())


def talking(page: Page) -> None:
    """The browser's phone is in a call."""
    expect(page.locator('.agent-call[data-stage="talking"]')).to_be_visible()


def becomes(page: Page, state: str) -> None:
    """The agent asks for a state, unless they are in it."""
    wanted = page.locator(f'[data-phone="{state}"]')
    there = '[data-phone]:not([data-phone="connecting"]):not([data-phone="off"])'
    expect(page.locator(there)).to_be_visible()
    try:
        expect(wanted).to_be_visible(timeout=3_000)  # what passes by itself is let pass
    except AssertionError:
        page.locator("[data-phone]").click()
        name = "Gestiones" if state == "paused" else "Volver a estar disponible"
        page.get_by_role("menuitem", name=name).click()
    expect(wanted).to_be_visible()


def idle(page: Page) -> None:
    """The browser's phone is in no call."""
    expect(page.locator(".agent-call")).to_have_count(0)


def keeps_talking(person: Person, who: str) -> None:
    """Say the tone of ``who`` until the call is over."""

    def talk() -> None:
        with suppress(NotHeard, OSError, ValueError):
            while person.ended_at is None:
                person.speak(tone(VOICES[who], 15))

    threading.Thread(target=talk, daemon=True).start()


@contextmanager
def reception(templates: Templates, folder: Path, chromium: Browser) -> Iterator[Reception]:
    """The whole thing, open round the clock."""
    clock = SystemClock()

    def fill(url: str) -> None:
        migrate(url)
        database = Database(url)
        clinic.build(database, clock)
        accounts = Accounts(database, clock)
        accounts.create("lucia", PASSWORD, name="Lucía Prieto", role="agent")
        accounts.create("mario", PASSWORD, name="Mario Gil", role="agent")
        accounts.create("marta", PASSWORD, name="Marta Sanz", role="supervisor")
        database.dispose()

    templates.make("reception", fill)
    with templates.copy("reception") as database:
        trunk = take()
        installation = Installation(
            folder,
            first_port=take(430),
            database_url=database.url,
            synthesizer="espeak",
            trunk_contact=f"127.0.0.2:{trunk}",
        )
        network = TelephoneNetwork(
            folder / "outside",
            clinic=f"127.0.0.1:{installation.settings.sip_port}",
            sip_port=trunk,
        )
        installation.configure(agents=["lucia", "mario", "marta"])
        log = CallLog(database, clock, EventStream(database, clock))
        try:
            network.start()
            for program in ("asterisk", "serve", "web"):
                installation.start(program)
            url = f"http://127.0.0.1:{installation.settings.http_port}"
            yield Reception(url, log, database, network, chromium, installation)
        finally:
            network.stop()
            wrong = installation.stop_all()
        assert not wrong
