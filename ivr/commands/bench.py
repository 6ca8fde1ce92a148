"""``auricula bench``: run one benchmark, or all."""

import inspect
import json
import pkgutil
from importlib import import_module
from typing import Annotated

import typer


def names() -> list[str]:
    """The benchmarks: modules of :mod:`ivr.bench` with a ``run``."""
    from ivr import bench

    return [
        module.name
        for module in pkgutil.iter_modules(bench.__path__)
        if hasattr(import_module(f"ivr.bench.{module.name}"), "run")
    ]


def _leave_in_order() -> None:
    """What a benchmark started is stopped on the way out of it, once: told to end again, or
    left by its terminal meanwhile, it goes on stopping."""
    import signal
    import sys
    from types import FrameType

    endings = [
        one
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(one) is not signal.SIG_IGN  # as nohup has it
    ]

    def leave(number: int, _frame: FrameType | None) -> None:
        for one in endings:
            signal.signal(one, lambda *_: None)
        sys.exit(128 + number)

    for one in endings:
        signal.signal(one, leave)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def bench(
        name: Annotated[str | None, typer.Argument(help="Benchmark; none: list them.")] = None,
        limit: Annotated[
            int, typer.Option("--limit", min=0, help="Only so many cases, where it has them.")
        ] = 0,
        as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    ) -> None:
        """Measure, beside a peer or the limit in the same run."""
        from ivr.errors import InvalidInput

        known = names()
        if name is None:
            print("\n".join(known))
            return
        if name not in known:
            raise InvalidInput(f"there is no benchmark called {name}; choose among {known}")
        run = import_module(f"ivr.bench.{name}").run
        if limit and "limit" not in inspect.signature(run).parameters:
            raise InvalidInput(f"the benchmark {name} knows no --limit")
        _leave_in_order()
        result = {"bench": name, **(run(limit) if limit else run())}
        print(json.dumps(result, ensure_ascii=False, indent=None if as_json else 2))
