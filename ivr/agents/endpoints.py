"""REST of sessions and accounts: log in, log out, who am I, my password."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from ivr.agents.access import LoggedIn
from ivr.agents.service import Accounts, NewSession, Throttled, WrongCredentials
from ivr.agents.sessions import Sessions
from ivr.agents.viewer import Role
from ivr.errors import InvalidInput


class Credentials(BaseModel):
    """A user name and its password."""

    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=200)


class PasswordChange(BaseModel):
    """The present password and the one to replace it."""

    current: str = Field(min_length=1, max_length=200)
    fresh: str = Field(min_length=1, max_length=200)


class Spoken(BaseModel):
    """A language of the console."""

    language: Literal["es", "es-MX", "en"]


class Me(BaseModel):
    """The logged-in user."""

    id: int
    username: str
    name: str
    role: Role
    branch_id: int | None
    language: str
    extension: str
    must_change_password: bool
    session_ends: datetime | None


def router(
    accounts: Accounts,
    sessions: Sessions,
    count: Callable[[str], None] = lambda result: None,
    left: Callable[[str], None] = lambda username: None,
) -> APIRouter:
    """The endpoints; ``count`` is told the result of each login, ``left`` who
    logged out of their last session."""
    api = APIRouter(tags=["session"])

    def log_in(request: Request, response: Response, username: str, password: str) -> NewSession:
        address = request.client.host if request.client else ""
        try:
            device = sessions.device(request, username)
            new = accounts.login(username, password, address, device)
        except WrongCredentials:
            count("wrong")
            raise
        except Throttled:
            count("throttled")
            raise
        count("accepted")
        sessions.write(request, response, new)
        return new

    def described(new: NewSession) -> Me:
        return Me.model_validate(
            {**vars(new.user), "session_ends": new.expires_at}, from_attributes=True
        )

    @api.post("/session", summary="Log in")
    def login(credentials: Credentials, request: Request, response: Response) -> Me:
        new = log_in(request, response, credentials.username, credentials.password)
        return described(new)

    @api.delete("/session", status_code=204, summary="Log out")
    def logout(request: Request, response: Response) -> None:
        if token := sessions.token(request):
            user = accounts.session(token)
            accounts.logout(token)
            if user is not None and not accounts.logged_in(user.id):
                left(user.username)
        sessions.clear(request, response)

    @api.get("/me", summary="The logged-in user")
    def me(request: Request, viewer: LoggedIn) -> Me:
        ends = accounts.expiry(sessions.token(request))
        return Me.model_validate({**vars(viewer), "session_ends": ends})

    @api.put("/me/language", summary="The language of the console for this user")
    def set_language(wanted: Spoken, request: Request, viewer: LoggedIn) -> Me:
        language = accounts.set_language(viewer.id, wanted.language)
        ends = accounts.expiry(sessions.token(request))
        return Me.model_validate({**vars(viewer), "language": language, "session_ends": ends})

    @api.post("/me/password", summary="Choose a new password; other sessions end")
    def change_password(
        change: PasswordChange, request: Request, response: Response, viewer: LoggedIn
    ) -> Me:
        if change.fresh == change.current:
            raise InvalidInput("The new password is the old one: choose another.")
        accounts.change_password(viewer.id, change.current, change.fresh)
        return described(log_in(request, response, viewer.username, change.fresh))

    return api
