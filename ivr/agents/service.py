"""Accounts of the console: passwords, sessions, throttling. No HTTP here."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ivr.agents import changes
from ivr.agents.languages import SPOKEN, first_language
from ivr.agents.model import KnownDevice, LoginAttempt, LoginSession, User
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import Conflict, Forbidden, InvalidInput, NotFound

SESSION = timedelta(hours=12)
"""A session lives through a shift, however busy."""
SEEN_WITHIN = timedelta(minutes=1)
"""How exactly it is kept when a session was last used."""
WINDOW = timedelta(minutes=15)
PER_PAIR, PER_ADDRESS, PER_USER = 5, 300, 50
"""Failures within the window that close the door: for a user from one address, for the
address, for the user from everywhere (OWASP ASVS 5.0, 6.3.1). A whole clinic may share one
address."""
PER_DEVICE = 10
"""Failures within the window of a device that has logged in as the user before: strangers'
do not stop it (OWASP, device cookies), after so many of its own it is a stranger."""
DEVICE = timedelta(days=180)
"""How long a device is known after its last login."""
DEVICES = 20
"""So many of a user are known, those that logged in last."""
SHORTEST_PASSWORD = 10


Role = Literal["agent", "supervisor"]
log = structlog.get_logger(__name__)


class WrongCredentials(Forbidden):
    """User name and password do not belong together."""

    code = "wrong_credentials"


class Throttled(Forbidden):
    """Too many failed logins; ``retry_after_s`` seconds until the next try is heard."""

    code = "throttled"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("Too many failed logins: wait before you try again.")
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class UserView:
    """Somebody who may log in. ``branch_id`` None: all branches."""

    id: int
    username: str
    name: str
    role: str
    branch_id: int | None
    extension: str
    language: str
    must_change_password: bool


@dataclass(frozen=True)
class NewSession:
    """``token`` goes into the cookie and is not kept here, ``device`` into that of the device."""

    token: str
    expires_at: datetime
    user: UserView
    device: str


@lru_cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@lru_cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex())


class Accounts:
    """Creates users, logs them in, knows their sessions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def create(
        self,
        username: str,
        password: str,
        *,
        name: str,
        role: Role,
        branch_id: int | None = None,
        must_change_password: bool = False,
    ) -> UserView:
        """A new account; its phone is ``agent-<username>``."""
        _check_password(password)
        username = username.strip().lower()
        if not username.isascii() or not username.replace("-", "").replace("_", "").isalnum():
            raise InvalidInput("A user name has letters a-z, digits, - and _ only.")
        with self._database.transaction() as session:
            if _by_name(session, username) is not None:
                raise Conflict("This user name is taken.")
            user = User(
                username=username,
                name=name,
                role=role,
                password_hash=_hasher().hash(password),
                branch_id=branch_id,
                language=first_language(session, branch_id),
                extension=f"agent-{username}",
                must_change_password=must_change_password,
            )
            session.add(user)
            session.flush()
            changes.announce(session)
            return _view(user)

    def disable(self, user_id: int) -> None:
        """Nobody logs in as this user any more; open sessions and the phone end. What they
        did stays theirs."""
        with self._database.transaction() as session:
            user = session.get(User, user_id)
            if user is None:
                raise NotFound("There is no such user.")
            user.active = False
            session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))
            changes.announce(session)

    def users(self) -> list[UserView]:
        """Active accounts."""
        with self._database.transaction() as session:
            rows = session.scalars(select(User).where(User.active).order_by(User.username))
            return [_view(row) for row in rows]

    def phones(self) -> list[str]:
        """User names of the accounts, each of which has a phone ``agent-<username>``."""
        return [user.username for user in self.users()]

    def login(self, username: str, password: str, address: str, device: str = "") -> NewSession:
        """Start a session; raises :class:`WrongCredentials` or :class:`Throttled`. ``device``:
        the token of an earlier login's :class:`NewSession`.

        An unknown user costs as much time as a wrong password.
        """
        username = username.strip().lower()[:64]
        known = self._known_device(username, device)
        if not known:
            self._throttle(username, address)
        with self._database.transaction() as session:
            user = _by_name(session, username)
            stored = user.password_hash if user is not None else _nobody()
        if not _matches(stored, password) or user is None or not user.active:
            self._note_failure(username, address, known)
            raise WrongCredentials("User name or password is wrong.")
        now = self._clock.now()
        token, device = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        with self._database.transaction() as session:
            row = session.get_one(User, user.id)
            if _hasher().check_needs_rehash(row.password_hash):
                row.password_hash = _hasher().hash(password)
            session.execute(
                delete(LoginAttempt).where(
                    LoginAttempt.username == username,
                    LoginAttempt.device == known if known else LoginAttempt.address == address,
                )
            )
            newest = (
                select(KnownDevice.token_sha256)
                .where(KnownDevice.user_id == row.id, KnownDevice.token_sha256 != known)
                .order_by(KnownDevice.expires_at.desc())
                .limit(DEVICES - 1)
            )
            session.execute(
                delete(KnownDevice).where(
                    KnownDevice.user_id == row.id, KnownDevice.token_sha256.not_in(newest)
                )
            )
            session.add(
                KnownDevice(token_sha256=_digest(device), user_id=row.id, expires_at=now + DEVICE)
            )
            session.add(
                LoginSession(
                    token_sha256=_digest(token),
                    user_id=row.id,
                    created_at=now,
                    expires_at=now + SESSION,
                    seen_at=now,
                )
            )
            log.info("logged in", user_id=row.id)
            return NewSession(token, now + SESSION, _view(row), device)

    def session(self, token: str) -> UserView | None:
        """Whose session a cookie's token is; ``None`` when it is over."""
        now = self._clock.now()
        with self._database.transaction() as session:
            found = session.get(LoginSession, _digest(token))
            if found is None or found.expires_at <= now:
                return None
            user = session.get(User, found.user_id)
            if user is None or not user.active:
                return None
            if now - found.seen_at > SEEN_WITHIN:
                found.seen_at = now
            return _view(user)

    def lasting(self, tokens: Collection[str]) -> set[str]:
        """Those among ``tokens`` whose sessions are not over. When they were last used is kept
        where nobody else has the session in hand."""
        now = self._clock.now()
        by_digest = {_digest(token): token for token in tokens}
        with self._database.transaction() as session:
            found = session.execute(
                select(LoginSession.token_sha256, LoginSession.seen_at)
                .join(User, User.id == LoginSession.user_id)
                .where(
                    LoginSession.token_sha256.in_(by_digest),
                    LoginSession.expires_at > now,
                    User.active,
                )
            ).all()
            unseen = [digest for digest, seen in found if now - seen > SEEN_WITHIN]
            if unseen:
                free = (
                    select(LoginSession.token_sha256)
                    .where(LoginSession.token_sha256.in_(unseen))
                    .with_for_update(skip_locked=True)
                )
                session.execute(
                    update(LoginSession)
                    .where(LoginSession.token_sha256.in_(free.scalar_subquery()))
                    .values(seen_at=now)
                )
        return {by_digest[digest] for digest, _ in found}

    def expiry(self, token: str) -> datetime | None:
        """When a session ends."""
        with self._database.transaction() as session:
            found = session.get(LoginSession, _digest(token))
            return found.expires_at if found is not None else None

    def logout(self, token: str) -> None:
        """End a session."""
        with self._database.transaction() as session:
            session.execute(delete(LoginSession).where(LoginSession.token_sha256 == _digest(token)))

    def logged_in(self, user_id: int) -> bool:
        """Whether any session of the user lasts."""
        with self._database.transaction() as session:
            lasting = select(LoginSession.user_id).where(
                LoginSession.user_id == user_id, LoginSession.expires_at > self._clock.now()
            )
            return session.scalar(lasting.limit(1)) is not None

    def change_password(self, user_id: int, old: str, new: str) -> None:
        """Set a new password; every other session of the user ends."""
        _check_password(new)
        with self._database.transaction() as session:
            user = session.get(User, user_id)
            if user is None:
                raise NotFound("There is no such user.")
            if not _matches(user.password_hash, old):
                raise WrongCredentials("The old password is wrong.")
            user.password_hash = _hasher().hash(new)
            user.must_change_password = False
            session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))

    def set_language(self, user_id: int, language: str) -> str:
        """The console's language for a user, one of :data:`SPOKEN`; gives its full tag."""
        with self._database.transaction() as session:
            user = session.get(User, user_id)
            if user is None:
                raise NotFound("There is no such user.")
            user.language = SPOKEN[language]
            return user.language

    def forget_expired(self) -> None:
        """Remove ended sessions and failures older than the window."""
        now = self._clock.now()
        with self._database.transaction() as session:
            session.execute(delete(LoginSession).where(LoginSession.expires_at <= now))
            session.execute(delete(LoginAttempt).where(LoginAttempt.at <= now - WINDOW))
            session.execute(delete(KnownDevice).where(KnownDevice.expires_at <= now))

    def _known_device(self, username: str, token: str) -> str:
        """The digest of a token that is worth something for this user, or empty."""
        digest = _digest(token)
        known = (
            select(KnownDevice.token_sha256)
            .join(User, User.id == KnownDevice.user_id)
            .where(
                KnownDevice.token_sha256 == digest,
                KnownDevice.expires_at > self._clock.now(),
                User.username == username,
            )
        )
        with self._database.transaction() as session:
            return session.scalar(known) or ""

    def _throttle(self, username: str, address: str) -> None:
        since = self._clock.now() - WINDOW
        stranger = LoginAttempt.device == ""
        of_user = stranger & (LoginAttempt.username == username)
        of_address = stranger & (LoginAttempt.address == address)
        with self._database.transaction() as session:
            for limit, condition in (
                (PER_PAIR, of_user & of_address),
                (PER_ADDRESS, of_address),
                (PER_USER, of_user),
            ):
                count, oldest = session.execute(
                    select(func.count(), func.min(LoginAttempt.at)).where(
                        condition, LoginAttempt.at > since
                    )
                ).one()
                if count >= limit:
                    log.warning(
                        "login throttled",
                        user=_known(session, username),
                        address=address,
                        failures=count,
                        limit=limit,
                    )
                    raise Throttled(max(1, int((oldest - since).total_seconds())))

    def _note_failure(self, username: str, address: str, device: str) -> None:
        now = self._clock.now()
        with self._database.transaction() as session:
            session.add(
                LoginAttempt(username=username, address=address[:64], at=now, device=device)
            )
            user = _known(session, username)
            if device:
                own = LoginAttempt.device == device
                recent = select(func.count()).where(own, LoginAttempt.at > now - WINDOW)
                if (session.scalar(recent) or 0) >= PER_DEVICE:
                    session.execute(delete(KnownDevice).where(KnownDevice.token_sha256 == device))
                    session.execute(update(LoginAttempt).where(own).values(device=""))
                    log.warning("device is a stranger again", user=user, address=address)
        log.warning("login failed", user=user, address=address)


def _by_name(session: Session, username: str) -> User | None:
    return session.scalar(select(User).where(User.username == username))


def _known(session: Session, username: str) -> str:
    """For the log: what is no user's name may be a password typed into the wrong field."""
    user = _by_name(session, username)
    return user.username if user else ""


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _check_password(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(f"A password has at least {SHORTEST_PASSWORD} characters.")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _view(row: User) -> UserView:
    return UserView(
        id=row.id,
        username=row.username,
        name=row.name,
        role=row.role,
        branch_id=row.branch_id,
        extension=row.extension,
        language=row.language,
        must_change_password=row.must_change_password,
    )
