"""Passwords between the switch and the application, kept in ``var/secrets/switch.json``."""

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from ivr.config import settings
from ivr.errors import AuriculaError

NAME = "switch.json"


def _password() -> str:
    return secrets.token_urlsafe(24)


class Secrets(BaseModel):
    """Made on first start; never logged, never sent to a browser."""

    ami: str = Field(default_factory=_password)
    """AMI user ``auricula``: calls, queues and recordings."""
    ami_watchdog: str = Field(default_factory=_password)
    """AMI user ``watchdog``: sees calls and redirects them."""
    ami_reload: str = Field(default_factory=_password)
    """AMI user ``reload``: makes Asterisk read changed agents."""
    sip: str = Field(default_factory=_password)
    """Key from which every phone's SIP password is derived."""

    def sip_password(self, endpoint: str) -> str:
        """The SIP password of ``endpoint`` (``demo-phone``, ``agent-<username>``)."""
        return hmac.new(self.sip.encode(), endpoint.encode(), hashlib.sha256).hexdigest()[:32]


def load(var: Path | None = None) -> Secrets:
    """The secrets of the installation in ``var``, made and saved on first asking."""
    folder = (var or settings().var) / "secrets"
    path = folder / NAME
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileExistsError):  # another process was first
                os.link(made := _written(folder, Secrets()), path)
            made.unlink()
        text = path.read_text()
        known = Secrets.model_validate_json(text)
        if known.model_dump_json(indent=1) != text:  # a newer version has more secrets
            _written(folder, known).replace(path)
        return known
    except (OSError, ValidationError) as error:
        raise AuriculaError(
            f"{path} cannot be used: {error}. Delete it to have new passwords made; phones that "
            "are registered will have to log in again."
        ) from error


def _written(folder: Path, value: Secrets) -> Path:
    temporary = folder / f".{NAME}.{os.getpid()}-{secrets.token_hex(4)}"
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(value.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())
    return temporary
