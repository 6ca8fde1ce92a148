"""``auricula openapi``: the description of the API that the console's client is made from."""

import json
from pathlib import Path

import typer


def document() -> str:
    """The OpenAPI document as JSON; needs no database."""
    from ivr.clock import SystemClock
    from ivr.config import Settings
    from ivr.database import Database
    from ivr.web.app import create_app
    from ivr.web.services import services

    database = Database("postgresql+psycopg://nobody@localhost/nothing")
    app = create_app(services(Settings(), database, SystemClock()))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1) + "\n"


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def openapi(out: Path | None = typer.Option(None, help="File to write")) -> None:
        """Print the API's OpenAPI document."""
        if out is None:
            print(document(), end="")
        else:
            out.write_text(document(), encoding="utf-8")
