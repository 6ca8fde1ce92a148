"""Settings of one installation. Every one has a default that works on a single machine."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Read from the environment (prefix ``AURICULA_``) and from ``var/auricula.env``."""

    model_config = SettingsConfigDict(
        env_prefix="AURICULA_", env_file=PROJECT / "var" / "auricula.env", extra="ignore"
    )

    var: Path = PROJECT / "var"
    """Everything made at run time: database, secrets, rendered configuration, caches."""
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    """SQLAlchemy URL (``postgresql+psycopg://``); empty: the embedded server in ``var/``."""
    cache: Path = PROJECT / "var" / "cache"
    """Downloads and models, kept across resets; may be shared between checkouts."""
    callflows: Path = PROJECT / "callflows"
    recordings_url: str = ""
    """fsspec URL of the recording store; empty: the ``recordings/`` folder."""
    recordings: Path = PROJECT / "recordings"

    http_host: str = "127.0.0.1"
    http_port: int = 8000
    public_url: str = ""
    agi_host: str = "127.0.0.1"
    agi_port: int = 4573
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    speech_host: str = "127.0.0.1"
    speech_port: int = 9099
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    asterisk_http_host: str = "127.0.0.1"
    asterisk_http_port: int = 8088
    rtp_first: int = 10000
    rtp_last: int = 12000
    trunk_match: str = "127.0.0.2"
    """Address the SIP trunk calls from (see FACTS: a loopback trunk needs its own)."""
    trunk_contact: str = "127.0.0.2:5070"
    """Where outbound calls through the trunk are sent, ``host:port``."""

    smtp_host: str = ""
    """Mail server that confirmations are handed to; empty: the clinic writes no e-mail."""
    smtp_port: int = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """``none`` only for a server on this machine."""
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_sender: str = ""
    """``Clínica Ejemplo <citas@clinica.example>``"""

    demo_phone_anywhere: bool = False
    """Offer the page that phones the demo clinic to visitors from other machines too."""
    console: Path = PROJECT / "agents_ui" / "dist"
    """The browser console, built."""

    recognizer: Literal["auto", "whisper", "vosk"] = "auto"
    synthesizer: Literal["auto", "kokoro", "piper", "espeak"] = "auto"
    log_level: str = "INFO"


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
