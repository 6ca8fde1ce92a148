"""``auricula prompts``: speak everything that can be spoken before anybody calls."""

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ivr.adapters.speech.prompts import PromptCache


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def prompts(
        opening: Annotated[
            bool,
            typer.Option("--opening", help="Only the dialplan's, and what calls begin with."),
        ] = False,
        dialplan_only: Annotated[
            bool, typer.Option("--dialplan", help="Only what the dialplan says by itself.")
        ] = False,
    ) -> None:
        """Render the dialplan's own prompts and all fixed ones of the flows, ahead of calls."""
        from ivr.adapters.speech.engines import prompts as prompt_cache
        from ivr.adapters.speech.flow_prompts import DIALPLAN_LANGUAGE, DIALPLAN_PROMPTS
        from ivr.config import settings

        cache = prompt_cache()
        own = [(text, DIALPLAN_LANGUAGE) for text in DIALPLAN_PROMPTS.values()]
        _speak(cache, own)
        sounds = settings().var / "asterisk" / "sounds" / "auricula"
        sounds.mkdir(parents=True, exist_ok=True)
        for name, text in DIALPLAN_PROMPTS.items():
            part = sounds / f".{name}.part"
            shutil.copyfile(cache.file(text, DIALPLAN_LANGUAGE), part)
            part.replace(sounds / f"{name}.wav")
        texts: list[tuple[str, str]] = []
        if not dialplan_only:
            try:
                texts = _of_the_flows(opening=opening)
                _speak(cache, texts)
            except Exception as error:
                if not opening:
                    raise
                # A call speaks them itself; a clinic's texts keep nothing from starting.
                typer.echo(f"Not spoken ahead: {error}", err=True)
        print(f"{len({*own, *texts})} prompts are ready in {cache.folder}")


def _of_the_flows(*, opening: bool) -> list[tuple[str, str]]:
    from ivr.actions.ahead import texts_ahead
    from ivr.actions.connect import library
    from ivr.app import FLOW
    from ivr.clinic.directory import Directory
    from ivr.clock import SystemClock
    from ivr.config import settings
    from ivr.database import DATABASE_ERRORS, Database, database_url
    from ivr.errors import Unavailable

    database = Database(database_url(settings()))
    try:
        directory = Directory(database, SystemClock())
        answering = {FLOW, *directory.clinic().settings.get("flows", {}).values()}
        return texts_ahead(library(settings().callflows), directory, answering, opening=opening)
    except DATABASE_ERRORS as error:
        raise Unavailable(f"the clinic's name is not known without its database: {error}") from None
    finally:
        database.dispose()


def _speak(cache: "PromptCache", texts: Sequence[tuple[str, str]]) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from ivr.errors import Unavailable

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("Speaking the prompts ahead", total=len(texts))
        failures = cache.prewarm(texts, lambda done, _: bars.update(bar, completed=done))
    if failures:
        raise Unavailable("some prompts could not be spoken: " + "; ".join(failures))
