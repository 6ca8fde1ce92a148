"""``auricula simulate``: plays a flow in the terminal, one caller turn a line."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def simulate(
        flow: str = typer.Option("recepcion", help="Name of the flow."),
        number: str = typer.Option("", "--from", help="Number calling, E.164; empty: withheld."),
        to: str = typer.Option("", "--to", help="Number called; empty: the first branch."),
        now: str = typer.Option("", help="The clinic's clock stands at this ISO 8601 moment."),
        lang: str = typer.Option("", help="Language of the prompts; empty: the flow's."),
        attempt: int = typer.Option(0, help="Outbound attempt, for reminder flows."),
        as_json: bool = typer.Option(False, "--json", help="Print one event a line."),
    ) -> None:
        """Play a flow: words, dtmf:1, silence, noise or hangup, one turn a line.

        Appointments, tickets and consents are written; nothing is transferred or recorded.
        """
        from ivr.actions.simulation import simulate as play
        from ivr.config import settings

        play(
            settings(),
            flow=flow,
            number=number,
            to=to,
            now=now,
            language=lang,
            attempt_id=attempt or None,
            as_json=as_json,
        )
