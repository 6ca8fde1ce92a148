"""The product's own Asterisk configuration, loaded and called without the application."""

import re
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator

import pytest

from ivr import secrets
from ivr.adapters.asterisk import config, launch
from ivr.adapters.asterisk.agents import AgentPhones
from ivr.adapters.asterisk.manage import reload
from ivr.config import Settings
from ivr.errors import InvalidInput, Unavailable
from tests.setup.switch import Manager, Switch

try:
    launch.find_root()
except Unavailable:
    pytest.skip("Asterisk is not installed: run `make up` once", allow_module_level=True)


@pytest.fixture(scope="module")
def switch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Switch]:
    running = Switch(tmp_path_factory.mktemp("switch"))
    yield running
    running.stop()


@pytest.fixture
def manager(switch: Switch) -> Iterator[Manager]:
    with switch.manager() as connected:
        yield connected


@pytest.fixture
def hung_application(switch: Switch) -> Iterator[None]:
    """Takes calls and never says a word."""
    with socket.create_server(("127.0.0.1", switch.settings.agi_port)) as server:
        held: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield
        server.shutdown(socket.SHUT_RDWR)
    for connection in held:
        connection.close()


def call(manager: Manager, *, person: str = "caller", caller: str = "") -> str:
    """Somebody phones the clinic; answers the unique id of the clinic's side."""
    name = uuid.uuid4().hex[:12]
    answer = manager.send(
        "Originate",
        Channel="Local/34910000000@from-trunk/n",
        Context="people",
        Exten=person,
        Priority="1",
        CallerID=caller or "Rosa <+34600111222>",
        Timeout="30000",
        Async="true",
        ChannelId=f"{name}-caller",
        OtherChannelId=f"{name}-clinic",
    )
    assert answer["Response"] == "Success", answer
    return f"{name}-clinic"


def test_asterisk_starts_without_a_complaint(switch: Switch) -> None:
    lines = switch.output.read_text().splitlines()
    assert [line for line in lines if re.search(r"ERROR|WARNING|NOTICE", line)] == []


def test_every_module_that_is_asked_for_runs(switch: Switch) -> None:
    wanted = re.findall(r"^load = (\S+)", (switch.paths.etc / "modules.conf").read_text(), re.M)
    shown = switch.ask("module show")
    running = {line.split()[0] for line in shown.splitlines() if " Running " in line}
    assert set(wanted) <= running


def test_it_is_the_tested_major_version(switch: Switch) -> None:
    assert switch.ask("core show version").startswith("Asterisk 22.")


def test_everything_listens_on_the_loopback_only(switch: Switch) -> None:
    for line in (switch.paths.etc / "manager.conf", switch.paths.etc / "http.conf"):
        assert "bindaddr = 127.0.0.1" in line.read_text()
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.3", switch.settings.sip_port))


def test_without_application_and_agents_the_caller_leaves_a_message(
    switch: Switch, manager: Manager
) -> None:
    me = call(manager)
    manager.event("Newexten", Context="rescue", Application="Answer", Uniqueid=me)
    manager.event("Newexten", Context="queue", Application="Queue", Uniqueid=me)
    manager.event("VarSet", Variable="AURICULA_NOBODY", Value="recepcion", Uniqueid=me)
    recording = manager.event("Newexten", Context="voicemail", Application="Record", Uniqueid=me)
    time.sleep(3)  # the caller speaks
    manager.send("Hangup", Channel=recording["Channel"])
    saved = manager.event("UserEvent", UserEvent="AuriculaMessage", Uniqueid=me)
    message = switch.paths.messages / saved["File"].rsplit("/", 1)[1]
    assert message.stat().st_size > 8000
    assert message.with_suffix(".txt").read_text().strip() == "+34600111222"


