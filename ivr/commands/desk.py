"""``auricula desk``: the clinic's queues, pauses and dispositions from a file."""

from pathlib import Path

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def desk(
        file: Path = typer.Argument(..., metavar="FILE.yaml", help="See docs/operations.md."),
    ) -> None:
        """Set up the desk from a file, and let a running Asterisk read its queues again."""
        from ivr import secrets
        from ivr.adapters.asterisk.manage import reload
        from ivr.config import settings
        from ivr.database import Database, database_url
        from ivr.errors import Unavailable
        from ivr.queues import desk_file
        from ivr.setup.steps import switch_config

        config = settings()
        wanted = desk_file.read(file)
        database = Database(database_url(config))
        try:
            desk_file.apply(database, wanted)
        finally:
            database.dispose()
        typer.echo(
            f"{len(wanted.queues)} queues, {len(wanted.pauses)} pauses and "
            f"{len(wanted.dispositions)} dispositions set up."
        )
        if not wanted.queues:
            return
        try:
            switch_config(config)
            reload(config, secrets.load(config.var), "app_queue.so", "pbx_config.so")
        except Unavailable as error:
            typer.echo(f"The queues count from Asterisk's next start: {error}")
