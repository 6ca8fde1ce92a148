"""``auricula prepare``: what must be done before the programs start, where Docker starts them."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def prepare() -> None:
        """Prepare the database, the first prompts and the switch's configuration."""
        import os

        from ivr.config import settings
        from ivr.setup import steps
        from ivr.setup.summary import show
        from ivr.setup.terminal import Terminal

        os.umask(0o077)  # what is made at run time is this user's only
        config = settings()
        terminal = Terminal(config.var / "log/setup.log")
        steps.database(terminal, config)
        steps.prompts(terminal, config)
        steps.switch(terminal, config)
        show(terminal, config, foreground=False)
