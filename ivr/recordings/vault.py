"""Encrypted files in any fsspec store. The age identity lives in ``var/secrets``: whoever
has the store but not that file has nothing."""

import contextlib
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import fsspec
import pyrage

from ivr.config import Settings
from ivr.errors import NotFound

IDENTITY = "recordings.age"


class Vault:
    """Puts, gets and deletes encrypted files under ``url`` (a folder or fsspec URL)."""

    def __init__(self, url: str, secrets: Path) -> None:
        self._url = url
        self._secrets = secrets

    @classmethod
    def of(cls, config: Settings) -> "Vault":
        """The installation's vault."""
        return cls(config.recordings_url or str(config.recordings), config.var / "secrets")

    @cached_property
    def _identity(self) -> Any:
        self._secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._secrets / IDENTITY
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(str(pyrage.x25519.Identity.generate()) + "\n")
        return pyrage.x25519.Identity.from_str(path.read_text().strip())

    @cached_property
    def _store(self) -> tuple[Any, str]:
        system, root = fsspec.core.url_to_fs(self._url)
        return system, str(root).rstrip("/")

    def put(self, path: str, data: bytes) -> None:
        """Encrypt and store; the file appears whole or not at all."""
        system, root = self._store
        final = f"{root}/{path}"
        system.makedirs(final.rpartition("/")[0], exist_ok=True)
        with system.open(f"{final}.part", "wb") as file:
            file.write(pyrage.encrypt(data, [self._identity.to_public()]))
            file.flush()
            with contextlib.suppress(AttributeError, OSError):
                os.fsync(file.fileno())
        system.mv(f"{final}.part", final)

    def get(self, path: str) -> bytes:
        """The plain data."""
        system, root = self._store
        try:
            sealed = system.cat_file(f"{root}/{path}")
        except FileNotFoundError as error:
            raise NotFound("The recording's file is not in the store.") from error
        return bytes(pyrage.decrypt(sealed, [self._identity]))

    def clear(self) -> None:
        """Remove every encrypted file."""
        system, root = self._store
        for path in system.glob(f"{root}/**/*.age"):
            system.rm_file(path)

    def delete(self, path: str) -> None:
        """Remove; nothing happens when it is not there."""
        system, root = self._store
        with contextlib.suppress(FileNotFoundError):
            system.rm_file(f"{root}/{path}")
