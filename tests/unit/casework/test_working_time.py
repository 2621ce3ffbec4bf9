from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.casework import working_time
from bot.casework.working_time import Calendar
from bot.clock import LOCAL

OFFICE = Calendar(time(8, 30), time(17, 30), time(12, 0), time(14, 0))
DAY = timedelta(hours=7)
MOMENTS = st.integers(0, 334 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=LOCAL) + timedelta(minutes=minutes)
)
LENGTHS = st.timedeltas(timedelta(), timedelta(days=3))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23 09:00", 1, "2026-11-23 10:00"),
        ("2026-11-23 11:30", 1, "2026-11-23 14:30"),  # over lunch
        ("2026-11-23 12:30", 1, "2026-11-23 15:00"),  # begun at lunch
        ("2026-11-23 17:00", 1, "2026-11-24 09:00"),  # over night
        ("2026-11-27 17:00", 1, "2026-11-30 09:00"),  # over the weekend
        ("2026-11-28 10:00", 1, "2026-11-30 09:30"),  # begun on a Saturday
        ("2026-09-30 17:00", 1, "2026-10-08 09:00"),  # over the National Day holidays
        ("2026-02-14 10:00", 1, "2026-02-14 11:00"),  # a Saturday that is worked
        ("2026-11-23 09:00", 7, "2026-11-24 09:00"),
        ("2026-11-23 03:00", 0, "2026-11-23 03:00"),
    ],
)
def test_adding_working_time(start: str, hours: int, end: str) -> None:
    assert OFFICE.add(at(start), timedelta(hours=hours)) == at(end)


def test_what_an_administrator_set_outweighs_the_calendar() -> None:
    typhoon = Calendar(
        OFFICE.opens,
        OFFICE.closes,
        OFFICE.lunch_from,
        OFFICE.lunch_to,
        {date(2026, 11, 24): False, date(2026, 11, 28): True},
    )
    assert typhoon.add(at("2026-11-23 17:00"), timedelta(hours=1)) == at("2026-11-25 09:00")
    assert typhoon.add(at("2026-11-27 17:00"), timedelta(hours=1)) == at("2026-11-28 09:00")


def test_an_unknown_year_counts_monday_to_friday(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(day: date) -> bool:
        raise NotImplementedError

    monkeypatch.setattr(working_time.chinese_calendar, "is_workday", unknown)
    assert OFFICE.is_working(date(2030, 10, 1))  # a Tuesday, whatever will be decided
    assert not OFFICE.is_working(date(2030, 10, 5))
    assert not working_time.is_known_year(2030)


@given(MOMENTS, LENGTHS)
def test_what_was_added_has_passed(start: datetime, working: timedelta) -> None:
    assert OFFICE.between(start, OFFICE.add(start, working)) == working


@given(MOMENTS, LENGTHS, LENGTHS)
def test_stopping_the_clock_loses_nothing(
    start: datetime, first: timedelta, rest: timedelta
) -> None:
    assert OFFICE.add(OFFICE.add(start, first), rest) == OFFICE.add(start, first + rest)


@given(MOMENTS, LENGTHS)
def test_work_ends_in_office_hours(start: datetime, working: timedelta) -> None:
    end = OFFICE.add(start, working).astimezone(LOCAL)
    if working:
        assert OFFICE.is_working(end.date())
        assert OFFICE.opens < end.time() <= OFFICE.lunch_from or (
            OFFICE.lunch_to < end.time() <= OFFICE.closes
        )


@given(MOMENTS)
def test_hours_without_a_lunch_break(start: datetime) -> None:
    through = Calendar(time(9), time(17), time(12), time(12))
    assert through.day_length == timedelta(hours=8)
    assert through.between(start, start + timedelta(days=1)) <= timedelta(hours=8)


def test_a_calendar_without_any_working_day_is_no_endless_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Calendar, "is_working", lambda self, day: False)
    with pytest.raises(ValueError, match="no working time"):
        OFFICE.add(at("2026-11-23 09:00"), timedelta(hours=1))


def test_open() -> None:
    assert OFFICE.day_length == DAY
    assert OFFICE.is_open(at("2026-11-23 08:30"))
    for closed in ("2026-11-23 12:30", "2026-11-23 17:30", "2026-11-22 10:00"):
        assert not OFFICE.is_open(at(closed))
