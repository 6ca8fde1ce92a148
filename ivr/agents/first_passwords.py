"""First accounts of the console, with passwords made on this machine.

The passwords live with the installation's other secrets, so that a reset of the demo
keeps them.
"""

from pathlib import Path

from ivr import secrets
from ivr.agents.service import Accounts, Role

ACCOUNTS: list[tuple[str, str, Role]] = [
    ("supervisora", "Teresa Vidal", "supervisor"),
    ("recepcion", "Nuria Campos", "agent"),
    ("recepcion2", "Óscar Peral", "agent"),
]


def passwords(var: Path) -> dict[str, str]:
    """User name → first password, made on first use."""
    kept = secrets.load(var)
    first = {username: kept.first_password(username) for username, _, _ in ACCOUNTS}
    secrets.save(kept, var)
    return first


def create(accounts: Accounts, var: Path) -> list[str]:
    """Create the first accounts that do not exist yet; returns their user names."""
    existing = {user.username for user in accounts.users()}
    first = passwords(var)
    missing = [row for row in ACCOUNTS if row[0] not in existing]
    for username, name, role in missing:
        accounts.create(username, first[username], name=name, role=role)
    return [username for username, _, _ in missing]
