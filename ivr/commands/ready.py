"""``auricula ready``: the health check of a container."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def ready(name: str = typer.Argument(help="postgres, asterisk, speech, serve or web.")) -> None:
        """Succeed when the named program answers."""
        from ivr.config import settings
        from ivr.errors import InvalidInput
        from ivr.setup.programs import PROGRAMS
        from ivr.setup.ready import answers

        found = [program for program in PROGRAMS if program.name == name]
        if not found:
            raise InvalidInput(f"there is no program called {name}")
        if not answers(found[0], settings()):
            raise typer.Exit(1)
