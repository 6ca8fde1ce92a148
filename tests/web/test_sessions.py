"""Logging in and out, and what keeps strangers out."""

from datetime import timedelta

import pytest
from websockets.exceptions import InvalidStatus

from ivr.agents.service import Accounts
from ivr.agents.states import States
from ivr.web.stage_desk import QuietSwitch
from tests.web.conftest import PASSWORD, Console

LOGIN = "/api/v1/session"


def test_an_agent_logs_in_and_the_page_cannot_read_the_cookie(console: Console) -> None:
    with console.browser() as browser:
        answer = browser.post(LOGIN, json={"username": "lucia", "password": PASSWORD})
        assert answer.json()["name"] == "Lucía"
        assert answer.json()["role"] == "agent"
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert browser.get("/api/v1/me").json()["username"] == "lucia"


def test_behind_https_the_cookie_is_tied_to_the_host(console: Console) -> None:
    from starlette.requests import Request
    from starlette.responses import Response

    from ivr.agents.sessions import Sessions

    scope = {"type": "http", "headers": [], "scheme": "https", "path": "/", "server": ("x", 443)}
    sessions = Sessions(console.services.accounts)
    response = Response()
    new = console.services.accounts.login("lucia", PASSWORD, "198.51.100.7")
    sessions.write(Request(scope), response, new)
    cookie, device = response.headers.getlist("set-cookie")
    assert cookie.startswith("__Host-auricula=")
    assert device.startswith("__Secure-auricula-device-")
    for one in (cookie, device):
        assert "Secure" in one
        assert "HttpOnly" in one
        assert "SameSite=strict" in one
        assert "Domain" not in one
    assert "Path=/;" in cookie
    assert "Path=/api/v1/session;" in device


def test_a_wrong_password_is_refused_in_the_same_words_as_a_wrong_user(console: Console) -> None:
    with console.browser() as browser:
        wrong = browser.post(LOGIN, json={"username": "lucia", "password": "no es esta"})
        nobody = browser.post(LOGIN, json={"username": "nadie", "password": "no es esta"})
    assert wrong.status_code == nobody.status_code == 403
    assert wrong.json() == nobody.json()
    assert wrong.json()["code"] == "wrong_credentials"


def test_a_browser_that_is_known_logs_in_whatever_strangers_try(console: Console) -> None:
    right = {"username": "lucia", "password": PASSWORD}
    with console.browser("lucia") as known, console.browser() as stranger:
        known.delete(LOGIN)
        with console.browser("diego") as other:
            known.cookies.update({n: v for n, v in other.cookies.items() if "device" in n})
        for n in range(6):
            stranger.post(LOGIN, json={**right, "password": f"intento {n}"})
        assert stranger.post(LOGIN, json=right).status_code == 429
        assert known.post(LOGIN, json={**right, "username": " Lucia"}).status_code == 200


def test_a_hundred_wrong_logins_are_throttled_and_the_right_one_waits_too(console: Console) -> None:
    with console.browser() as browser:
        codes = [
            browser.post(LOGIN, json={"username": "lucia", "password": f"intento {n}"}).json()[
                "code"
            ]
            for n in range(100)
        ]
        assert codes.count("wrong_credentials") < 10
        assert codes[-1] == "throttled"
        right = browser.post(LOGIN, json={"username": "lucia", "password": PASSWORD})
        assert right.status_code == 429
        assert int(right.headers["retry-after"]) > 0
        console.clock.moment += timedelta(hours=1)
        assert browser.post(LOGIN, json={"username": "lucia", "password": PASSWORD}).is_success


def test_after_logging_out_the_old_cookie_is_worth_nothing(console: Console) -> None:
    cookie = console.cookie("lucia")
    with console.browser() as browser:
        headers = {"Cookie": cookie}
        assert browser.get("/api/v1/calls", headers=headers).is_success
        assert browser.delete(LOGIN, headers=headers).status_code == 204
        assert browser.get("/api/v1/calls", headers=headers).status_code == 401


def test_a_session_ends_by_itself_after_the_shift(console: Console) -> None:
    with console.browser("lucia") as browser:
        console.clock.moment += timedelta(hours=13)
        answer = browser.get("/api/v1/calls")
    assert answer.status_code == 401
    assert "POST /api/v1/session" in answer.json()["detail"]


