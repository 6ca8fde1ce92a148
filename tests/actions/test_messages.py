"""A caller leaves a message: it is kept, encrypted, whatever fails meanwhile."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from ivr.actions.connect import connect
from ivr.actions.services import Services
from ivr.actions.simulation import play
from ivr.config import Settings
from ivr.errors import Unavailable
from ivr.flow.simulate import TextPhone
from ivr.ports import Message
from ivr.recordings.vault import Vault
from ivr.tickets.service import Tickets
from tests.actions.conftest import LUCIA
from tests.simulator import Caller
from tests.tickets.test_messages import spoken

LEAVES_ONE = ("no", "quiero poner una reclamación")


class Tape(TextPhone):
    """Records messages of ``seconds`` into ``folder``, as the switch does."""

    def __init__(self, turns: Iterable[str], folder: Path, call_id: str, seconds: float) -> None:
        super().__init__(iter(turns))
        self._file = folder / f"1800000000_{call_id}_1800000000.1.wav"
        self._seconds = seconds

    def record_message(self, *, max_s: float = 120, silence_s: float = 4) -> Message:
        return Message(spoken(self._file, self._seconds), self._seconds)


class Clinic:
    """The scenario clinic with a store of its own."""

    def __init__(self, caller: Caller, folder: Path) -> None:
        self.services: Services = connect(
            caller.database,
            caller.clock,
            Settings(var=folder / "var", recordings=folder / "recordings"),
        )
        self.left = folder / "left"
        self._library = caller.library
        self._store = folder / "recordings"

    def call(self, *turns: str, seconds: float = 4) -> None:
        call_id = "0f0e7f3c-5f4e-4f2c-9f57-4a1a4f3f1f0e"
        phone = Tape(turns, self.left, call_id, seconds)
        play(
            self.services, self._library, iter(()), number=LUCIA, call_id=call_id, phone=phone
        )  # fmt: skip

    def collect(self) -> list[int]:
        return self.services.messages.collect(self.left)

    def plain(self) -> list[str]:
        return [path.name for path in self.left.glob("*")]

    def sealed(self) -> int:
        return len(list(self._store.rglob("*.age")))

    def tasks(self) -> list[str]:
        return [one.audio_path for one in self.services.tickets.open_ones()]


@pytest.fixture
def clinic(caller: Caller, tmp_path: Path) -> Clinic:
    return Clinic(caller, tmp_path)


def test_a_message_is_a_task_with_its_sound_encrypted(clinic: Clinic) -> None:
    clinic.call(*LEAVES_ONE)
    assert (len(clinic.tasks()), clinic.plain(), clinic.sealed()) == (1, [], 1)
    assert clinic.collect() == []


def test_of_a_message_that_holds_nothing_nothing_stays(clinic: Clinic) -> None:
    clinic.call(*LEAVES_ONE, seconds=0.4)
    assert (clinic.plain(), clinic.sealed()) == ([], 0)
    assert clinic.tasks() == [""], "what was said before it is kept"


def test_a_message_whose_task_cannot_be_written_is_made_one_after_the_call(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise Unavailable("the database is away")

    with monkeypatch.context() as broken:
        broken.setattr(Tickets, "open", fails)
        clinic.call(*LEAVES_ONE)
    assert clinic.tasks() == [] and len(clinic.plain()) == 1
    assert len(clinic.collect()) == 1
    assert (len(clinic.tasks()), clinic.plain(), clinic.sealed()) == (1, [], 1)


def test_a_store_that_is_away_costs_neither_the_message_nor_the_call(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(Vault, "put", fails)
        clinic.call(*LEAVES_ONE)
    assert (len(clinic.tasks()), len(clinic.plain()), clinic.sealed()) == (1, 1, 0)
    assert clinic.collect() == []
    assert (len(clinic.tasks()), clinic.plain(), clinic.sealed()) == (1, [], 1)
