"""Passwords and keys of one installation, made on first start, kept in ``var/secrets.json``."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from pydantic import BaseModel, Field

from ivr.config import settings
from ivr.errors import AuriculaError

NAME = "secrets.json"


def _password() -> str:
    return secrets.token_urlsafe(24)


def _age_identity() -> str:
    import pyrage

    return str(pyrage.x25519.Identity.generate())


class Secrets(BaseModel):
    """Never logged, never sent to a browser, except a phone its own SIP password."""

    ami: str = Field(default_factory=_password)
    """AMI user ``auricula``: calls, queues and recordings."""
    ami_watchdog: str = Field(default_factory=_password)
    """AMI user ``watchdog``: sees calls and redirects them."""
    ami_reload: str = Field(default_factory=_password)
    """AMI user ``reload``: makes Asterisk read changed agents."""
    session: str = Field(default_factory=_password)
    """Signs what the console keeps in cookies."""
    sip: str = Field(default_factory=_password)
    """Key from which every phone's SIP password is derived."""
    age_identity: str = Field(default_factory=_age_identity)
    """Opens the recordings: whoever loses it loses them (docs/operations.md)."""
    first_passwords: dict[str, str] = Field(default_factory=dict)
    """Console user → password set at first start, shown until the user changes it."""

    def sip_password(self, endpoint: str) -> str:
        """The SIP password of ``endpoint`` (``demo-phone``, ``agent-<username>``)."""
        return hmac.new(self.sip.encode(), endpoint.encode(), hashlib.sha256).hexdigest()[:32]

    def first_password(self, username: str) -> str:
        """The first password of ``username``, made on first asking; :func:`save` keeps it."""
        return self.first_passwords.setdefault(username, secrets.token_urlsafe(9))


def load(var: Path | None = None) -> Secrets:
    """The secrets of this installation, made and saved the first time."""
    path = (var or settings().var) / NAME
    if path.exists():
        known = path.read_text()
        found = Secrets.model_validate_json(known)
        if found.model_dump_json(indent=1) != known:
            save(found, path.parent)  # a newer version knows more secrets
        return found
    made = Secrets()
    save(made, path.parent, new=True)
    return load(path.parent)


def save(value: Secrets, var: Path | None = None, *, new: bool = False) -> None:
    """Write the secrets, readable by this user only; ``new`` keeps a file made meanwhile."""
    folder = var or settings().var
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{NAME}.{os.getpid()}"
    temporary.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
            f.write(value.model_dump_json(indent=1))
            f.flush()
            os.fsync(f.fileno())
        if new:
            try:
                os.link(temporary, folder / NAME)
            except FileExistsError:
                return
        else:
            temporary.replace(folder / NAME)
    except OSError as error:
        raise AuriculaError(f"{folder / NAME} cannot be written: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)
