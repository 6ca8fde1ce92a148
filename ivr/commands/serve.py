"""``auricula serve``: calls, console and jobs in one process, or each in its own."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def serve(
        only: Annotated[
            list[str] | None, typer.Option(help="Roles of this process: api, agi, jobs.")
        ] = None,
    ) -> None:
        """Take calls, serve the console and its API, run the jobs."""
        from ivr.app import ROLES, Application
        from ivr.config import settings
        from ivr.errors import InvalidInput
        from ivr.interpreter import switch_threads_often
        from ivr.log import configure

        roles = [role for role in ROLES if not only or role in only]
        unknown = sorted(set(only or ()) - set(ROLES))
        if unknown:
            raise InvalidInput(f"--only takes api, agi or jobs, not {', '.join(unknown)}")
        configure(settings().log_level)
        switch_threads_often()
        Application(settings(), roles).run()
