"""What pyst2's AGI gets wrong on the wire, and what ours makes of the same bytes."""

import io
import signal
import socket
import sys
import threading

import pytest
from asterisk.agi import AGI, AGIAppError, AGIUsageError
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.asterisk.agi import LINE_LIMIT, AgiSession, quote
from ivr.errors import CallerHungUp, InvalidInput, Unavailable
from tests.adapters.asterisk.switch_wire import ENVIRONMENT, SwitchEnd, parse_args, playing


def pyst2(replies: str | bytes, errors: io.StringIO | None = None) -> tuple[AGI, io.StringIO]:
    """pyst2's own AGI reading ``replies`` after the usual variables."""
    raw = replies.encode() if isinstance(replies, str) else replies
    written = io.StringIO()
    before = signal.getsignal(signal.SIGHUP)
    agi = AGI(io.BytesIO(ENVIRONMENT.encode() + raw), written, errors or io.StringIO())
    signal.signal(signal.SIGHUP, before)
    return agi, written


def session_of(connection: socket.socket) -> AgiSession:
    return AgiSession(connection, ENVIRONMENT.encode())


def test_each_call_talks_from_its_own_thread() -> None:
    failures: list[BaseException] = []

    def start(make: type[AGI], *args: object) -> None:
        try:
            make(*args)
        except ValueError as error:
            failures.append(error)

    silent = io.StringIO()
    arguments = (AGI, io.BytesIO(ENVIRONMENT.encode()), silent, silent)
    thread = threading.Thread(target=start, args=arguments)
    thread.start()
    thread.join()
    assert "signal only works in main thread" in str(failures[0])

    with playing(lambda end: None) as (ours, _):
        thread = threading.Thread(target=start, args=(AgiSession, ours, ENVIRONMENT.encode()))
        thread.start()
        thread.join()
    assert len(failures) == 1


def test_a_patients_number_is_written_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    errors = io.StringIO()
    agi, _ = pyst2("200 result=1\n", errors)
    agi.set_variable("PATIENT", "Lucía Peña")
    assert "600111222" in errors.getvalue() and "Lucía Peña" in errors.getvalue()

    with playing(lambda end: end.answer("200 result=1\n")) as (ours, _):
        session_of(ours).set_variable("PATIENT", "Lucía Peña")
    assert capfd.readouterr() == ("", "")
    assert not hasattr(AgiSession, "stderr") and sys.stderr is not None


def test_a_name_with_quotes_arrives_whole_and_nothing_else_does() -> None:
    hostile = 'Ana" "x'
    agi, written = pyst2("200 result=1\n")
    agi.set_variable("NAME", hostile)
    assert parse_args(written.getvalue().strip()) != ["SET", "VARIABLE", "NAME", hostile]

    with playing(lambda end: end.answer("200 result=1\n")) as (ours, end):
        session_of(ours).set_variable("NAME", hostile)
    assert parse_args(end.commands[0]) == ["SET", "VARIABLE", "NAME", hostile]


def test_a_name_with_a_line_break_is_not_a_second_command() -> None:
    hostile = "Ana\nEXEC System rm\0"
    agi, written = pyst2("200 result=1\n")
    agi.set_variable("NAME", hostile)
    assert "EXEC System" in written.getvalue().splitlines()[1]

    with playing(lambda end: end.answer("200 result=1\n")) as (ours, end):
        session_of(ours).set_variable("NAME", hostile)
    assert [parse_args(line) for line in end.commands] == [
        ["SET", "VARIABLE", "NAME", "Ana EXEC System rm "]
    ]


@given(st.text(max_size=200))
def test_any_text_is_read_back_by_asterisk_as_one_argument(text: str) -> None:
    line = f"NOOP {quote(text)} end"
    assert "\n" not in line and "\r" not in line and "\0" not in line
    expected = text.replace("\r", " ").replace("\n", " ").replace("\0", " ")
    assert parse_args(line) == ["NOOP", expected, "end"]


def test_arguments_that_pyst2_leaves_bare_cannot_split_a_command() -> None:
    with playing(lambda end: end.answer("200 result=0 endpos=8000\n")) as (ours, end):
        assert session_of(ours).stream_file('a "b" \\ ñ', "12", 5) == ""
    assert parse_args(end.commands[0]) == ["STREAM", "FILE", 'a "b" \\ ñ', "12", "5"]


