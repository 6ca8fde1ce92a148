"""``auricula screenshots``: pictures of every screen, made from a demo clinic on stage."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from ivr.web.stage import Stage

CHROMIUM = Path("/usr/bin/chromium")
SIZE: Any = {"width": 1280, "height": 720}
PASSWORD = "una-frase-de-muestra"  # noqa: S105 - of a database that lives for seconds
MADRID = ZoneInfo("Europe/Madrid")


def working_morning() -> datetime:
    """Ten forty in Madrid on the next Tuesday, Wednesday or Thursday."""
    day = datetime.now(MADRID).date()
    while day.weekday() not in (1, 2, 3):
        day += timedelta(days=1)
    return datetime.combine(day, time(10, 40), MADRID).astimezone(UTC)


@contextmanager
def on_stage(folder: Path) -> Iterator[tuple[str, "Stage"]]:
    """A console with the demo clinic and a morning's calls; gives its address."""
    from ivr import embedded_postgres
    from ivr.agents.service import Accounts
    from ivr.clinic import demo
    from ivr.config import Settings
    from ivr.database import Database
    from ivr.migrations import migrate
    from ivr.web.app import create_app
    from ivr.web.running import running
    from ivr.web.services import services
    from ivr.web.stage import Stage, StageClock
    from ivr.web.stage_desk import DeskStage, QuietSwitch

    settings = Settings(var=folder, recordings=folder / "recordings")
    url = embedded_postgres.url(folder / "postgres")
    migrate(url)
    database = Database(url)
    clock = StageClock(working_morning())
    demo.make(database, clock)
    accounts = Accounts(database, clock)
    accounts.create("supervision", PASSWORD, name="Marta Sanz", role="supervisor")
    accounts.create("lucia", PASSWORD, name="Lucía Prieto", role="agent", branch_id=1)
    wired = services(
        settings, database, clock, desk=QuietSwitch(), sip_secret=lambda endpoint: "stage"
    )
    stage = Stage(database, clock, wired.recordings)
    try:
        with running(create_app(wired)) as address:
            desk = DeskStage(stage, PASSWORD)
            desk.week()
            stage.past()
            desk.kept_place()
            yield address, stage
    finally:
        database.dispose()


def take(address: str, stage: "Stage", out: Path, scheme: str = "light") -> list[Path]:
    """Pictures of every screen into ``out``; returns their files."""
    from playwright.sync_api import Page, sync_playwright

    from ivr.web.stage_desk import DeskStage

    made: list[Path] = []
    suffix = "" if scheme == "light" else f"-{scheme}"

    def shoot(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(400)
        file = out / f"{name}{suffix}.png"
        page.screenshot(path=file, animations="disabled")
        made.append(file)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM if CHROMIUM.exists() else None,
            args=["--no-sandbox", "--force-color-profile=srgb"],
        )
        colours: Any = "dark" if scheme == "dark" else "light"

        def tab() -> Page:
            context = browser.new_context(viewport=SIZE, locale="es-ES", color_scheme=colours)
            return context.new_page()

        def log_in(page: Page, username: str) -> None:
            page.goto(f"{address}/entrar")
            page.get_by_label("Usuario").fill(username)
            page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Entrar").click()
            page.get_by_role("heading", name="Llamadas en vivo").wait_for()

        page = tab()
        page.goto(f"{address}/entrar")
        page.get_by_label("Usuario").wait_for()
        shoot(page, "entrar")
        page.goto(f"{address}/telefono")
        page.get_by_role("button", name="Llamar a la clínica").wait_for()
        shoot(page, "telefono")
        log_in(page, "supervision")
        main = stage.live()
        desk = DeskStage(stage, PASSWORD)
        desk.now(stage.talking)
        page.goto(f"{address}/llamadas?llamada={main}")
        page.get_by_text("cualquier tarde").first.wait_for()
        shoot(page, "llamadas")
        for screen, until in SCREENS:
            page.goto(address + screen)
            until(page)
            if screen == "/agenda":
                stage.hold_slot(main)
            shoot(page, screen.strip("/"))
        page.goto(f"{address}/agenda?vista=semana")
        page.locator(".chip").first.wait_for()
        shoot(page, "agenda-semana")
        page.goto(f"{address}/agenda?paciente={stage.people[5].id}")
        page.get_by_label("Qué hueco busca").fill("primer hueco con limpieza por la tarde")
        page.locator(".slot").first.wait_for()
        shoot(page, "buscar-hueco")
        page.goto(f"{address}/registro?recorded=true")
        page.get_by_role("link", name=stage.people[5].name).click()
        page.locator('.player[data-ready="true"]').wait_for()
        shoot(page, "llamada")
        desk.line()
        page.goto(f"{address}/sala")
        page.locator(".line li").nth(3).wait_for()
        shoot(page, "sala")
        page.goto(f"{address}/informes")
        page.locator(".report tbody tr").first.wait_for()
        shoot(page, "informes")
        page.get_by_text("Agentes", exact=True).click()
        shoot(page, "informes-agentes")
        agent = tab()
        log_in(agent, "ines")
        agent.get_by_role("radio", name="Cita dada").click()
        shoot(agent, "tras-la-llamada")
        browser.close()
    return made


SCREENS: list[tuple[str, Callable[[Any], None]]] = [
    ("/agenda", lambda page: page.locator(".entry").first.wait_for()),
    ("/registro", lambda page: page.locator(".log-table tbody tr").first.wait_for()),
    ("/tareas", lambda page: page.locator(".ticket").first.wait_for()),
]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def screenshots(
        out: Path = typer.Option(Path("docs/img"), help="Folder for the pictures."),
        dark: bool = typer.Option(False, help="Also in the dark scheme."),
    ) -> None:
        """Take a picture of every screen of the console with a demo clinic in it."""
        out.mkdir(parents=True, exist_ok=True)
        for scheme in ("light", "dark") if dark else ("light",):
            with (
                tempfile.TemporaryDirectory(prefix="auricula-stage-") as folder,
                on_stage(Path(folder)) as (address, stage),
            ):
                for file in take(address, stage, out, scheme):
                    print(file)
