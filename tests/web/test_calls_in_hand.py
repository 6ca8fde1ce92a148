"""What agents and supervisors may do with calls, and who is told of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select

from ivr.agents.model import AgentInterval, User
from ivr.config import Settings
from ivr.errors import Conflict, NotFound
from ivr.flow import events as e
from ivr.ports import LineState, Target
from ivr.web.app import create_app
from ivr.web.running import running
from tests.web.conftest import MADRID, MEXICO, Console, Screen
from tests.web.test_sip_relay import fake_switch


@dataclass
class Switch:
    """Keeps what it is asked; lucia is in a call when ``call_id`` is set."""

    call_id: str = ""
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    free: set[str] = field(default_factory=lambda: {"lucia", "marta"})

    def line(self, agent: str) -> LineState:
        if not self.call_id:
            raise NotFound("There is no call on this phone.")
        return LineState(self.call_id, agent, False, True, "diego", False)

    def phones(self) -> dict[str, str]:
        return {name: "free" if name in self.free else "off" for name in ("lucia", "marta")}

    def take_over(self, supervisor: str, call_id: str) -> str:
        self.asked.append(("take_over", supervisor, call_id))
        return "lucia"

    def __getattr__(self, name: str) -> Any:
        def act(*values: Any, **named: Any) -> None:
            if name in ("resume",):
                raise Conflict("The call is not on hold.")
            self.asked.append((name, *values, *named.values()))

        return act


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def desk(console: Console, switch: Switch) -> Iterator[Console]:
    """The console with a switch that writes down what it is asked."""
    wired = replace(console.services, control=switch)  # type: ignore[arg-type]
    with running(create_app(wired)) as url:
        yield replace(console, url=url, services=wired)


@pytest.fixture
def talking(desk: Console, switch: Switch) -> str:
    """Lucía talks with a patient."""
    switch.call_id = desk.call()
    desk.happens(switch.call_id, e.AgentRinging(agent="lucia"), e.AgentConnected(agent="lucia"))
    return switch.call_id


def types(console: Console, call_id: str) -> list[str]:
    return [stored.type for stored in console.log.events(call_id)]


def test_a_hold_is_written_down_once_the_switch_has_done_it(
    desk: Console, switch: Switch, talking: str
) -> None:
    with desk.browser("lucia") as lucia:
        assert lucia.post("/api/v1/me/call/hold").status_code == 204
        refused = lucia.delete("/api/v1/me/call/hold")
    assert refused.status_code == 409
    assert switch.asked == [("hold", "lucia")]
    assert types(desk, talking)[-1] == "call.held"


@pytest.mark.parametrize(
    ("kind", "to"),
    [
        ("agent", "nadie"),
        ("agent", "lucia"),
        ("agent", "marta&PJSIP/trunk"),
        ("queue", "otra"),
        ("queue", "recepcion,t"),
        ("outside", "806 123 456"),
        ("outside", "600111222@evil"),
        ("outside", "600111222&PJSIP/112"),
        ("outside", "12"),
    ],
)
def test_a_call_goes_only_where_calls_may_go(
    desk: Console, switch: Switch, talking: str, kind: str, to: str
) -> None:
    body = {"how": "blind", "kind": kind, "to": to}
    with desk.browser("lucia") as lucia:
        answer = lucia.post("/api/v1/me/call/transfer", json=body)
    assert answer.status_code == 422, answer.text
    assert switch.asked == []


def at_work(desk: Console, username: str, state: str, reason: str = "") -> None:
    with desk.database.transaction() as session:
        user = session.scalars(select(User.id).where(User.username == username)).one()
        session.add(
            AgentInterval(user_id=user, state=state, reason=reason, starts_at=desk.clock.now())
        )


def test_whom_a_call_may_go_to_is_told_with_what_they_do(desk: Console) -> None:
    at_work(desk, "marta", "paused", "lunch")
    with desk.browser("lucia") as lucia:
        told = lucia.get("/api/v1/me/call/targets").json()
    marta = next(one for one in told["colleagues"] if one["username"] == "marta")
    assert (marta["state"], marta["reason"]) == ("paused", "lunch")


def test_an_outside_number_is_told_as_the_clinics_and_kept_as_personal(
    desk: Console, switch: Switch, talking: str
) -> None:
    body = {"how": "warm", "kind": "outside", "to": "912 345 678"}
    with desk.browser("lucia") as lucia:
        assert lucia.post("/api/v1/me/call/transfer", json=body).status_code == 204
    (asked,) = switch.asked
    assert asked[:3] == ("consult", "lucia", Target("outside", "+34912345678"))
    assert asked[3].startswith("+34")
    event = desk.log.events(talking)[-1].event
    assert isinstance(event, e.ConsultStarted)
    assert (event.to, event.number) == ("", "+34912345678")
    assert e.redacted(event)["number"] == e.REDACTED


def test_a_finished_consultation_says_who_has_the_call_now(
    desk: Console, switch: Switch, talking: str
) -> None:
    with desk.browser("lucia") as lucia:
        body = {"how": "warm", "kind": "queue", "to": "recepcion"}
        assert lucia.post("/api/v1/me/call/transfer", json=body).status_code == 204
        done = lucia.post("/api/v1/me/call/consultation", json={"then": "complete"})
        assert done.status_code == 204
    event = desk.log.events(talking)[-1].event
    assert isinstance(event, e.CallHandedOver)
    assert (event.how, event.kind, event.to) == ("warm", "agent", "diego")


def test_only_a_recorded_call_can_be_paused_and_the_next_agent_is_recorded_again(
    desk: Console, switch: Switch, talking: str
) -> None:
    with desk.browser("lucia") as lucia:
        assert lucia.put("/api/v1/me/call/recording", json={"on": False}).status_code == 409
        desk.happens(talking, e.RecordingStarted(recording_id="r"))
        for _ in range(2):
            assert lucia.put("/api/v1/me/call/recording", json={"on": False}).status_code == 204
        lucia.post(
            "/api/v1/me/call/transfer", json={"how": "blind", "kind": "agent", "to": "marta"}
        )
    assert [one[0] for one in switch.asked] == [
        "mute_recording",
        "mute_recording",
        "hand_over",
    ]
    assert types(desk, talking)[-3:] == [
        "recording.paused",
        "recording.resumed",
        "call.handed_over",
    ]


def test_only_who_had_a_call_may_ask_for_it_back(
    desk: Console, switch: Switch, talking: str
) -> None:
    with desk.browser("lucia") as lucia, desk.browser("diego") as diego:
        asked = [
            browser.post(f"/api/v1/calls/{talking}/take-back").status_code
            for browser in (lucia, diego)
        ]
    assert asked == [204, 404]
    assert switch.asked == [("take_back", "lucia", talking)]


def test_a_click_calls_a_patient_and_the_call_is_in_the_log(desk: Console, switch: Switch) -> None:
    with desk.browser("lucia") as lucia:
        call_id = lucia.post("/api/v1/me/call", json={"number": "600 111 222"}).json()["call_id"]
        assert lucia.get(f"/api/v1/calls/{call_id}").json()["dnis"] == "+34600111222"
    assert switch.asked[0][:3] == ("dial", "lucia", "+34600111222")
    desk.log.finish(call_id)
    assert desk.log.get(call_id).outcome == "unanswered"


def test_help_in_an_emergency_is_called_as_it_is_and_a_number_cut_short_is_said_to_be(
    desk: Console, switch: Switch
) -> None:
    with desk.browser("lucia") as lucia:
        for number in ("112", "0 61", "091"):
            answer = lucia.post("/api/v1/me/call", json={"number": number})
            assert answer.status_code == 200, answer.text
        codes = [
            lucia.post("/api/v1/me/call", json={"number": number}).json()["code"]
            for number in ("911", "60011122", "806123456")
        ]
    assert [asked[2] for asked in switch.asked] == ["112", "061", "091"]
    assert codes == ["not_callable", "not_callable", "costly_number"]


def test_a_queue_is_told_by_its_name_and_whether_a_phone_is_on_that_serves_it(
    desk: Console, switch: Switch
) -> None:
    with desk.browser("marta") as marta:
        gone_home = marta.get("/api/v1/me/call/targets").json()["queues"]
        at_work(desk, "lucia", "available")
        served = marta.get("/api/v1/me/call/targets").json()["queues"]
        switch.free = {"marta"}
        alone = marta.get("/api/v1/me/call/targets").json()["queues"]
    assert served[0] == {"name": "recepcion", "title": "Recepción", "phone": "free"}
    assert {queue["phone"] for queue in [*gone_home, *alone]} == {"off"}


@pytest.mark.parametrize("number", ["806123456", "no", "+34600111222,1)", "0" * 40])
def test_a_number_nobody_may_call_is_refused(desk: Console, switch: Switch, number: str) -> None:
    with desk.browser("lucia") as lucia:
        assert lucia.post("/api/v1/me/call", json={"number": number}).status_code == 422
    assert switch.asked == []


def test_nobody_calls_with_a_phone_that_is_not_free(desk: Console, switch: Switch) -> None:
    switch.free.clear()
    with desk.browser("lucia") as lucia:
        assert lucia.post("/api/v1/me/call", json={"number": "600111222"}).status_code == 409
    assert desk.log.live() == []


def test_the_number_of_a_patient_who_is_called_stays_in_the_branch(desk: Console) -> None:
    with desk.socket("/api/v1/events", desk.cookie("diego")) as socket:
        screen = Screen(socket)
        screen.message("snapshot")
        started = e.CallStarted(
            direction="outbound",
            flow="manual",
            flow_version="1",
            language="es-ES",
            dnis="+34600999888",
        )
        call = desk.log.start(started, branch_id=MADRID)
        last = desk.happens(call, e.AgentConnected(agent="lucia"))
        (begun, _) = screen.events(last)
    assert begun["data"]["type"] == "call.started"
    assert "dnis" not in begun["data"]
    with desk.socket("/api/v1/events", desk.cookie("diego")) as socket:
        assert "+34600999888" not in str(Screen(socket).message("snapshot"))


def test_only_supervisors_listen_and_nobody_else_learns_of_it(
    desk: Console, switch: Switch, talking: str
) -> None:
    path = f"/api/v1/calls/{talking}/supervision"
    with desk.browser("lucia") as lucia, desk.browser("marta") as marta:
        assert lucia.put(path, json={"mode": "listen"}).status_code == 403
        assert lucia.post(f"/api/v1/calls/{talking}/take-over").status_code == 403
        assert lucia.delete("/api/v1/me/supervision").status_code == 403
        assert switch.asked == []
        assert marta.put(path, json={"mode": "whisper"}).status_code == 204
        assert switch.asked == [("supervise", "marta", talking, "whisper")]
        seen = e.SupervisionStarted(supervisor="marta", agent="lucia", mode="whisper")
        with (
            desk.socket("/api/v1/events", desk.cookie("lucia")) as hers,
            desk.socket("/api/v1/events", desk.cookie("marta")) as theirs,
        ):
            screens = [Screen(hers), Screen(theirs)]
            for screen in screens:
                screen.message("snapshot")
            desk.happens(talking, seen)
            last = desk.happens(talking, e.CallHeld(agent="lucia"))
            told = [[x["data"]["type"] for x in screen.events(last)] for screen in screens]
        assert told == [["call.held"], ["supervision.started", "call.held"]]
        assert "supervision" not in lucia.get(f"/api/v1/calls/{talking}").text
        assert "supervision" in marta.get(f"/api/v1/calls/{talking}").text
    for user, told_of in (("lucia", False), ("marta", True)):
        for after in ("", f"?after={last - 2}"):
            with desk.socket(f"/api/v1/events{after}", desk.cookie(user)) as socket:
                screen = Screen(socket)
                opening = screen.message("events" if after else "snapshot")
            assert ("supervision.started" in str(opening)) is told_of


def test_what_supervisors_do_with_calls_is_in_the_rooms_log(
    desk: Console, switch: Switch, talking: str
) -> None:
    with desk.browser("marta") as marta:
        for mode in ("listen", "whisper", "barge"):
            body = {"mode": mode}
            path = f"/api/v1/calls/{talking}/supervision"
            assert marta.put(path, json=body).status_code == 204
        assert marta.post(f"/api/v1/calls/{talking}/take-over").status_code == 204
        done = marta.get("/api/v1/room/log").json()
    assert [one["action"] for one in done] == [
        "call.take_over",
        "call.barge",
        "call.whisper",
        "call.listen",
    ]
    whose = [(one["by"], one["agent"], one["call_id"]) for one in done]
    (marta_is,) = [user.name for user in desk.services.accounts.users() if user.username == "marta"]
    assert whose == [(marta_is, "lucia", talking)] * 4


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("path", ["room/log", "calls", "reports/desk"])
def test_nothing_is_asked_for_of_days_beyond_all_calendars(
    desk: Console, path: str, day: str
) -> None:
    with desk.browser("marta") as marta:
        for bound in ("day_from", "day_to"):
            days = {"day_from": "2026-11-24", "day_to": "2026-11-24", bound: day}
            assert marta.get(f"/api/v1/{path}", params=days).status_code == 422


def test_listening_that_did_not_come_about_is_not_in_the_log(
    desk: Console, switch: Switch, talking: str
) -> None:
    def gone(*_: str) -> None:
        raise NotFound("There is no such conversation.")

    switch.supervise = gone  # type: ignore[attr-defined]
    with desk.browser("marta") as marta:
        path = f"/api/v1/calls/{talking}/supervision"
        assert marta.put(path, json={"mode": "listen"}).status_code == 404
        assert marta.get("/api/v1/room/log").json() == []


def test_a_supervisor_of_one_branch_hears_no_call_of_another(
    desk: Console, switch: Switch, talking: str
) -> None:
    desk.services.accounts.create(
        "julia", "una frase bastante larga", name="Julia", role="supervisor", branch_id=MEXICO
    )
    with desk.browser("julia") as julia:
        path = f"/api/v1/calls/{talking}"
        assert julia.put(f"{path}/supervision", json={"mode": "listen"}).status_code == 404
        assert julia.post(f"{path}/take-over").status_code == 404
    assert switch.asked == []


@pytest.mark.parametrize(("code", "kept"), [(1001, True), (1000, False), (3000, False)])
def test_a_page_that_closes_in_mid_call_leaves_its_caller_with_the_switch(
    console: Console, switch: Switch, code: int, kept: bool
) -> None:
    with fake_switch() as sip:
        settings = Settings(
            **{**console.services.settings.model_dump(), "asterisk_http_port": sip.port}
        )
        wired = replace(console.services, settings=settings, control=switch)  # type: ignore[arg-type]
        with running(create_app(wired)) as url:
            there = replace(console, url=url, services=wired)
            with there.socket("/api/v1/sip", there.cookie("lucia"), subprotocols=["sip"]) as socket:
                socket.send("\r\n\r\n")
                socket.recv(10)
                socket.close(code)
        # the server has stopped: every websocket has been seen to its end
    assert switch.asked == ([("lost", "lucia")] if kept else [])
