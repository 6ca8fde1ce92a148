"""``auricula check``: finds mistakes in call flows before a caller does."""

from pathlib import Path

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def check(
        paths: list[Path] = typer.Argument(
            None, metavar="[PATH]…", help="Flow files; all of callflows/ when none is given."
        ),
        draw: bool = typer.Option(False, "--draw", help="Also print each flow as Mermaid."),
        actions: bool = typer.Option(False, "--actions", help="Print the actions there are."),
    ) -> None:
        """Check call flows: unknown keys, dead ends, missing prompts, and how to mend them."""
        from ivr.actions import catalogue
        from ivr.actions.connect import INTENTS
        from ivr.config import settings
        from ivr.errors import NotFound
        from ivr.flow.check import check as find_problems
        from ivr.flow.draw import actions_table, mermaid
        from ivr.flow.library import load
        from ivr.language import KINDS

        if actions:
            typer.echo(actions_table(catalogue()), nl=False)
            return
        for path in paths or ():
            if not path.is_file():
                raise NotFound(f"there is no file {path}")
        flows, texts, problems = load(settings().callflows, paths or None)
        for flow in flows.values():
            problems += find_problems(flow, catalogue(), texts, kinds=KINDS, intents=INTENTS)
        for problem in dict.fromkeys(problems):
            typer.echo(str(problem))
        if draw:
            for flow in flows.values():
                typer.echo(mermaid(flow))
        errors = sum(problem.severity == "error" for problem in set(problems))
        if errors:
            typer.echo(f"{errors} mistake{'s' if errors > 1 else ''}.")
            raise typer.Exit(1)
        names = ", ".join(f"{flow.name} ({len(flow.steps)} steps)" for flow in flows.values())
        typer.echo(f"No mistakes: {names}; languages {', '.join(texts)}.")
