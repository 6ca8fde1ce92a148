"""``auricula fetch``: everything ``up`` and the tests need, without starting anything."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def fetch(
        tests: Annotated[
            bool, typer.Option("--tests", help="Also the models that only prove an engine.")
        ] = False,
    ) -> None:
        """Fetch Asterisk and the speech models, and build the console."""
        from ivr.config import settings
        from ivr.setup import steps
        from ivr.setup.terminal import Terminal

        config = settings()
        terminal = Terminal(config.var / "log/fetch.log")
        steps.fetch(terminal, config, proofs=tests)
