"""``auricula watchdog``: takes callers to the queue when the application hangs."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def watchdog() -> None:
        """Watch over the application from a process of its own, until told to stop."""
        import signal
        from functools import partial

        from ivr import secrets
        from ivr.adapters.asterisk.ami import AmiClient
        from ivr.adapters.asterisk.watchdog import Watchdog, absent, answers
        from ivr.config import settings
        from ivr.log import configure

        wanted = settings()
        configure(wanted.log_level)
        manager = AmiClient(
            wanted.ami_host,
            wanted.ami_port,
            username="watchdog",
            secret=secrets.load(wanted.var).ami_watchdog,
        )
        application = wanted.agi_host, wanted.agi_port
        watchdog = Watchdog(
            manager, partial(answers, *application), is_absent=partial(absent, *application)
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: watchdog.stop())
        manager.connect()
        watchdog.run()
        manager.disconnect()
