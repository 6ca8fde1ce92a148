"""``auricula speech``: the recognizer Asterisk connects to."""

import typer

WARM_S = 120.0
"""Long enough to learn all words on any machine."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def speech() -> None:
        """Listen to callers: Asterisk's AEAP server, until stopped."""
        import asyncio
        import os
        import signal

        from ivr.adapters.asterisk.aeap import SpeechServer
        from ivr.adapters.speech.engines import recognizers
        from ivr.adapters.speech.fullness import WarmingJudge
        from ivr.adapters.speech.recognition import RecognitionPool
        from ivr.config import settings
        from ivr.interpreter import keep_what_is_loaded

        workers = min(4, len(os.sched_getaffinity(0)))
        engines = recognizers(workers=workers)
        for engine in engines:
            engine.load()
        pool = RecognitionPool(engines, workers=workers)

        async def run() -> None:
            stop = asyncio.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            judge = WarmingJudge()
            server = await SpeechServer(pool, judge).start(
                settings().speech_host, settings().speech_port
            )
            warm = asyncio.create_task(asyncio.to_thread(judge.wait_until_warm, WARM_S))
            warm.add_done_callback(lambda _: keep_what_is_loaded())
            names = ", ".join(engine.name for engine in engines)
            print(f"listening with {names} on port {settings().speech_port}", flush=True)
            await stop.wait()
            server.close()
            await server.wait_closed()

        asyncio.run(run())
        pool.close()
