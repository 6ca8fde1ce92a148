"""``auricula transcribe``: what a recording says."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def transcribe(
        files: Annotated[list[Path], typer.Argument(help="Sound files.")],
        engine: Annotated[str, typer.Option(help="whisper or vosk; empty: the best.")] = "",
        language: Annotated[str, typer.Option(help="es-ES, es-MX, …")] = "es-ES",
    ) -> None:
        """Print one JSON line a file: file, text, confidence, audio_s, compute_s, engine."""
        import json
        import time

        from ivr.adapters.speech.audio import read_wav
        from ivr.adapters.speech.engines import recognizers
        from ivr.ports import Expectation

        listener = recognizers(engine=engine, language=language.split("-")[0])[0]
        listener.load()
        for file in files:
            audio = read_wav(file)
            started = time.perf_counter()
            words = listener.transcribe(audio, language=language, expect=Expectation())
            line = {
                "file": str(file),
                "text": words.text,
                "confidence": words.confidence,
                "audio_s": round(len(audio.samples) / audio.rate, 3),
                "compute_s": round(time.perf_counter() - started, 3),
                "engine": listener.name,
            }
            print(json.dumps(line, ensure_ascii=False), flush=True)