def test_without_application_the_caller_reaches_an_agent(manager: Manager) -> None:
    manager.send("QueueAdd", Queue="recepcion", Interface="Local/agent@people/n")
    try:
        me = call(manager, person="quiet")
        joined = manager.event("QueueCallerJoin", Uniqueid=me)
        connected = manager.event("AgentConnect", Uniqueid=joined["Uniqueid"])
        assert connected["Queue"] == "recepcion"
        manager.send("Hangup", Channel=joined["Channel"])
    finally:
        manager.send("QueueRemove", Queue="recepcion", Interface="Local/agent@people/n")


def test_the_watchdog_takes_a_caller_away_from_a_hung_application(
    switch: Switch, manager: Manager, hung_application: None
) -> None:
    me = call(manager, person="quiet")
    stuck = manager.event("Newexten", Application="AGI", Uniqueid=me)["Channel"]
    with switch.manager("watchdog") as watchdog:
        watchdog.send("CoreShowChannels")
        seen = watchdog.event("CoreShowChannel", Channel=stuck)
        assert seen["Application"] == "AGI"
        answer = watchdog.send("Redirect", Channel=stuck, Context="rescue", Exten="s", Priority="1")
        assert answer["Response"] == "Success"
    manager.event("Newexten", Context="queue", Application="Queue", Uniqueid=me)
    manager.send("Hangup", Channel=stuck)


def test_an_application_that_dies_in_the_middle_leaves_the_caller_in_the_queue(
    switch: Switch, manager: Manager
) -> None:
    with socket.create_server(("127.0.0.1", switch.settings.agi_port)) as server:
        me = call(manager, person="quiet")
        connection, _ = server.accept()
        connection.sendall(b"ANSWER\n")
        connection.recv(4096)
        connection.close()
    entered = manager.event("Newexten", Context="queue", Application="Queue", Uniqueid=me)
    manager.send("Hangup", Channel=entered["Channel"])


def test_the_application_says_where_the_call_goes(switch: Switch, manager: Manager) -> None:
    with socket.create_server(("127.0.0.1", switch.settings.agi_port)) as server:
        me = call(manager, person="quiet")
        connection, _ = server.accept()
        with connection, connection.makefile("rw", encoding="utf-8") as line:
            while line.readline().strip():
                pass
            for name, value in (("AURICULA_NEXT", "voicemail"), ("AURICULA_DONE", "1")):
                line.write(f'SET VARIABLE {name} "{value}"\n')
                line.flush()
                assert line.readline().startswith("200 result=1")
    went = manager.event("Newexten", Context="voicemail", Application="Record", Uniqueid=me)
    manager.send("Hangup", Channel=went["Channel"])


HOSTILE = [
    '"${SHELL(id)}" <+34600111222>',
    "a,b&c)${EPOCH}|System(id) <${GLOBAL(MESSAGES)}>",
    "<+34600111222),System(id)>",
    "ñ" * 400 + " <1>",
    "<>",
]


def test_what_callers_call_themselves_is_never_expanded(switch: Switch, manager: Manager) -> None:
    callers = [call(manager, person="quiet", caller=caller) for caller in HOSTILE]
    for me in callers:
        record = manager.event("Newexten", Context="voicemail", Application="Record", Uniqueid=me)
        manager.send("Hangup", Channel=record["Channel"])
        manager.event("Hangup", Uniqueid=me)
    arguments = [p["AppData"] for p in manager.packets if p.get("Event") == "Newexten"]
    assert not [text for text in arguments if "uid=" in text or "System" in text]
    for note in switch.paths.messages.glob("*.txt"):
        assert re.fullmatch(r"\+?[0-9]*\n?", note.read_text())


