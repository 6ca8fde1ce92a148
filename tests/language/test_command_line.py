"""``auricula understand`` reads lines of words and prints one JSON line for each."""

import json
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def said(words: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "ivr", "understand", *arguments],
        input=words.encode("utf-8", "surrogateescape"),
        capture_output=True,
        cwd=PROJECT,
        timeout=120,
        check=False,
    )


def test_each_line_gets_its_json_line() -> None:
    done = said("el jueves que viene\n\nla lluvia\n", "date", "--now", "2026-11-21T10:00")
    assert [json.loads(line) for line in done.stdout.decode().splitlines()] == [
        {
            "text": "el jueves que viene",
            "value": {"from": "2026-11-26", "to": "2026-11-26"},
            "confidence": 0.95,
        },
        {"text": "", "value": None, "confidence": 0.0},
        {"text": "la lluvia", "value": None, "confidence": 0.0},
    ]


def test_the_country_settles_a_phones_prefix() -> None:
    done = said("55 1234 5678\n", "phone", "--country", "mx")
    assert json.loads(done.stdout)["value"] == "+525512345678"


def test_bytes_that_are_no_text_do_no_harm() -> None:
    done = said("\udcff\udcfe sí\n", "yesno")
    assert done.returncode == 0
    assert json.loads(done.stdout)["value"] is True


def test_a_kind_that_does_not_exist_is_explained() -> None:
    done = said("hola\n", "colour")
    assert done.returncode == 1
    assert b"known are: intent" in done.stderr
