"""What is asked for is locked: a fresh machine installs all that the product imports."""

import re
import tomllib

import pytest

from ivr.config import PROJECT


def asked(extra: str = "") -> set[str]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines)
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name}


@pytest.mark.parametrize(
    ("file", "extra"), [("requirements.txt", ""), ("requirements-dev.txt", "dev")]
)
def test_every_dependency_is_pinned_with_its_hashes(file: str, extra: str) -> None:
    locked = re.findall(
        r"^([a-z0-9._-]+)(?:\[[^]]*\])?==\S+.*\\\n +--hash=sha256:",
        (PROJECT / file).read_text(),
        re.M,
    )
    assert (asked() | (asked(extra) if extra else set())) <= set(locked)
