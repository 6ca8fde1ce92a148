"""``auricula up``: what ``make up`` runs once the Python environment is there."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def up() -> None:
        """Set up what is missing, then run everything in the foreground (Ctrl-C stops it)."""
        import os

        from ivr.config import settings
        from ivr.setup.installation import Installation, Stopped, only_one, stop_signals
        from ivr.setup.summary import show
        from ivr.setup.terminal import Terminal

        os.umask(0o077)  # what is made at run time is this user's only
        config, running = settings(), False
        with stop_signals():
            try:
                with only_one(config):
                    terminal = Terminal(config.var / "log/setup.log")
                    installation = Installation(config, terminal)
                    try:
                        installation.prepare()
                        installation.start()
                        show(terminal, config, foreground=True)
                        running = True
                        installation.watch()
                    finally:
                        installation.stop()
            except Stopped:
                raise typer.Exit(0 if running else 130) from None