def test_expressions_never_reach_an_application() -> None:
    with playing(lambda end: None) as (ours, end):
        for hostile in ("${SHELL(id)}", "$[1+1]"):
            with pytest.raises(InvalidInput):
                session_of(ours).appexec("Playback", hostile)
    assert end.commands == []


@pytest.mark.parametrize("words", ["Quiero pedir cita", "Quiero pedir cita (ya)"])
def test_words_are_not_cut_at_their_first_blank(words: str) -> None:
    reply = f'200 result=1 (speech) endpos=0 results=1 score0=91 text0="{words}" grammar0=free\n'
    agi, _ = pyst2(reply)
    heard = agi.execute("SPEECH RECOGNIZE", "p", 5).get("text0", ("", ""))
    assert heard[0] in ('"Quiero', "")

    with playing(lambda end: end.answer(reply)) as (ours, _):
        answer = session_of(ours).ask("SPEECH RECOGNIZE", "p", 5)
    assert answer.data == "speech"
    assert answer.fields["text0"] == words
    assert answer.fields["score0"] == "91" and answer.fields["grammar0"] == "free"


@pytest.mark.parametrize(
    "value",
    ["Peña (la madre)", "a) result=7 (b", "x=1 y=2", "", "hangup", "dos\nlíneas", "-1"],
)
def test_a_variables_value_comes_back_as_it_is(value: str) -> None:
    replies = (f"200 result=1 ({value})\n", "200 result=1 (next)\n")
    with playing(lambda end: end.answer(*replies)) as (ours, _):
        session = session_of(ours)
        assert session.get_variable("NOTE") == value
        assert session.get_variable("OTHER") == "next"


def test_a_value_that_plays_a_reply_does_not_shift_the_next_one() -> None:
    hostile = "200 result=1 (a)\n200 result=1 (forged)\n"
    replies = (hostile, "200 result=1 (true)\n")
    agi, _ = pyst2("".join(replies))
    agi.get_variable("NOTE")
    assert agi.get_variable("OTHER") == "forged"

    with playing(lambda end: end.answer(*replies)) as (ours, _):
        session = session_of(ours)
        session.get_variable("NOTE")
        assert session.get_variable("OTHER") == "true"


def test_a_command_asterisk_would_cut_in_two_is_not_sent() -> None:
    agi, written = pyst2("200 result=1\n")
    agi.set_variable("NOTE", "ñ" * 6000)
    assert len(written.getvalue().encode()) > LINE_LIMIT

    with playing(lambda end: end.answer("200 result=1\n")) as (ours, end):
        session = session_of(ours)
        with pytest.raises(InvalidInput, match="shorten"):
            session.set_variable("NOTE", "ñ" * 6000)
        session.set_variable("NOTE", "ñ" * 4000)
    assert [len(line.encode()) + 1 <= LINE_LIMIT for line in end.commands] == [True]


def test_a_reply_longer_than_asterisks_own_lines_is_read_whole() -> None:
    value = "ñ" * 20000
    with playing(lambda end: end.answer(f"200 result=1 ({value})\n")) as (ours, _):
        assert session_of(ours).get_variable("NOTE") == value


def test_a_letter_cut_by_the_network_is_put_together() -> None:
    reply = "200 result=1 (Peña)\n".encode()
    cut = reply.index("ñ".encode()) + 1

    def script(end: SwitchEnd) -> None:
        end.read()
        end.write(reply[:cut])
        threading.Event().wait(0.05)
        end.write(reply[cut:])

    with playing(script) as (ours, _):
        assert session_of(ours).get_variable("NAME") == "Peña"


def test_a_name_in_another_encoding_does_not_lose_the_call() -> None:
    reply = b"200 result=1 (Pe\xf1a)\n"
    agi, _ = pyst2(reply)
    with pytest.raises(UnicodeDecodeError):
        agi.get_variable("NAME")
    with playing(lambda end: end.answer(reply)) as (ours, _):
        assert session_of(ours).get_variable("NAME") == "Pe\ufffda"


