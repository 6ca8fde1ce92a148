"""``auricula events``: writes the event catalogue."""

from pathlib import Path

import typer

from ivr.config import PROJECT


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def events(out: Path = PROJECT / "docs" / "events.md") -> None:
        """Write docs/events.md from the event types."""
        from ivr.flow.event_catalogue import catalogue

        out.write_text(catalogue(), encoding="utf-8")
        print(f"{out.name} written")
