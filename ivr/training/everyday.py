"""What callers say in their own words, and Spanish that has nothing to do with clinics."""

import re
from functools import lru_cache
from pathlib import Path

import yaml

from ivr.config import settings
from ivr.training.dictated import as_a_sentence

_FILES = ("es.heard.yaml", "es.heard-alarms.yaml")
_LONGEST, _SHORTEST = 150, 12
_ALIEN = re.compile(r"[\d<>{}\[\]()|/_*@#=+\"«»“”:;]|--|\.\.")


@lru_cache(maxsize=1)
def heard() -> tuple[str, ...]:
    """What callers said in trials, as sentences."""
    found: list[str] = []
    for name in _FILES:
        data = yaml.safe_load((Path(settings().callflows) / "words" / name).read_text())
        for lines in data.values():
            for line in lines:
                found += [as_a_sentence(one) for one in line.split(" / ") if _is_plain(one)]
    return tuple(found)


def prose(folder: Path) -> tuple[str, ...]:
    """Of all text files in ``folder`` (Debian's ``fortunes-es``, say), the sentences that
    somebody could say in one breath."""
    found: list[str] = []
    for path in sorted(folder.glob("*.fortunes")):
        for piece in path.read_text(errors="replace").split("\n%\n"):
            spoken = " ".join(re.split(r"\n\s*--", piece)[0].split())
            found += [
                as_a_sentence(one) for one in re.split(r"(?<=[.?!]) ", spoken) if _is_plain(one)
            ]
    return tuple(found)


def _is_plain(text: str) -> bool:
    return _SHORTEST <= len(text) <= _LONGEST and not _ALIEN.search(text)
