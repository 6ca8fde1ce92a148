"""Logging in to the console."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from ivr.agents import changes
from ivr.agents.model import LoginAttempt, LoginSession
from ivr.agents.service import (
    DEVICE,
    DEVICES,
    PER_DEVICE,
    Accounts,
    Throttled,
    WrongCredentials,
)
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.errors import Conflict, InvalidInput

PASSWORD = "una-frase-larga"


@pytest.fixture
def accounts(database: Database, clock: FixedClock) -> Accounts:
    accounts = Accounts(database, clock)
    accounts.create("Eva", PASSWORD, name="Eva", role="agent")
    return accounts


def test_an_agent_logs_in_works_and_logs_out(accounts: Accounts, clock: FixedClock) -> None:
    session = accounts.login("EVA ", PASSWORD, "10.0.0.1")
    user = accounts.session(session.token)
    assert user is not None and user.extension == "agent-eva"
    accounts.logout(session.token)
    assert accounts.session(session.token) is None
    assert accounts.session("forged") is None


def test_somebody_who_left_can_neither_log_in_nor_go_on(accounts: Accounts) -> None:
    session = accounts.login("eva", PASSWORD, "10.0.0.1")
    accounts.disable(session.user.id)
    assert accounts.session(session.token) is None
    with pytest.raises(WrongCredentials):
        accounts.login("eva", PASSWORD, "10.0.0.1")
    assert accounts.phones() == []


def test_whoever_follows_the_accounts_learns_of_each_change(
    accounts: Accounts, database: Database
) -> None:
    stop = threading.Event()
    seen = changes.follow(database.url, stop)
    next(seen)
    new = accounts.create("noa", PASSWORD, name="Noa", role="agent")
    next(seen)
    accounts.disable(new.id)
    next(seen)
    stop.set()
    assert list(seen) == []


def test_a_session_ends_after_a_shift(accounts: Accounts, clock: FixedClock) -> None:
    session = accounts.login("eva", PASSWORD, "10.0.0.1")
    clock.moment += timedelta(hours=11)
    assert accounts.session(session.token) is not None
    clock.moment += timedelta(hours=2)
    assert accounts.session(session.token) is None
    accounts.forget_expired()
    assert accounts.expiry(session.token) is None


def test_which_of_many_sessions_last_is_asked_at_once(
    accounts: Accounts, clock: FixedClock, database: Database
) -> None:
    noa = accounts.create("noa", PASSWORD, name="Noa", role="agent")
    early = accounts.login("eva", PASSWORD, "10.0.0.1").token
    clock.moment += timedelta(hours=11)
    late, out, hers = (
        accounts.login(who, PASSWORD, "10.0.0.1").token for who in ("eva", "eva", "noa")
    )
    accounts.logout(out)
    everybody = {early, late, out, hers, "forged"}
    assert accounts.lasting(everybody) == {early, late, hers}
    clock.moment += timedelta(hours=2)
    assert accounts.lasting(everybody) == {late, hers}
    with database.transaction() as session:
        seen = session.scalars(
            select(LoginSession.seen_at).where(LoginSession.expires_at > clock.now())
        )
        assert set(seen) == {clock.now()}
    accounts.disable(noa.id)
    assert accounts.lasting(everybody) == {late}
    assert accounts.lasting(set()) == set()


@pytest.mark.parametrize("username", ["eva", "nobody"])
def test_wrong_logins_are_slowed_down_whether_the_user_exists_or_not(
    accounts: Accounts, clock: FixedClock, username: str
) -> None:
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            accounts.login(username, "wrong", "10.0.0.1")
    with pytest.raises(Throttled) as refused:
        accounts.login(username, PASSWORD, "10.0.0.1")
    assert 0 < refused.value.retry_after_s <= 15 * 60
    clock.moment += timedelta(minutes=16)
    with pytest.raises(WrongCredentials):
        accounts.login(username, "wrong", "10.0.0.1")


def test_somebody_elses_failures_do_not_lock_an_agent_out(accounts: Accounts) -> None:
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            accounts.login("eva", "wrong", "203.0.113.5")
    assert accounts.login("eva", PASSWORD, "10.0.0.1").user.username == "eva"


def test_one_address_cannot_try_many_users(
    accounts: Accounts, database: Database, clock: FixedClock
) -> None:
    with database.transaction() as session:
        session.add_all(
            LoginAttempt(username=f"user{number}", address="203.0.113.5", at=clock.now())
            for number in range(299)
        )
    with capture_logs() as told, pytest.raises(WrongCredentials):
        accounts.login("another", "wrong", "203.0.113.5")
    with capture_logs() as more, pytest.raises(Throttled):
        accounts.login("eva", PASSWORD, "203.0.113.5")
    assert [one["user"] for one in (*told, *more)] == ["", "eva"]
    assert accounts.login("eva", PASSWORD, "10.0.0.1")


def test_a_new_password_ends_every_session(accounts: Accounts) -> None:
    session = accounts.login("eva", PASSWORD, "10.0.0.1")
    with pytest.raises(WrongCredentials):
        accounts.change_password(session.user.id, "wrong", "otra-frase-larga")
    with pytest.raises(InvalidInput):
        accounts.change_password(session.user.id, PASSWORD, "short")
    accounts.change_password(session.user.id, PASSWORD, "otra-frase-larga")
    assert accounts.session(session.token) is None
    assert accounts.login("eva", "otra-frase-larga", "10.0.0.1")


def test_user_names_are_unique_and_plain(accounts: Accounts) -> None:
    with pytest.raises(Conflict):
        accounts.create("eva", PASSWORD, name="Otra", role="agent")
    for bad in ("", "a b", "ñandú", "x,y", "${x}"):
        with pytest.raises(InvalidInput):
            accounts.create(bad, PASSWORD, name="X", role="agent")


def locked_out_by_strangers(database: Database, clock: FixedClock) -> None:
    with database.transaction() as session:
        session.add_all(
            LoginAttempt(username="eva", address=f"203.0.113.{number}", at=clock.now())
            for number in range(60)
        )


def test_strangers_lock_a_name_out_but_not_the_devices_it_is_known_on(
    accounts: Accounts, database: Database, clock: FixedClock
) -> None:
    device = accounts.login("eva", PASSWORD, "10.0.0.1").device
    locked_out_by_strangers(database, clock)
    with pytest.raises(Throttled):
        accounts.login("eva", PASSWORD, "10.0.0.1")
    with pytest.raises(WrongCredentials):
        accounts.login("eva", "wrong", "10.0.0.1", device)
    renewed = accounts.login("eva", PASSWORD, "10.0.0.1", device).device
    with pytest.raises(Throttled):
        accounts.login("eva", PASSWORD, "10.0.0.1", device)
    assert accounts.login("eva", PASSWORD, "10.0.0.2", renewed)


def test_a_known_device_that_guesses_is_a_stranger_soon(
    accounts: Accounts, clock: FixedClock
) -> None:
    device = accounts.login("eva", PASSWORD, "10.0.0.1").device
    heard = 0
    with capture_logs() as told:
        for _ in range(100):
            try:
                accounts.login("eva", "wrong", "10.0.0.1", device)
            except Throttled:
                continue
            except WrongCredentials:
                heard += 1
    assert heard == PER_DEVICE
    events = [one["event"] for one in told]
    assert events.count("device is a stranger again") == 1
    assert events.count("login throttled") == 100 - PER_DEVICE
    with pytest.raises(Throttled):
        accounts.login("eva", PASSWORD, "10.0.0.1", device)
    assert accounts.login("eva", PASSWORD, "10.0.0.2")


def test_a_device_token_that_is_forged_expired_or_anothers_is_worth_nothing(
    accounts: Accounts, database: Database, clock: FixedClock
) -> None:
    accounts.create("noa", PASSWORD, name="Noa", role="agent")
    hers = accounts.login("noa", PASSWORD, "10.0.0.1").device
    old = accounts.login("eva", PASSWORD, "10.0.0.1").device
    clock.moment += DEVICE + timedelta(minutes=1)
    locked_out_by_strangers(database, clock)
    for worthless in ("", "forged", old, hers):
        with pytest.raises(Throttled):
            accounts.login("eva", PASSWORD, "10.0.0.1", worthless)
    clock.moment -= timedelta(days=1)
    locked_out_by_strangers(database, clock)
    with pytest.raises(Throttled):
        accounts.login("eva", PASSWORD, "10.0.0.1", hers)
    assert accounts.login("eva", PASSWORD, "10.0.0.1", old)


def test_of_a_users_devices_those_that_logged_in_last_are_known(
    accounts: Accounts, database: Database, clock: FixedClock
) -> None:
    devices = []
    for _ in range(DEVICES + 1):
        clock.moment += timedelta(minutes=1)
        devices.append(accounts.login("eva", PASSWORD, "10.0.0.1").device)
    locked_out_by_strangers(database, clock)
    with pytest.raises(Throttled):
        accounts.login("eva", PASSWORD, "10.0.0.1", devices[0])
    assert accounts.login("eva", PASSWORD, "10.0.0.1", devices[1])
