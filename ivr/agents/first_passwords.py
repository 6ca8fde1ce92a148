"""First accounts of the console, with passwords made on this machine.

They are written once to ``var/secrets/first-passwords.json`` (readable by its owner only)
so that a reset of the demo keeps them.
"""

import contextlib
import json
import os
import secrets
from pathlib import Path

from ivr.agents.service import Accounts, Role

ACCOUNTS: list[tuple[str, str, Role]] = [
    ("supervisora", "Teresa Vidal", "supervisor"),
    ("recepcion", "Nuria Campos", "agent"),
    ("recepcion2", "Óscar Peral", "agent"),
]
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike."""


def passwords(folder: Path) -> dict[str, str]:
    """User name → first password; ``folder`` is ``var/secrets``. Made on first use."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "first-passwords.json"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({name: _password() for name, _, _ in ACCOUNTS}, file, indent=2)
    known: dict[str, str] = json.loads(path.read_text())
    return known


def create(accounts: Accounts, folder: Path) -> list[str]:
    """Create the first accounts that do not exist yet; returns their user names."""
    existing = {user.username for user in accounts.users()}
    first = passwords(folder)
    missing = [row for row in ACCOUNTS if row[0] in first and row[0] not in existing]
    for username, name, role in missing:
        accounts.create(username, first[username], name=name, role=role)
    return [username for username, _, _ in missing]


def _password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
