"""``auricula prompts``: speak everything that can be spoken before anybody calls."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def prompts() -> None:
        """Render all fixed prompts of the flows, and the dialplan's own, ahead of calls."""
        import shutil

        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        from ivr.adapters.speech.engines import prompts as prompt_cache
        from ivr.adapters.speech.flow_prompts import (
            DIALPLAN_LANGUAGE,
            DIALPLAN_PROMPTS,
            fixed_texts,
        )
        from ivr.config import settings
        from ivr.errors import Unavailable

        cache = prompt_cache()
        texts = [(text, DIALPLAN_LANGUAGE) for text in DIALPLAN_PROMPTS.values()]
        texts += fixed_texts(settings().callflows / "prompts")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=Console(stderr=True)) as bars:
            bar = bars.add_task("speaking the prompts", total=len(texts))
            failures = cache.prewarm(
                texts, lambda done, total: bars.update(bar, completed=done, total=total)
            )
        sounds = settings().var / "asterisk" / "sounds" / "auricula"
        sounds.mkdir(parents=True, exist_ok=True)
        for name, text in DIALPLAN_PROMPTS.items():
            part = sounds / f".{name}.part"
            shutil.copyfile(cache.file(text, DIALPLAN_LANGUAGE), part)
            part.replace(sounds / f"{name}.wav")
        if failures:
            raise Unavailable("some prompts could not be spoken: " + "; ".join(failures))
        print(f"{len(set(texts))} prompts are ready in {cache.folder}")
