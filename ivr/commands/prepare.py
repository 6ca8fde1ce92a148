"""``auricula prepare``: what must be done before the programs start, where Docker starts them."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def prepare() -> None:
        """Prepare the database, the switch's own prompts and its configuration."""
        from ivr.config import settings
        from ivr.setup import steps
        from ivr.setup.summary import show
        from ivr.setup.terminal import Terminal

        config = settings()
        terminal = Terminal(config.var / "log/setup.log")
        steps.database(terminal, config)
        steps.prompts(terminal, config)
        steps.switch(terminal, config)
        show(terminal, config)
