"""A telephone call's recognizer, driven over the wire as Asterisk drives it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ivr.adapters.asterisk.aeap import SpeechServer
from ivr.adapters.speech.fullness import fullness
from ivr.adapters.speech.recognition import RecognitionPool
from ivr.adapters.speech.whisper import Whisper
from ivr.bench.speech_line import AsteriskEnd, Caller, connected
from ivr.ports import Audio, Expectation, Recognizer, Words


@asynccontextmanager
async def line(
    *engines: Recognizer, pool: RecognitionPool | None = None
) -> AsyncIterator[AsteriskEnd]:
    """A server on a free port and one call connected to it."""
    pool = pool or RecognitionPool(engines)
    server = await SpeechServer(pool, fullness, answer_within_s=60).start("127.0.0.1", 0)
    async with connected(server.sockets[0].getsockname()[1]) as asterisk:
        yield asterisk
    server.close()
    await server.wait_closed()
    pool.close()


class Failing:
    """A recognizer whose engine is broken."""

    name = "failing"

    def transcribe(self, audio: Audio, *, language: str, expect: Expectation) -> Words:
        raise RuntimeError("broken")


def test_the_prompt_stops_when_the_caller_speaks_and_the_words_follow(
    caller: Caller, whisper: Whisper
) -> None:
    async def play() -> None:
        async with line(whisper) as asterisk:
            await asterisk.turn(Expectation(kinds=("intent",)))
            await asterisk.send(caller.says("Quiero pedir cita con el dentista.", pause_s=1.2))
            first = await asterisk.outcome()
            assert [(each["text"], each["grammar"]) for each in first] == [("", "barge-in")]
            words = await asterisk.outcome()
            assert "cita con el dentista" in words[0]["text"]
            assert words[0]["score"] > 50
            assert [each["best"] for each in words] == list(range(len(words)))

    asyncio.run(play())


def test_the_words_come_when_the_line_falls_silent_and_frames_stop(
    caller: Caller, whisper: Whisper
) -> None:
    async def play() -> None:
        async with line(whisper) as asterisk:
            await asterisk.turn(Expectation())
            await asterisk.send(caller.says("Quiero hablar con una persona.", pause_s=0.04))
            assert (await asterisk.outcome())[0]["grammar"] == "barge-in"
            assert "una persona" in (await asterisk.outcome())[0]["text"]

    asyncio.run(play())


def test_two_turns_of_one_call_do_not_mix(caller: Caller, whisper: Whisper) -> None:
    async def play() -> None:
        async with line(whisper) as asterisk:
            for said, word in (
                ("Con la doctora Ruiz, por favor.", "Ruiz"),
                ("No, gracias.", "gra"),
            ):
                await asterisk.turn(Expectation())
                await asterisk.send(caller.says(said, pause_s=0.3))
                assert (await asterisk.outcome())[0]["grammar"] == "barge-in"
                assert word in (await asterisk.outcome())[0]["text"]

    asyncio.run(play())


def test_a_broken_engine_is_told_at_once_so_that_the_call_goes_on_by_keys(caller: Caller) -> None:
    async def play() -> None:
        async with line(Failing()) as asterisk:
            await asterisk.turn(Expectation())
            await asterisk.send(caller.says("No, gracias.", pause_s=0.1))
            assert (await asterisk.outcome())[0]["grammar"] == "barge-in"
            assert (await asterisk.outcome())[0]["grammar"] == "error"

    asyncio.run(play())


def test_a_broken_engine_hands_over_to_the_next(caller: Caller, whisper: Whisper) -> None:
    async def play() -> None:
        async with line(Failing(), whisper) as asterisk:
            await asterisk.turn(Expectation())
            await asterisk.send(caller.says("No, gracias.", pause_s=0.1))
            await asterisk.outcome()
            assert "gracias" in (await asterisk.outcome())[0]["text"].lower()

    asyncio.run(play())


def test_asterisk_is_answered_within_its_second_while_many_speak(
    caller: Caller, whisper: Whisper
) -> None:
    async def play() -> None:
        pool = RecognitionPool([whisper])
        async with line(pool=pool) as asterisk:
            speech = caller.says("La primera que tengan, me da igual el día.", pause_s=0.1)
            await asterisk.turn(Expectation())
            jobs = [
                pool.submit(speech, language="es-ES", expect=Expectation(), patience_s=60)
                for _ in range(8)
            ]
            talking = asyncio.create_task(asterisk.send(speech))
            while not talking.done() or not all(job.done() for job in jobs):
                answer = await asterisk.ask("set", params={"anything": "x"})
                assert answer["response"] == "set"
                await asyncio.sleep(0.1)

    asyncio.run(play())


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        '{"request":"set"}',
        '{"id":"1"}',
        '{"request":7,"id":"1"}',
        "\x00",
        "[" * 5000,
    ],
)
def test_nonsense_on_the_wire_leaves_the_call_listening(message: str) -> None:
    async def play() -> None:
        async with line(Failing()) as asterisk:
            await asterisk.socket.send(message)
            assert (await asterisk.ask("get", params=["results"]))["params"] == {"results": []}
            assert "error_msg" in await asterisk.ask("set", params={"turn": "%%%"})
            assert "error_msg" in await asterisk.ask("dance")

    asyncio.run(play())


def test_health_tells_which_engine_listens() -> None:
    async def play() -> dict[str, Any]:
        pool = RecognitionPool([Failing()])
        server = await SpeechServer(pool, fullness).start("127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /health HTTP/1.1\r\nHost: here\r\n\r\n")
        answer = await reader.read()
        writer.close()
        server.close()
        await server.wait_closed()
        pool.close()
        assert answer.startswith(b"HTTP/1.1 200")
        return dict(json.loads(answer.split(b"\r\n\r\n", 1)[1]))

    assert asyncio.run(play())["engines"] == ["failing"]