def test_changing_the_password_ends_the_sessions_of_other_browsers(console: Console) -> None:
    other = console.cookie("lucia")
    with console.browser("lucia") as browser:
        body = {"current": PASSWORD, "fresh": "otra frase bien distinta"}
        assert browser.post("/api/v1/me/password", json=body).is_success
        assert browser.get("/api/v1/calls").is_success
    with console.browser() as stranger:
        assert stranger.get("/api/v1/calls", headers={"Cookie": other}).status_code == 401


def test_who_must_choose_a_password_can_do_nothing_else_first(console: Console) -> None:
    Accounts(console.database, console.clock).create(
        "nueva", PASSWORD, name="Nueva", role="agent", must_change_password=True
    )
    with console.browser("nueva") as browser:
        refused = browser.get("/api/v1/patients", params={"text": "garcia"})
        assert refused.status_code == 403
        assert refused.json()["code"] == "must_change_password"
        body = {"current": PASSWORD, "fresh": "mi propia frase larga"}
        assert not browser.post("/api/v1/me/password", json=body).json()["must_change_password"]
        assert browser.get("/api/v1/patients", params={"text": "garcia"}).is_success


def test_another_site_cannot_log_in_or_change_anything_for_us(console: Console) -> None:
    with console.browser("lucia") as browser:
        foreign = {"Origin": "https://malo.example"}
        assert browser.delete(LOGIN, headers=foreign).status_code == 403
        assert browser.post("/api/v1/tickets/1/close", headers=foreign).status_code == 403
        no_origin = {"Origin": "null", "Sec-Fetch-Site": "cross-site"}
        assert browser.post("/api/v1/tickets/1/close", headers=no_origin).status_code == 403
        assert browser.get("/api/v1/me").is_success


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/sip", "/api/v1/demo-phone/captions"])
def test_another_site_cannot_open_a_websocket_with_our_cookie(console: Console, path: str) -> None:
    cookie = console.cookie("lucia")
    with (
        pytest.raises(InvalidStatus) as refused,
        console.socket(path, cookie, origin="https://malo.example"),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_a_name_rebound_to_this_machine_is_not_answered(console: Console) -> None:
    with console.browser("lucia") as browser:
        answer = browser.get("/api/v1/me", headers={"Host": "malo.example"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "foreign_host"


@pytest.mark.parametrize("path", ["/", "/api/v1/openapi.json", "/api/v1/nada", "/api/v1/me"])
def test_every_answer_carries_the_security_headers(console: Console, path: str) -> None:
    with console.browser() as browser:
        headers = browser.get(path).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


def test_a_console_that_is_not_built_says_how_to_build_it(console: Console) -> None:
    with console.browser() as browser:
        page = browser.get("/llamadas")
    assert page.status_code == 503
    assert "make up" in page.text


def test_the_language_of_the_console_is_kept_with_the_user(console: Console) -> None:
    with console.browser("lucia") as lucia:
        assert lucia.get("/api/v1/me").json()["language"] == "es-ES"
        chosen = lucia.put("/api/v1/me/language", json={"language": "en"})
        assert chosen.json()["language"] == "en-GB"
        assert lucia.put("/api/v1/me/language", json={"language": "fr"}).status_code == 422
    with console.browser("lucia") as again:
        assert again.get("/api/v1/me").json()["language"] == "en-GB"
        for language, kept in (("es-MX", "es-MX"), ("es", "es-ES")):
            back = again.put("/api/v1/me/language", json={"language": language})
            assert back.json()["language"] == again.get("/api/v1/me").json()["language"] == kept


def test_logging_out_elsewhere_does_not_end_the_shift_and_the_last_logout_does(
    console: Console,
) -> None:
    states = States(console.database, console.clock, console.stream, QuietSwitch())
    states.want("lucia", "available")
    with console.browser("lucia") as desk, console.browser("lucia") as elsewhere:
        assert elsewhere.delete(LOGIN).status_code == 204
        assert states.of("lucia").state == "available"
        assert desk.delete(LOGIN).status_code == 204
        assert states.of("lucia").state == "off"
    with console.browser("lucia") as desk:
        assert desk.put("/api/v1/me/presence", json={"state": "available"}).status_code == 200
        assert states.of("lucia").state == "off"
