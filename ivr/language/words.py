"""The words people say, read once from ``callflows/words`` and kept.

``<base>.yaml`` holds what a whole language shares, ``<base>.<topic>.yaml`` one topic
(read when first asked for), ``<language>.yaml`` what a country says otherwise.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import yaml

from ivr.errors import InvalidInput, NotFound
from ivr.language.patterns import Patterns
from ivr.language.phrases import Table

FOLDER = Path(__file__).resolve().parents[2] / "callflows" / "words"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which ``no``, ``si`` and dates are just words."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [pair for pair in pairs if pair[0].rpartition(":")[2] in {"int", "null"}]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class Words:
    """All words of one language, as plain data and as tables made when first used."""

    def __init__(self, language: str, folder: Path) -> None:
        self.language = language
        self._folder = folder
        self._base = language.split("-")[0]
        self._country = self._read(language)
        base = self._read(self._base, required=True)
        own = {name: value for name, value in self._country.items() if name in base}
        self._data = _merged(base, own)
        self._topics: dict[str, Mapping[str, Any]] = {}
        self._tables: dict[str, Table[Any]] = {}
        self._patterns: dict[str, Patterns] = {}

    def _read(self, name: str, *, required: bool = False) -> dict[str, Any]:
        path = self._folder / f"{name}.yaml"
        if not path.is_file():
            if required:
                raise NotFound(f"There are no words for this language: {path.name} is missing.")
            return {}
        try:
            loaded = yaml.load(path.read_bytes(), Loader=_Loader) or {}  # noqa: S506 (a safe loader)
        except yaml.YAMLError as error:
            raise InvalidInput(f"{path.name} is not YAML: {error}") from error
        if not isinstance(loaded, dict):
            raise InvalidInput(f"{path.name} must hold names with values, like es.yaml.")
        return loaded

    def __getitem__(self, path: str) -> Any:
        """Data at a dotted path: ``numbers.units``; the first part may be a topic."""
        section, *rest = path.split(".")
        value: Any = self._data.get(section)
        if value is None:
            value = self.topic(section)
        for part in rest:
            value = value[int(part)] if isinstance(value, list) else value[part]
        return value

    def topic(self, name: str) -> Mapping[str, Any]:
        """The file of a topic with the country's own words laid over it."""
        if name not in self._topics:
            own = self._country.get(name) or {}
            self._topics[name] = _merged(self._read(f"{self._base}.{name}"), own)
        return self._topics[name]

    def table(self, path: str, *, by_sound: bool = False) -> Table[Any]:
        """The mapping or list at ``path`` as a phrase table (a list's values are true)."""
        if path not in self._tables:
            data = self[path]
            entries = data.items() if isinstance(data, dict) else [(p, True) for p in data]
            self._tables[path] = Table(
                ((str(phrase), value) for phrase, value in entries), by_sound=by_sound
            )
        return self._tables[path]

    def patterns(self, path: str) -> Patterns:
        """The list at ``path`` as patterns over a whole line."""
        if path not in self._patterns:
            sources = self[path]
            listed = sources if isinstance(sources, list) else [sources]
            self._patterns[path] = Patterns(listed, self._macros(path.split(".")[0]))
        return self._patterns[path]

    def _macros(self, section: str) -> Mapping[str, str]:
        """Named groups that patterns may use as ``{name}``: of all, then of the topic.

        ``{service}`` and ``{insurer}`` stand for everything the clinic topic lists.
        """
        groups = {name: "|".join(listed) for name, listed in self["macros"].items()}
        if section == "intents":
            clinic = self.topic("clinic")
            services = [phrase for phrases in clinic["services"].values() for phrase in phrases]
            groups["service"] = "|".join(services)
            groups["insurer"] = "|".join(clinic["insurers"])
            own = self.topic(section)["macros"]
            groups |= {name: "|".join(listed) for name, listed in own.items()}
        return groups


def _merged(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``over`` laid on ``base``: mappings merge, lists are joined, the rest is replaced."""
    result = dict(base)
    for key, value in over.items():
        present = result.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            result[key] = _merged(present, value)
        elif isinstance(present, list) and isinstance(value, list):
            result[key] = [*present, *value]
        else:
            result[key] = value
    return result


@lru_cache(maxsize=16)
def load(language: str = "es-ES", folder: Path = FOLDER) -> Words:
    """The words of a language such as ``es-MX``; raises NotFound when there are none."""
    return Words(language, folder)
