"""``auricula postgres``: the embedded PostgreSQL as a process to be supervised."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def postgres() -> None:
        """Run the embedded PostgreSQL until told to stop."""
        from ivr import embedded_postgres
        from ivr.config import settings

        embedded_postgres.become(settings().var / "postgres")
