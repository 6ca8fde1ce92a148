"""``auricula say``: speak a text into a file."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def say(
        text: Annotated[str, typer.Argument(help="What to say.")],
        out: Annotated[Path, typer.Option(help="The WAV file to write (8 kHz mono).")],
        engine: Annotated[str, typer.Option(help="kokoro, piper or espeak; empty: the best.")] = "",
        language: Annotated[str, typer.Option(help="es-ES or es-MX.")] = "es-ES",
        voice: Annotated[str, typer.Option(help="A voice of the engine; empty: its best.")] = "",
    ) -> None:
        """Speak TEXT as callers would hear it."""
        from ivr.adapters.speech.audio import for_telephone, write_wav
        from ivr.adapters.speech.engines import synthesizer
        from ivr.adapters.speech.spoken import spoken
        from ivr.errors import InvalidInput, Unavailable

        chain = synthesizer()
        if engine:
            named = {each.name: each for each in chain.engines}
            if engine not in named:
                raise InvalidInput(f"there is no engine {engine}: choose among {', '.join(named)}")
            if not named[engine].voices(language):
                raise Unavailable(
                    f"{engine} has no voice for {language} here: `auricula models` fetches "
                    f"Kokoro's; Piper's voices go into the cache's models/piper folder"
                )
            audio = named[engine].speak(spoken(text, language), language=language, voice=voice)
        else:
            audio = chain.speak(spoken(text, language), language=language, voice=voice)
        write_wav(out, for_telephone(audio))
        print(out)
