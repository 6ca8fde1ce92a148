"""Free slots: hours, holidays, leave, changes of the clock, and what is offered first."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ivr.clinic.agenda import Agenda
from ivr.clinic.model import Leave, LocalHoliday, OpeningHours, ProfessionalHours
from ivr.clinic.opening import Calendar, at
from ivr.clinic.schemas import Slot, SlotQuery
from ivr.clinic.slots import Shift, choose, free_slots
from ivr.clock import FixedClock, local
from ivr.database import Database
from tests.clinic.world import World

MADRID = "Europe/Madrid"
MINUTES = st.integers(min_value=0, max_value=24 * 60 - 1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def hour(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


@st.composite
def stretch(draw: st.DrawFn) -> tuple[time, time]:
    first, last = sorted((draw(MINUTES), draw(MINUTES)))
    return hour(first), hour(last)


@given(
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    zone=st.sampled_from([MADRID, "America/Mexico_City", "America/Tijuana", "Atlantic/Canary"]),
    shift=stretch(),
    opening=stretch(),
    busy=st.lists(st.tuples(MINUTES, st.integers(5, 180)), max_size=8),
    length=st.integers(5, 120),
    grid=st.sampled_from([5, 10, 15, 20, 30]),
    earliest=MINUTES,
)
def test_every_slot_lies_within_hours_and_touches_nothing_taken(
    day: date,
    zone: str,
    shift: tuple[time, time],
    opening: tuple[time, time],
    busy: list[tuple[int, int]],
    length: int,
    grid: int,
    earliest: int,
) -> None:
    taken = [
        (at(day, hour(start), zone), at(day, hour(start), zone) + timedelta(minutes=minutes))
        for start, minutes in busy
    ]
    opens, closes = at(day, opening[0], zone), at(day, opening[1], zone)
    found = free_slots(
        day,
        [Shift(1, 1, day.weekday(), *shift)],
        service_id=1,
        length=timedelta(minutes=length),
        grid=timedelta(minutes=grid),
        zone=zone,
        opening=[(opens, closes)],
        busy={1: taken},
        earliest=at(day, hour(earliest), zone),
    )
    for slot in found:
        assert slot.ends_at - slot.starts_at == timedelta(minutes=length)
        assert max(opens, at(day, shift[0], zone), at(day, hour(earliest), zone)) <= slot.starts_at
        assert slot.ends_at <= min(closes, at(day, shift[1], zone))
        assert not any(a < slot.ends_at and slot.starts_at < b for a, b in taken)
    assert found == sorted(found, key=lambda s: s.starts_at)


@given(
    starts=st.lists(st.integers(0, 200), unique=True, max_size=60),
    limit=st.integers(1, 5),
    spread=st.booleans(),
)
def test_asking_for_more_offers_every_slot_once(
    starts: list[int], limit: int, spread: bool
) -> None:
    base = datetime(2026, 11, 23, 8, tzinfo=UTC)
    free = [
        Slot(1, 1, 1, base + timedelta(minutes=15 * n), base + timedelta(minutes=15 * n + 15))
        for n in starts
    ]
    offered: list[Slot] = []
    for skip in range(0, len(free) + limit, limit):
        query = SlotQuery(service_id=1, limit=limit, skip=skip, spread=spread)
        offered += choose(free, query, {1: MADRID}, {})
    assert sorted(offered, key=lambda s: s.starts_at) == sorted(free, key=lambda s: s.starts_at)
    assert len(offered) == len(set(offered))


def test_three_offers_are_spread_over_different_half_days() -> None:
    calendar = Calendar(MADRID, "es", "MD", {})
    days = [date(2026, 11, 23), date(2026, 11, 24)]
    free = [
        Slot(1, 1, 1, start, start + timedelta(minutes=30))
        for day in days
        for start in (at(day, hour(60 * 9 + 30 * n), calendar.zone) for n in range(20))
    ]
    offered = choose(free, SlotQuery(service_id=1), {1: MADRID}, {})
    assert [local(s.starts_at, MADRID).strftime("%d %H:%M") for s in offered] == [
        "23 09:00",
        "23 14:00",
        "24 09:00",
    ]


def test_of_two_free_at_once_the_less_busy_professional_is_offered() -> None:
    start = datetime(2026, 11, 23, 9, tzinfo=UTC)
    both = [Slot(p, 1, 1, start, start + timedelta(minutes=30)) for p in (1, 2)]
    assert choose(both, SlotQuery(service_id=1, limit=1), {1: MADRID}, {1: 300, 2: 30}) == [both[1]]


def on(agenda: Agenda, world: World, day: date, branch: int | None = None) -> list[Slot]:
    return agenda.find_slots(
        SlotQuery(
            service_id=world.check,
            branch_id=branch or world.madrid,
            date_from=day,
            date_to=day,
            limit=100,
            spread=False,
        )
    )


def test_no_slots_on_holidays_of_the_place(agenda: Agenda, world: World) -> None:
    constitution, feast = date(2026, 12, 7), date(2026, 12, 8)
    assert on(agenda, world, constitution) == []
    assert on(agenda, world, feast) == []
    assert on(agenda, world, constitution, world.mexico)
    assert on(agenda, world, date(2026, 12, 9))
    christmas = date(2026, 12, 25)
    assert on(agenda, world, christmas) == on(agenda, world, christmas, world.mexico) == []


def test_no_slots_on_the_clinics_own_days_off(
    agenda: Agenda, database: Database, world: World
) -> None:
    guadalupe = date(2026, 12, 12)
    assert on(agenda, world, guadalupe, world.mexico)
    with database.transaction() as session:
        session.add(LocalHoliday(branch_id=world.mexico, day=guadalupe, name="Guadalupe"))
    agenda._directory.forget()
    assert on(agenda, world, guadalupe, world.mexico) == []


def test_no_slots_while_a_professional_is_away(
    agenda: Agenda, database: Database, world: World
) -> None:
    with database.transaction() as session:
        session.add(
            Leave(
                professional_id=world.ruiz,
                first_day=date(2026, 11, 24),
                last_day=date(2026, 11, 25),
            )
        )
    for day, expected in ((23, True), (24, False), (25, False), (26, True)):
        slots = on(agenda, world, date(2026, 11, day))
        assert (world.ruiz in {s.professional_id for s in slots}) is expected
        assert world.soto in {s.professional_id for s in slots}


def test_nothing_is_offered_within_the_next_hour(
    agenda: Agenda, clock: FixedClock, world: World
) -> None:
    clock.moment = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)
    first = on(agenda, world, date(2026, 11, 23))[0]
    assert first.starts_at == datetime(2026, 11, 23, 10, 15, tzinfo=UTC)


def test_only_who_can_do_the_service_is_offered(agenda: Agenda, world: World) -> None:
    found = agenda.find_slots(SlotQuery(service_id=world.implant, limit=50))
    assert {s.professional_id for s in found} == {world.ruiz}
    assert agenda.find_slots(SlotQuery(service_id=world.implant, branch_id=world.mexico)) == []


def test_wishes_narrow_the_offer(agenda: Agenda, world: World) -> None:
    found = agenda.find_slots(
        SlotQuery(
            service_id=world.check,
            branch_id=world.madrid,
            weekdays=frozenset({2}),
            time_from=time(12),
            time_to=time(13),
            excluded_dates=frozenset({date(2026, 11, 25)}),
            limit=50,
        )
    )
    assert found
    for slot in found:
        start = local(slot.starts_at, MADRID)
        assert start.weekday() == 2 and time(12) <= start.time() <= time(13)
        assert start.date() != date(2026, 11, 25)


def test_more_gives_other_slots_until_there_are_none(agenda: Agenda, world: World) -> None:
    day = date(2026, 11, 24)
    offered: list[Slot] = []
    while more := agenda.find_slots(
        SlotQuery(
            service_id=world.check,
            branch_id=world.madrid,
            date_from=day,
            date_to=day,
            skip=len(offered),
        )
    ):
        offered += more
    assert len(offered) == len(set(offered)) == len(on(agenda, world, day))


def night_shift(database: Database, world: World) -> None:
    with database.transaction() as session:
        session.query(ProfessionalHours).delete()
        session.query(OpeningHours).delete()
        session.add(OpeningHours(branch_id=world.madrid, weekday=6, opens=time(0), closes=time(6)))
        session.add(
            ProfessionalHours(
                professional_id=world.ruiz,
                branch_id=world.madrid,
                weekday=6,
                starts=time(0, 30),
                ends=time(5),
            )
        )


def test_the_night_the_clocks_go_forward_has_no_slots_in_the_missing_hour(
    agenda: Agenda, clock: FixedClock, database: Database, world: World
) -> None:
    night_shift(database, world)
    clock.moment = datetime(2026, 3, 20, tzinfo=UTC)
    starts = [local(s.starts_at, MADRID) for s in on(agenda, world, date(2026, 3, 29))]
    hours = {s.strftime("%H:%M") for s in starts}
    assert "01:30" in hours and "03:00" in hours
    assert not any(s.hour == 2 for s in starts)
    real = [s.astimezone(UTC) for s in starts]
    assert real[-1] - real[0] == timedelta(hours=3)


def test_the_night_the_clocks_go_back_every_real_half_hour_is_offered_once(
    agenda: Agenda, clock: FixedClock, database: Database, world: World
) -> None:
    night_shift(database, world)
    clock.moment = datetime(2026, 10, 20, tzinfo=UTC)
    slots = on(agenda, world, date(2026, 10, 25))
    starts = [s.starts_at for s in slots]
    assert len(starts) == len(set(starts))
    assert starts[-1] - starts[0] == timedelta(hours=5)
    assert [s.astimezone(ZoneInfo(MADRID)).strftime("%H:%M") for s in starts].count("02:30") == 2


def test_a_shift_keeps_its_wall_clock_hours_across_the_change(
    agenda: Agenda, clock: FixedClock, world: World
) -> None:
    clock.moment = datetime(2026, 3, 20, tzinfo=UTC)
    before, after = (on(agenda, world, date(2026, 3, day))[0].starts_at for day in (27, 30))
    assert local(before, MADRID).time() == local(after, MADRID).time() == time(9)
    assert after.hour == before.hour - 1
