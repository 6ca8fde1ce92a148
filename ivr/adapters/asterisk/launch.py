"""Finding Asterisk and starting it in place, without privilege or container.

The unpacked root (``scripts/debian-root``) carries its own C library, so the program is
started through the loader beside it; nothing of the host's libraries is used or changed.
"""

import os
import shutil
import subprocess
from pathlib import Path

from ivr.config import settings
from ivr.errors import Unavailable


def find_root() -> Path:
    """Folder under which Asterisk's own tree (``usr/sbin``, ``usr/share``…) lies.

    ``AURICULA_ASTERISK_ROOT`` wins, then the unpacked root in the cache, then an Asterisk
    installed on the host (``/``, as in the container). Raises :class:`Unavailable`.
    """
    chosen = os.environ.get("AURICULA_ASTERISK_ROOT")
    candidates = [Path(chosen)] if chosen else [settings().cache / "asterisk", Path("/")]
    for root in candidates:
        if (root / "usr/sbin/asterisk").exists():
            return root.resolve()
    raise Unavailable("Asterisk is not installed yet: run `make up` (or scripts/debian-root).")


def module_dir(root: Path) -> Path:
    """Folder with Asterisk's loadable modules."""
    found = sorted(root.glob("usr/lib/*/asterisk/modules")) or sorted(
        root.glob("usr/lib/asterisk/modules")
    )
    if not found:
        raise Unavailable(f"{root} has no Asterisk modules: delete it and run `make up` again.")
    return found[0]


def data_dir(root: Path) -> Path:
    """Folder with sounds, documentation and keys that came with Asterisk."""
    return root / "usr/share/asterisk"


def command(config: Path) -> list[str]:
    """Argument list that runs Asterisk in the foreground with ``config`` (asterisk.conf)."""
    return [*_program(), "-C", str(config), "-f", "-n"]


def control(config: Path, line: str) -> list[str]:
    """Argument list that sends one CLI ``line`` to the Asterisk running with ``config``."""
    return [*_program(), "-C", str(config), "-r", "-x", line]


def version() -> str:
    """Asterisk's version, e.g. ``22.10.1+dfsg``; raises :class:`Unavailable`."""
    try:
        said = subprocess.run(
            [*_program(), "-V"], env=environment(), capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"Asterisk in {find_root()} does not run: {error}") from error
    if said.returncode or not said.stdout.startswith("Asterisk "):
        raise Unavailable(f"Asterisk in {find_root()} does not run: {said.stderr.strip()}")
    return said.stdout.split()[1]


def environment() -> dict[str, str]:
    """The process's environment with what the unpacked C library and OpenSSL look for."""
    root = find_root()
    wanted = dict(os.environ)
    if root != Path("/"):
        for name, pattern in (
            ("GCONV_PATH", "usr/lib/*/gconv"),
            ("OPENSSL_MODULES", "usr/lib/*/ossl-modules"),
        ):
            for folder in root.glob(pattern):
                wanted[name] = str(folder)
    return wanted


def _program() -> list[str]:
    root = find_root()
    binary = root / "usr/sbin/asterisk"
    if root == Path("/"):
        return [shutil.which("asterisk") or str(binary)]
    loaders = [
        path for place in ("usr/lib64", "lib64", "usr/lib") for path in (root / place).glob("ld-*")
    ]
    if not loaders:
        raise Unavailable(f"{root} has no loader: delete it and run `make up` again.")
    modules = module_dir(root)
    libraries = ":".join(str(path) for path in (modules.parent.parent, modules.parent))
    return [str(loaders[0]), "--library-path", libraries, str(binary)]