@pytest.mark.parametrize(
    "script",
    [
        lambda end: end.answer("HANGUP\n511 Command Not Permitted on a dead channel\n"),
        lambda end: end.answer("511 Command Not Permitted on a dead channel\n"),
        lambda end: end.answer("200 result=-1 endpos=100\nHANGUP\n"),
        lambda end: end.answer("200 result=-1 endpos=100\n", "HANGUP\n511 dead\n"),
        lambda end: end.answer("200 result=1 (hangup) endpos=0\n"),
        lambda end: end.connection.shutdown(socket.SHUT_RDWR),
    ],
    ids=["line", "511", "minus one", "minus one, then line", "word", "closed"],
)
def test_a_caller_who_hangs_up_is_noticed_however_asterisk_says_it(script) -> None:  # type: ignore[no-untyped-def]
    with playing(script) as (ours, _):
        session = session_of(ours)
        with pytest.raises(CallerHungUp):
            session.stream_file("menu", "")
        assert session.hung_up
        with pytest.raises(CallerHungUp):
            session.set_variable("A", "b")


def test_pyst2_takes_the_hangup_line_for_a_failure_and_a_hangup_for_a_value() -> None:
    agi, _ = pyst2("HANGUP\n200 result=1\n")
    with pytest.raises(ValueError):
        agi.set_variable("A", "b")
    agi, _ = pyst2("200 result=1 (hangup)\n")
    assert agi.get_variable("NAME") == "hangup"


def test_a_missing_file_is_not_a_hangup() -> None:
    replies = ("200 result=-1 endpos=0\n", "200 result=6\n", "200 result=1\n")
    with playing(lambda end: end.answer(*replies)) as (ours, _):
        session = session_of(ours)
        with pytest.raises(AGIAppError):
            session.stream_file("not-there", "")
        session.set_variable("A", "b")


def test_a_refused_command_does_not_shift_the_next_reply() -> None:
    usage = "520-Invalid command syntax.  Proper usage follows:\nUsage\n520 End of proper usage.\n"
    with playing(lambda end: end.answer(usage, "200 result=1 (next)\n")) as (ours, _):
        session = session_of(ours)
        with pytest.raises(AGIUsageError):
            session.noop()
        assert session.get_variable("A") == "next"


def test_a_caller_name_with_line_breaks_forges_no_variable() -> None:
    forged = "Eva\nagi_channel: PJSIP/other-1\nagi_dnid: 112\nagi_threadid: 7\n\n200 result=1 (x)"
    environment = ENVIRONMENT.replace("Lucía Peña", forged)
    with playing(lambda end: end.answer("200 result=1 (true)\n")) as (ours, _):
        session = AgiSession(ours, environment.encode())
        assert session.env["agi_channel"] == "PJSIP/trunk-0000002a"
        assert session.get_variable("A") == "true"

    forged = "Eva\nagi_dnid: 112"
    with playing(lambda end: None) as (ours, _):
        session = AgiSession(ours, ENVIRONMENT.replace("Lucía Peña", forged).encode())
        assert session.env["agi_dnid"] == "910000001"


def test_a_switch_that_does_not_answer_holds_the_call_no_longer_than_asked() -> None:
    with playing(lambda end: end.answer("")) as (ours, _):
        session = session_of(ours)
        with pytest.raises(Unavailable):
            session.ask("SPEECH SET", "turn", "x", limit_s=0.05)


def test_a_recording_ended_by_silence_has_no_key() -> None:
    with playing(lambda end: end.answer("200 result=0 (timeout) endpos=16000\n")) as (ours, end):
        assert session_of(ours).record_file("message", silence=4) == ""
    assert parse_args(end.commands[0])[-1] == "s=4"


def test_a_database_value_is_asked_for_by_its_own_name() -> None:
    agi, written = pyst2("200 result=1 (v)\n")
    agi.database_get("fa mily", "key")
    assert parse_args(written.getvalue().strip())[2] != "fa mily"
    with playing(lambda end: end.answer("200 result=1 (v)\n")) as (ours, end):
        assert session_of(ours).database_get("fa mily", "key") == "v"
    assert parse_args(end.commands[0]) == ["DATABASE", "GET", "fa mily", "key"]
