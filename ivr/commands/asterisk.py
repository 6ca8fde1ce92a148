"""``auricula asterisk``: Asterisk in the foreground, its log without callers' data."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def asterisk() -> None:
        """Run Asterisk until told to stop, with the configuration of ``var/asterisk``."""
        from ivr.adapters.asterisk import config
        from ivr.adapters.asterisk.run import run
        from ivr.config import settings

        raise typer.Exit(run(config.paths(settings()).config))
