"""``auricula migrate``: bring the database's schema up to date."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def migrate() -> None:
        """Bring the database's schema up to date (makes the database if there is none)."""
        from ivr.config import settings
        from ivr.database import database_url
        from ivr.migrations import migrate as run

        run(database_url(settings()))
        typer.echo("The database is up to date.")
