"""``auricula remind``: reminder calls for the appointments of a day."""

from datetime import datetime

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def remind(
        date: datetime = typer.Option(
            ..., formats=["%Y-%m-%d"], help="The day of the appointments, e.g. 2026-11-24."
        ),
        dry_run: bool = typer.Option(False, help="Only say who would be called."),
        any_hour: bool = typer.Option(
            False, help="Also outside calling hours: for trials on a line of your own."
        ),
    ) -> None:
        """Call the patients of a day who have not confirmed; busy lines again later.

        The calls are made by the running `auricula serve`, within the calling hours of
        each branch's country.
        """
        from ivr.calls.stream import EventStream
        from ivr.campaigns.jobs import ask_to_dial
        from ivr.campaigns.reminders import Reminders
        from ivr.clinic.directory import Directory
        from ivr.clock import SystemClock, local
        from ivr.config import settings
        from ivr.database import Database, database_url

        url = database_url(settings())
        database, clock = Database(url), SystemClock()
        directory = Directory(database, clock)
        reminders = Reminders(database, clock, EventStream(database, clock), directory)
        day = date.date()
        attempts = reminders.candidates(day) if dry_run else reminders.plan(day, any_hour=any_hour)
        for attempt in attempts:
            branch = directory.branch(attempt.branch_id)
            when = local(attempt.starts_at, branch.zone)
            state = attempt.outcome or attempt.status
            typer.echo(f"{when:%H:%M} {branch.name}: patient {attempt.patient_id}, {state}")
        if dry_run:
            typer.echo(f"{len(attempts)} calls would be planned.")
            return
        ask_to_dial(url)
        waiting, due = reminders.waiting(), len(reminders.due(1000))
        typer.echo(f"{len(attempts)} calls planned; {due} due now, {waiting - due} later.")
