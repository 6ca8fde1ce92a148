"""All flows and texts of an installation, read again when their files change."""

import contextlib
import os
import threading
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ivr.errors import InvalidInput, NotFound
from ivr.flow.catalogue import Catalogue
from ivr.flow.check import check
from ivr.flow.document import Flow, parse
from ivr.flow.problems import Problem
from ivr.flow.texts import Texts, languages, load_texts


class Library:
    """Hands each new call the present flow; a call keeps the objects it was given.

    A change with mistakes is not taken: calls go on with the last good version, and
    ``problems`` says what is wrong.
    """

    def __init__(
        self,
        folder: Path,
        catalogue: Catalogue,
        *,
        kinds: Collection[str],
        intents: Collection[str],
    ) -> None:
        self.folder = folder
        self.catalogue = catalogue
        self.kinds = kinds
        self.intents = intents
        self.problems: list[Problem] = []
        self._lock = threading.Lock()
        self._stamp: tuple[tuple[str, int, int], ...] = ()
        self._flows: dict[str, Flow] = {}
        self._texts: dict[str, Texts] = {}

    def flow(self, name: str) -> Flow:
        """The flow of that name. Raises NotFound, or InvalidInput when it has mistakes."""
        self._refresh()
        if name in self._flows:
            return self._flows[name]
        mine = [str(p) for p in self.problems if p.path.stem == name and p.severity == "error"]
        if mine:
            raise InvalidInput(f"flow “{name}” cannot be used:\n" + "\n".join(mine))
        raise NotFound(f"there is no flow “{name}” in {self.folder}")

    def texts(self, language: str) -> Texts:
        """The texts of a language; of its nearest relative when it has none of its own."""
        self._refresh()
        if language in self._texts:
            return self._texts[language]
        for other, texts in self._texts.items():
            if other[:2] == language[:2]:
                return texts
        raise NotFound(f"there are no prompts for “{language}” in {self.folder / 'prompts'}")

    def flows(self) -> Mapping[str, Flow]:
        """All usable flows by name."""
        self._refresh()
        return dict(self._flows)

    def languages(self) -> list[str]:
        """All languages there are texts in."""
        self._refresh()
        return list(self._texts)

    def _refresh(self) -> None:
        with self._lock:
            stamp = _stamp(self.folder)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            flows, texts, problems = load(self.folder)
            wrong_texts = [p for p in problems if p.path.parent != self.folder]
            if wrong_texts and self._texts:
                texts = self._texts
            for flow in flows.values():
                found = check(flow, self.catalogue, texts, kinds=self.kinds, intents=self.intents)
                problems.extend(found)
                if not any(p.severity == "error" for p in found):
                    self._flows[flow.name] = flow
            self._texts = texts
            self.problems = problems


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """When each file was written, and its size. Every call looks, so it is quick about it."""
    found = []
    for file in _files(os.fspath(folder)):
        with contextlib.suppress(FileNotFoundError):  # gone since the folder was read
            found.append((file.path, file.stat().st_mtime_ns, file.stat().st_size))
    return tuple(sorted(found))


def _files(folder: str) -> Iterator[os.DirEntry[str]]:
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            elif entry.name.endswith(".yaml"):
                yield entry


def load(
    folder: Path, paths: Collection[Path] | None = None
) -> tuple[dict[str, Flow], dict[str, Texts], list[Problem]]:
    """Read the flows (all below ``folder``, or just ``paths``) and all texts."""
    problems: list[Problem] = []
    texts: dict[str, Texts] = {}
    for language in languages(folder):
        read, found = load_texts(folder, language)
        problems.extend(found)
        if read.prompts and read.choices:
            texts[language] = read
    flows: dict[str, Flow] = {}
    for path in paths if paths is not None else sorted(folder.glob("*.yaml")):
        flow, found = parse(path.read_text(encoding="utf-8"), path)
        problems.extend(found)
        if flow and not found:
            flows[flow.name] = flow
    return flows, texts, problems