@pytest.mark.parametrize(
    ("user", "action", "fields"),
    [
        ("auricula", "Command", {"Command": "core show version"}),
        ("auricula", "GetConfig", {"Filename": "manager.conf"}),
        ("auricula", "UpdateConfig", {"SrcFilename": "a.conf", "DstFilename": "a.conf"}),
        ("auricula", "ModuleLoad", {"Module": "app_system.so", "LoadType": "load"}),
        ("auricula", "Reload", {}),
        ("watchdog", "Originate", {"Channel": "Local/1@people", "Application": "Wait"}),
        ("watchdog", "QueueAdd", {"Queue": "recepcion", "Interface": "Local/a@people"}),
        ("reload", "Originate", {"Channel": "Local/1@people", "Application": "Wait"}),
        ("reload", "Redirect", {"Channel": "x", "Context": "rescue", "Exten": "s"}),
    ],
)
def test_each_manager_user_may_do_no_more_than_its_work(
    switch: Switch, user: str, action: str, fields: dict[str, str]
) -> None:
    with switch.manager(user) as limited:
        answer = limited.send(action, **fields)
    assert answer["Response"] == "Error"
    assert "ermission" in answer["Message"]


def test_the_application_cannot_run_programs_through_the_manager(switch: Switch) -> None:
    program = {"Channel": "Local/quiet@people", "Application": "System", "Data": "id"}
    with switch.manager("auricula") as application:
        answer = application.send("Originate", **program, Async="true")
    assert answer["Response"] == "Error"


def test_a_new_agent_gets_a_phone_without_a_restart(switch: Switch) -> None:
    assert "agent-lucia" in switch.ask("pjsip show endpoints")
    config.render_agents(switch.settings, switch.secrets, ["lucia", "mario"])
    with switch.manager("reload") as limited:
        assert limited.send("Reload", Module="res_pjsip.so")["Response"] == "Success"
    assert "agent-mario" in switch.ask("pjsip show endpoints")


@pytest.mark.parametrize("name", ["", "Ana", "a b", "a\n[x]", "a;b", "../a", "${x}", "a" * 65])
def test_a_name_that_does_not_fit_a_configuration_is_refused(
    tmp_path: object, switch: Switch, name: str
) -> None:
    with pytest.raises(InvalidInput):
        config.render_agents(switch.settings, switch.secrets, [name])


def test_an_address_that_does_not_fit_a_configuration_is_refused(switch: Switch) -> None:
    broken = Settings(var=switch.settings.var, trunk_match="127.0.0.2\n[evil]")
    with pytest.raises(InvalidInput):
        config.render(broken, switch.secrets)


def test_secrets_are_readable_by_their_owner_only(switch: Switch) -> None:
    assert (switch.settings.var / "secrets" / secrets.NAME).stat().st_mode & 0o077 == 0
    for file in switch.paths.etc.iterdir():
        assert file.stat().st_mode & 0o077 == 0


def test_the_phone_of_a_new_agent_works_at_once_and_that_of_one_who_left_no_more(
    switch: Switch,
) -> None:
    accounts = ["lucia"]
    phones = AgentPhones(switch.settings, switch.secrets, lambda: accounts)

    def known(agent: str) -> bool:
        return f"Endpoint:  agent-{agent}" in switch.ask("pjsip show endpoints")

    def until(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    assert known("lucia") and not known("nuevo")
    accounts.append("nuevo")
    phones.refresh()
    until(lambda: known("nuevo") and known("lucia"))
    accounts.remove("nuevo")
    phones.refresh()
    until(lambda: not known("nuevo"))
    assert known("lucia")


def test_a_new_queue_takes_calls_at_once_and_agents_stay_in_theirs(
    switch: Switch, manager: Manager
) -> None:
    manager.send("QueueAdd", Queue="recepcion", Interface="Local/agent@people/n")
    queues = [config.QueueSettings("recepcion"), config.QueueSettings("tratamientos", "ring_all")]
    try:
        assert "tratamientos" not in switch.ask("queue show")
        config.render(
            switch.settings, switch.secrets, agents=["lucia"], queues=queues, queue_wait_s=6
        )
        reload(switch.settings, switch.secrets, "app_queue.so", "pbx_config.so")
        assert "'ringall' strategy" in switch.ask("queue show tratamientos")
        assert "QUEUE_WAIT_tratamientos=6" in switch.ask("dialplan show globals")
        assert "Local/agent@people/n" in switch.ask("queue show recepcion")
    finally:
        manager.send("QueueRemove", Queue="recepcion", Interface="Local/agent@people/n")
