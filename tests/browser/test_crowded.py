"""A chain with many queues and many agents, on the small laptop of the desk."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from ivr.agents.model import AgentInterval, User
from ivr.agents.service import Accounts
from ivr.flow import events as e
from ivr.queues.model import Queue
from tests.browser.conftest import log_in
from tests.web.conftest import PASSWORD, Console

pytestmark = pytest.mark.browser
AGENTS = 60
QUEUES = (
    "Odontología general",
    "Ortodoncia",
    "Implantes",
    "Estética dental",
    "Fisioterapia",
    "Ginecología y obstetricia",
    "Laboratorio y análisis",
    "Facturación y cobros",
    "Aseguradoras y mutuas",
    "Ciudad de México Roma Norte",
)
"""Beside the demo's two."""
FITS = "one => one.scrollWidth <= one.clientWidth"


@pytest.fixture
def chain(console: Console) -> Console:
    """Twelve queues, sixty agents at work since this morning."""
    accounts = Accounts(console.database, console.clock)
    for number in range(AGENTS):
        name = f"María del Carmen Fernández-Villaverde {number}"
        accounts.create(f"agent{number}", PASSWORD, name=name, role="agent")
    with console.database.transaction() as session:
        for position, title in enumerate(QUEUES, start=2):
            session.add(Queue(name=f"q{position}", title=title, position=position))
        for user in session.scalars(select(User).where(User.username.like("agent%"))):
            began = console.clock.now() - timedelta(hours=3, seconds=user.id)
            session.add(AgentInterval(user_id=user.id, state="available", starts_at=began))
    return console


def test_the_wallboard_of_twelve_queues_fits_and_shows_the_one_chosen(
    page: Page, chain: Console
) -> None:
    log_in(page, "marta")
    page.get_by_role("link", name="Sala").click()
    agents = page.locator(".agents tr")
    expect(agents.nth(AGENTS - 1)).to_be_attached()
    assert page.locator("html").evaluate(FITS)
    last = page.locator(".figure").last.bounding_box()
    assert last and last["x"] + last["width"] <= 1280
    page.get_by_role("combobox", name="Cola").click()
    page.get_by_role("option", name="Ortodoncia").click()
    expect(page.get_by_text("Aún no hay agentes con teléfono")).to_be_visible()


def test_the_agents_report_shows_every_column_without_scrolling(page: Page, chain: Console) -> None:
    log_in(page, "marta")
    page.get_by_role("link", name="Informes").click()
    page.get_by_text("Agentes", exact=True).click()
    table = page.locator("table.report")
    expect(table).to_contain_text("Ocupación")
    for daily in (False, True):
        page.get_by_role("switch", name="Día a día").set_checked(daily, force=True)
        expect(table.locator("tbody tr")).to_have_count(AGENTS * (2 if daily else 1))
        assert table.locator("xpath=..").evaluate(FITS)


def test_the_log_tells_every_outcome_whole_whoever_took_part(page: Page, chain: Console) -> None:
    for outcome in ("abandoned", "transferred"):
        call = chain.call()
        if outcome == "transferred":
            chain.happens(call, *(e.AgentConnected(agent=f"agent{one}") for one in range(12)))
        chain.log.finish(call, outcome)
    log_in(page, "marta")
    page.get_by_role("link", name="Registro").click()
    for said in ("Colgó sin que nadie atendiera", "Atendida por una persona"):
        badge = page.locator(".log-table").get_by_text(said)
        expect(badge).to_be_visible()
        assert badge.evaluate("one => one.offsetWidth >= one.scrollWidth - 1")
        box, row = badge.bounding_box(), badge.locator("xpath=ancestor::tr").bounding_box()
        assert box and row and box["width"] > 150 and row["height"] < 90
    assert page.locator(".log-table").locator("xpath=..").evaluate(FITS)


def test_more_days_than_a_report_may_have_are_offered_as_no_file(
    page: Page, console: Console
) -> None:
    log_in(page, "marta")
    expect(page.get_by_role("heading", name="Llamadas en vivo")).to_be_visible()
    page.goto("/informes?desde=2026-01-01&hasta=2026-11-23")
    expect(page.get_by_text("Elija como mucho 93 días.")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Excel|CSV"))).to_have_count(0)
    page.get_by_role("button", name="7 días").click()
    expect(page.get_by_role("link", name=re.compile("Excel|CSV"))).to_have_count(2)


@pytest.mark.parametrize("address", ["/sala", "/informes"])
def test_an_agent_at_a_supervisors_address_is_told_so_and_shown_the_way_back(
    page: Page, console: Console, address: str
) -> None:
    log_in(page, "lucia")
    expect(page.get_by_role("heading", name="Llamadas en vivo")).to_be_visible()
    page.goto(address)
    main = page.get_by_role("main")
    expect(main).to_contain_text("Esta pantalla es de supervisión")
    for name in ("Reintentar", "Excel", "CSV"):
        expect(main.get_by_text(name)).to_have_count(0)
    main.get_by_role("link", name="Ir a las llamadas").click()
    expect(page.get_by_role("heading", name="Llamadas en vivo")).to_be_visible()
