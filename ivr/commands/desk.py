"""``auricula desk``: the clinic's queues, pauses and dispositions from a file."""

from pathlib import Path

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def desk(
        file: Path = typer.Argument(..., metavar="FILE.yaml", help="See docs/operations.md."),
        retire: bool = typer.Option(
            False, "--retire", help="What the file's lists do not name is offered no more."
        ),
        dry_run: bool = typer.Option(
            False, "--dry-run", help="Say what would change, and change nothing."
        ),
    ) -> None:
        """Set up the desk from a file, and let a running Asterisk read its queues again."""
        from ivr import secrets
        from ivr.adapters.asterisk.manage import reload
        from ivr.clock import SystemClock
        from ivr.config import settings
        from ivr.database import Database, database_url
        from ivr.errors import Unavailable
        from ivr.flow.library import load
        from ivr.queues import desk_file
        from ivr.setup.steps import switch_config

        config = settings()
        wanted = desk_file.read(file)
        database = Database(database_url(config))
        try:
            flows, _, _ = load(config.callflows)
            use = desk_file.Use(desk_file.queues_of(flows.values()), retire, dry_run)
            changes = desk_file.apply(database, wanted, SystemClock().now(), use)
        finally:
            database.dispose()
        for line in changes or ["Nothing to change."]:
            typer.echo(line)
        if dry_run:
            typer.echo("Nothing has been changed.")
            return
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
