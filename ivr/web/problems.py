"""Errors of the API as ``application/problem+json`` (RFC 9457).

``detail`` says in plain words how to mend the cause; ``code`` is what programs look at.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from ivr.agents.access import NotLoggedIn
from ivr.agents.service import Throttled
from ivr.errors import (
    AuriculaError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Unavailable,
)

log = structlog.get_logger()

STATUS: dict[type[AuriculaError], int] = {
    InvalidInput: 422,
    NotLoggedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Throttled: 429,
    Unavailable: 503,
}


class FieldProblem(BaseModel):
    """One value that was not accepted."""

    where: str
    message: str


class Problem(BaseModel):
    """What went wrong and how to mend it."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    fields: list[FieldProblem] = Field(default_factory=list)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    fields: Sequence[FieldProblem] = (),
) -> JSONResponse:
    """A problem as a response."""
    body = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        fields=list(fields),
    )
    return JSONResponse(
        body.model_dump(),
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )


def _status_of(error: AuriculaError) -> int:
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 500


def _expected(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AuriculaError)
    headers = {}
    if isinstance(error, Throttled):
        headers["Retry-After"] = str(error.retry_after_s)
    return problem(_status_of(error), error.code, str(error), headers=headers)


def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    detail = str(error.detail)
    if status == HTTPStatus.NOT_FOUND:
        detail = "There is nothing at this address. The API is described at /api/v1/openapi.json."
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = "This address does not take this method. See /api/v1/openapi.json."
    headers = dict(error.headers or {})
    return problem(status, status.name.lower(), detail, headers=headers)


def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = [
        FieldProblem(where=".".join(str(part) for part in item["loc"]), message=item["msg"])
        for item in error.errors()
    ]
    named = ", ".join(field.where for field in fields)
    return problem(
        422, "invalid_input", f"Correct these values and send again: {named}.", fields=fields
    )


def _database_down(_: Request, error: Exception) -> JSONResponse:
    log.error("database unavailable", error=type(error).__name__)
    return problem(
        503,
        "database_unavailable",
        "The database does not answer. Check that PostgreSQL is running, then try again.",
        headers={"Retry-After": "5"},
    )


def unexpected(path: str, error: Exception) -> JSONResponse:
    """The answer to a failure nobody foresaw; what it was goes to the log."""
    log.error("request failed", path=path, error=type(error).__name__, exc_info=error)
    return problem(
        500,
        "internal",
        "This is our mistake, not yours. Try again; if it goes on, look in the server's log.",
    )


def install(app: FastAPI) -> None:
    """Answer every failure of ``app`` with a problem."""
    app.add_exception_handler(AuriculaError, _expected)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for error in (OperationalError, psycopg.OperationalError):
        app.add_exception_handler(error, _database_down)


REFERENCE = {"$ref": "#/components/schemas/Problem"}
RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "What is wrong and how to mend it",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
}
"""Documented on every router."""
