"""Keys that were pressed while no AGI command ran."""

import threading
import time

from ivr.adapters.asterisk.ami_packets import Packet
from ivr.adapters.asterisk.keys import KeyFeed, KeyReports


def test_a_key_pressed_between_two_commands_comes_before_the_one_that_was_returned() -> None:
    feed = KeyFeed(lambda: True)
    for key in "12":
        feed.note(key)
    assert feed.until("2") == "12"
    assert feed.lost() == ""


def test_the_same_key_twice_is_two_keys_even_if_one_was_lost() -> None:
    feed = KeyFeed(lambda: True)
    feed.note("1")
    assert feed.until("1") == "1"
    feed.note("1")
    assert feed.lost() == "1"


def test_a_report_that_comes_a_little_later_is_awaited() -> None:
    feed = KeyFeed(lambda: True)
    threading.Timer(0.05, feed.note, "7").start()
    assert feed.until("7") == "7"
    assert feed.lost() == ""


def test_a_report_that_comes_too_late_is_not_taken_for_another_key() -> None:
    feed = KeyFeed(lambda: True)
    assert feed.until("7") == "7"
    feed.note("7")
    assert feed.lost() == ""


def test_without_a_manager_connection_no_key_is_waited_for() -> None:
    feed, before = KeyFeed(lambda: False), time.monotonic()
    assert feed.until("5") == "5"
    assert time.monotonic() - before < 0.1


def test_reports_go_to_their_own_line_while_it_is_followed() -> None:
    reports = KeyReports(lambda: True)
    mine, other = reports.follow("1.1"), reports.follow("1.2")

    def report(line: str, key: str, direction: str = "Received") -> None:
        reports.handle(Packet(Event="DTMFEnd", Direction=direction, Uniqueid=line, Digit=key))

    report("1.1", "3")
    report("1.1", "9", "Sent")
    report("1.2", "4")
    report("1.3", "5")
    assert (mine.lost(), other.lost()) == ("3", "4")
    reports.leave("1.1")
    report("1.1", "6")
    assert mine.lost() == ""
