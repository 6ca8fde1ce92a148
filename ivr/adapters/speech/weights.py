"""A CTranslate2 model file: read, changed, written.

The format is that of CTranslate2's ``model_spec.py`` (binary version 6), little-endian:
version, name of the specification, its revision; the number of variables and for each its
name, shape, type, size in bytes and data; then the number of aliases, each two names.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ivr.errors import InvalidInput

VERSION = 6
_TYPES = ("float32", "int8", "int16", "int32", "float16")
"""By the number that stands for each in the file; bfloat16 (5) is not read."""


@dataclass
class ModelFile:
    """What a ``model.bin`` holds: the specification's name and revision, variables by name
    in their order, and other names for some of them."""

    specification: str
    revision: int
    variables: dict[str, NDArray[Any]]
    aliases: dict[str, str]


def read_model(path: Path) -> ModelFile:
    """Raises :class:`InvalidInput` for a file of another version or type of number."""
    data = _Reader(path.read_bytes())
    if (version := data.number("I")) != VERSION:
        raise InvalidInput(f"{path} is a CTranslate2 model of version {version}, not {VERSION}")
    specification, revision = data.text(), data.number("I")
    variables = dict(data.variable(path) for _ in range(data.number("I")))
    aliases = {data.text(): data.text() for _ in range(data.number("I"))}
    return ModelFile(specification, revision, variables, aliases)


def write_model(path: Path, model: ModelFile) -> None:
    """The same model as CTranslate2 reads it."""
    with path.open("wb") as file:
        for part in _written(model):
            file.write(part)


def _written(model: ModelFile) -> Iterator[bytes]:
    yield struct.pack("<I", VERSION) + _text(model.specification)
    yield struct.pack("<II", model.revision, len(model.variables))
    for name, value in model.variables.items():
        yield _text(name) + struct.pack("<B", value.ndim)
        yield struct.pack(f"<{value.ndim}I", *value.shape)
        yield struct.pack("<BI", _TYPES.index(value.dtype.name), value.nbytes)
        yield value.tobytes()
    yield struct.pack("<I", len(model.aliases))
    for alias, name in model.aliases.items():
        yield _text(alias) + _text(name)


def _text(value: str) -> bytes:
    encoded = value.encode() + b"\0"
    return struct.pack("<H", len(encoded)) + encoded


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def number(self, kind: str) -> int:
        return int(self._numbers(f"<{kind}")[0])

    def text(self) -> str:
        return self._bytes(self.number("H")).rstrip(b"\0").decode()

    def variable(self, path: Path) -> tuple[str, NDArray[Any]]:
        name = self.text()
        rank = self.number("B")
        shape = self._numbers(f"<{rank}I")
        kind, size = self._numbers("<BI")
        if kind >= len(_TYPES):
            raise InvalidInput(f"{name} in {path} has numbers of a type that is not known here")
        values = np.frombuffer(self._bytes(size), _TYPES[kind]).reshape(shape)
        return name, values

    def _numbers(self, layout: str) -> tuple[int, ...]:
        return struct.unpack(layout, self._bytes(struct.calcsize(layout)))

    def _bytes(self, count: int) -> bytes:
        start, self._place = self._place, self._place + count
        return self._data[start : self._place]
