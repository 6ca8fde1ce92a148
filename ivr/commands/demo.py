"""``auricula demo``: the synthetic demo clinic."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def demo(
        reset: bool = typer.Option(False, help="Make it again, losing everything there is."),
        seed: int = typer.Option(1, help="The same seed gives the same clinic on the same day."),
    ) -> None:
        """Fill the database with a synthetic clinic, if it has none."""
        from ivr.agents import first_passwords
        from ivr.agents.service import Accounts
        from ivr.clinic import demo as clinic
        from ivr.clock import SystemClock
        from ivr.config import settings
        from ivr.database import Database, database_url
        from ivr.migrations import migrate
        from ivr.recordings import vault

        config = settings()
        url = database_url(config)
        migrate(url)
        database, clock = Database(url), SystemClock()
        if reset or not clinic.exists(database):
            vault.Vault.of(config).clear()
            made = clinic.make(database, clock, seed=seed)
            typer.echo(
                f"Demo clinic of {made.today}: {made.branches} branches, {made.professionals}"
                f" professionals, {made.services} services, {made.patients} patients,"
                f" {made.appointments} appointments."
            )
        else:
            typer.echo("The database has a clinic: --reset makes the demo clinic again.")
        secrets = config.var / "secrets"
        for username in first_passwords.create(Accounts(database, clock), secrets):
            typer.echo(f"Account {username}: its password is in {secrets}/first-passwords.json.")
