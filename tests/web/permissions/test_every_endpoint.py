"""Nobody reads what is not theirs: every endpoint, by every role, from the other branch."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from sqlalchemy import select

from ivr.agents.model import SupervisorAction
from ivr.database import Base
from ivr.flow import events as e
from tests.web.conftest import MEXICO, PASSWORD, Console
from tests.web.permissions.conftest import SECRET_NAME, SECRET_NUMBER, Madrid

OPEN = {
    ("POST", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("GET", "/api/v1/demo-phone"),
    ("POST", "/api/v1/demo-phone"),
}
"""What needs no login: logging in, and the phone of the made-up clinic."""

SUPERVISORS = ("/api/v1/room", "/api/v1/reports")
SELF = {
    "/api/v1/session",
    "/api/v1/me/password",
    "/api/v1/me/presence",
    "/api/v1/phone",
    "/api/v1/demo-phone",
}
"""What only concerns the one who asks."""


@dataclass(frozen=True)
class Endpoint:
    """One operation of the OpenAPI document."""

    method: str
    path: str
    schema: dict[str, Any] | None = field(repr=False)
    schemas: dict[str, Any] = field(repr=False)

    def asked(self, browser: httpx.Client, madrid: Madrid) -> httpx.Response:
        """The answer to a well-formed request for Madrid's things."""
        body = None if self.schema is None else madrid.body(self.schema, self.schemas)
        return browser.request(
            self.method,
            madrid.address(self.path),
            params={"text": "irrepetible", "given": "Casilda", "family": "Irrepetible"},
            json=body,
        )


def endpoints(console: Console) -> Iterator[Endpoint]:
    with console.browser() as browser:
        document = browser.get("/api/v1/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            yield Endpoint(method.upper(), path, schema, document["components"]["schemas"])


def everything(console: Console) -> dict[str, list[Any]]:
    """All rows that belong to the clinic or its callers."""
    left_out = ("login", "known_device", "event", "procrastinate", "alembic")
    with console.database.transaction() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
            if not table.name.startswith(left_out)
        }


def test_without_a_login_only_the_login_and_the_demo_answer(
    console: Console, madrid: Madrid
) -> None:
    before = everything(console)
    with console.browser() as stranger:
        for endpoint in endpoints(console):
            answer = endpoint.asked(stranger, madrid)
            if (endpoint.method, endpoint.path) in OPEN:
                assert answer.status_code != 401, endpoint.path
            else:
                assert answer.status_code == 401, endpoint
            assert "Irrepetible" not in answer.text
    assert everything(console) == before


def test_an_agent_of_the_other_branch_finds_and_changes_nothing_of_this_one_anywhere(
    console: Console, madrid: Madrid
) -> None:
    walked = 0
    before = everything(console)
    with console.browser("diego") as diego:
        for endpoint in endpoints(console):
            if endpoint.path in SELF or endpoint.path.startswith("/api/v1/me/"):
                continue
            answer = endpoint.asked(diego, madrid)
            if "{" in endpoint.path:
                refused = 403 if endpoint.path.startswith(SUPERVISORS) else 404
                assert answer.status_code == refused, f"{endpoint}: {answer.text}"
            elif endpoint.method != "GET":
                assert answer.status_code in (403, 404), f"{endpoint}: {answer.text}"
            for secret in ("Irrepetible", SECRET_NUMBER, SECRET_NUMBER[3:]):
                assert secret not in answer.text, endpoint
            walked += 1
    assert walked >= 25
    assert everything(console) == before


def test_a_supervisor_of_the_other_branch_finds_and_changes_nothing_of_this_one_anywhere(
    console: Console, madrid: Madrid
) -> None:
    console.services.accounts.create(
        "teresa", PASSWORD, name="Teresa", role="supervisor", branch_id=MEXICO
    )
    waiting = console.call(SECRET_NUMBER, caller_name=SECRET_NAME)
    console.happens(
        waiting,
        e.LegStarted(channel="PJSIP/trunk-1", kind="caller"),
        e.PatientIdentified(patient_id=madrid.patient_id, how="phone_and_birth_date"),
        e.QueueJoined(queue="recepcion"),
    )
    lucia = next(x for x in console.services.accounts.users() if x.username == "lucia")
    marta = next(x for x in console.services.accounts.users() if x.username == "marta")
    with console.database.transaction() as session:
        session.add(
            SupervisorAction(
                at=console.clock.now(),
                user_id=marta.id,
                action="call.listen",
                agent=lucia.username,
                call_id=madrid.call_id,
                note=f"Atendía a {SECRET_NAME}",
            )
        )
    walked = 0
    before = everything(console)
    asked = replace(madrid, call_id=waiting)
    with console.browser("teresa") as teresa:
        for endpoint in endpoints(console):
            if endpoint.path in SELF or endpoint.path.startswith("/api/v1/me/"):
                continue
            for theirs in (madrid, asked) if "call_id" in endpoint.path else (madrid,):
                answer = endpoint.asked(teresa, theirs)
                if "{" in endpoint.path or endpoint.method != "GET":
                    assert answer.status_code in (403, 404), f"{endpoint}: {answer.text}"
                for secret in ("Irrepetible", SECRET_NUMBER, SECRET_NUMBER[3:]):
                    assert secret not in answer.text, endpoint
                walked += 1
    assert walked >= 25
    assert everything(console) == before


def test_an_agent_of_the_same_branch_reads_no_call_of_somebody_else_anywhere(
    console: Console, madrid: Madrid
) -> None:
    walked = 0
    before = everything(console)
    with console.browser("lucia") as lucia:
        for endpoint in endpoints(console):
            body = {} if endpoint.schema is None else madrid.body(endpoint.schema, endpoint.schemas)
            named = {"call_id", "recording_id"} & {*re.findall(r"{(\w+)}", endpoint.path), *body}
            listed = endpoint.path in ("/api/v1/calls", "/api/v1/calls/live")
            if not named and not listed:
                continue
            answer = endpoint.asked(lucia, madrid)
            if named:
                assert answer.status_code in (403, 404), f"{endpoint}: {answer.text}"
            for secret in ("Irrepetible", SECRET_NUMBER, madrid.call_id):
                assert secret not in answer.text, endpoint
            walked += 1
    assert walked >= 12
    assert everything(console) == before
