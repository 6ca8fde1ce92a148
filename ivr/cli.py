"""The ``auricula`` command: gathers the modules of :mod:`ivr.commands`."""

import importlib
import pkgutil
import sys

import typer

from ivr import commands
from ivr.errors import AuriculaError


def build() -> typer.Typer:
    """The command with every subcommand registered."""
    app = typer.Typer(name="auricula", no_args_is_help=True, add_completion=False)

    @app.callback()
    def auricula() -> None:
        """Call centre and IVR for clinics, on Asterisk."""

    for module in pkgutil.iter_modules(commands.__path__):
        importlib.import_module(f"{commands.__name__}.{module.name}").register(app)
    return app


def main() -> None:
    """Run the command; an expected failure is one plain line and exit code 1."""
    try:
        build()()
    except AuriculaError as error:
        sys.stderr.write(f"auricula: {error}\n")
        sys.exit(1)
