"""How the database would go about what is asked of it, for tests of its indexes."""

import re
from collections.abc import Callable

from sqlalchemy import event, text

from ivr.database import Database


def plans(database: Database, ask: Callable[[], object]) -> list[str]:
    """The plan of each statement that ``ask`` sends, whatever the values asked for, where no
    table is read from end to end if there is another way: what a big table would get, whatever
    this one holds."""
    sent: list[str] = []

    def keep(_c: object, _u: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    with database.transaction() as session:
        connection = session.connection()
        event.listen(connection.engine, "before_cursor_execute", keep)
        try:
            ask()
        finally:
            event.remove(connection.engine, "before_cursor_execute", keep)
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        found = [connection.exec_driver_sql(_explained(statement)) for statement in sent]
        return ["\n".join(line for (line,) in plan) for plan in found]


def _explained(statement: str) -> str:
    names: list[str] = []

    def numbered(blank: re.Match[str]) -> str:
        if blank[1] not in names:
            names.append(blank[1])
        return f"${names.index(blank[1]) + 1}"

    return "EXPLAIN (GENERIC_PLAN) " + re.sub(r"%\((\w+)\)s", numbered, statement)
