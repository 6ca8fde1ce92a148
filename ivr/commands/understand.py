"""``auricula understand``: what a line of words means, one JSON line for each."""

import sys
from datetime import datetime
from typing import Annotated, Literal

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def understand(
        kind: Annotated[str, typer.Argument(help="intent, date, time, datetime, yesno, …")],
        now: Annotated[
            str, typer.Option(help="The present moment, ISO 8601; local when it has no zone.")
        ] = "",
        country: Annotated[Literal["es", "mx"], typer.Option(help="Whose Spanish.")] = "es",
    ) -> None:
        """Read lines of words from standard input; print what each means as KIND, as JSON."""
        import json

        from ivr.errors import InvalidInput
        from ivr.language import KINDS, Context
        from ivr.language import understand as read

        if kind not in KINDS:
            raise InvalidInput(f"Unknown kind {kind!r}; known are: {', '.join(KINDS)}.")
        context = Context(_moment(now), country=country)
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        for line in sys.stdin:
            understood = read(kind, line.rstrip("\r\n"), context)
            print(json.dumps(understood.plain(), ensure_ascii=False), flush=True)


def _moment(now: str) -> datetime:
    from datetime import UTC

    from ivr.errors import InvalidInput

    if not now:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(now)
    except ValueError as error:
        raise InvalidInput(
            f"--now takes a moment such as 2026-11-21T10:00, not {now!r}."
        ) from error
