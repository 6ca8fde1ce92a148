"""``auricula postgres``: the embedded PostgreSQL as a process to be supervised."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def postgres() -> None:
        """Run the embedded PostgreSQL until told to stop."""
        import signal

        from ivr import embedded_postgres
        from ivr.config import settings

        if settings().database_url:
            typer.echo("DATABASE_URL is set: the embedded PostgreSQL is not needed.")
            return
        data = settings().var / "postgres"
        embedded_postgres.url(data)
        server = embedded_postgres.start(data, keep=True)
        typer.echo(f"PostgreSQL is ready in {data}.")
        stop = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, stop)
        signal.sigwait(stop)
        server.stop()
