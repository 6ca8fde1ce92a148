"""``auricula prompts``: speak everything that can be spoken before anybody calls."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def prompts(
        opening: Annotated[
            bool, typer.Option("--opening", help="Only what calls begin with, and the dialplan.")
        ] = False,
        dialplan_only: Annotated[
            bool, typer.Option("--dialplan", help="Only what the dialplan says by itself.")
        ] = False,
    ) -> None:
        """Render the dialplan's own prompts and all fixed ones of the flows, ahead of calls."""
        import shutil

        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        from ivr.actions.ahead import texts_ahead
        from ivr.actions.connect import library
        from ivr.adapters.speech.engines import prompts as prompt_cache
        from ivr.adapters.speech.flow_prompts import DIALPLAN_LANGUAGE, DIALPLAN_PROMPTS
        from ivr.app import FLOW
        from ivr.clinic.directory import Directory
        from ivr.clock import SystemClock
        from ivr.config import settings
        from ivr.database import Database, database_url
        from ivr.errors import Unavailable

        cache = prompt_cache()
        own = [(text, DIALPLAN_LANGUAGE) for text in DIALPLAN_PROMPTS.values()]
        rest = []
        if not dialplan_only:
            database = Database(database_url(settings()))
            directory = Directory(database, SystemClock())
            answering = {FLOW, *directory.clinic().settings.get("flows", {}).values()}
            flows = library(settings().callflows)
            rest = texts_ahead(flows, directory, answering, opening=opening)
            database.dispose()
        total = len({*own, *rest})
        failures: list[str] = []
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            bar = bars.add_task("Speaking the prompts ahead", total=total)
            failures += cache.prewarm(own, lambda done, _: bars.update(bar, completed=done))
            sounds = settings().var / "asterisk" / "sounds" / "auricula"
            sounds.mkdir(parents=True, exist_ok=True)
            for name, text in DIALPLAN_PROMPTS.items():
                part = sounds / f".{name}.part"
                shutil.copyfile(cache.file(text, DIALPLAN_LANGUAGE), part)
                part.replace(sounds / f"{name}.wav")
            failures += cache.prewarm(
                rest, lambda done, _: bars.update(bar, completed=min(total, len(own) + done))
            )
        if failures:
            raise Unavailable("some prompts could not be spoken: " + "; ".join(failures))
        print(f"{total} prompts are ready in {cache.folder}")
