"""When things fall due: each rule against a count of its own, and words of dates against days."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.care.calendar import Undated, date_of
from bot.care.ordering import NotScheduled, order_of
from bot.care.reading import read
from bot.care.recurrence import WINDOW, Habits, Schedule, next_after, occurrences, on_day
from bot.care.visit_times import notices
from bot.care.working_days import is_working_day, working_days_before
from bot.clock import LOCAL

HABITS = Habits({})
MONDAY = date(2026, 11, 23)
TEN = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL)
START = date(2026, 1, 31)

# Another way of counting the same days, over the two years after START.
COUNTED: dict[str, Callable[[date], bool]] = {
    "daily": lambda day: True,
    "every_3_days": lambda day: day in {START + timedelta(3 * n) for n in range(400)},
    "every_28_days": lambda day: day in {START + timedelta(28 * n) for n in range(40)},
    "weekly:MON,WED": lambda day: f"{day:%a}" in ("Mon", "Wed"),
    "cycle:5on2off": lambda day: (day - START).days % 7 in (0, 1, 2, 3, 4),
    "schedule:odd_days": lambda day: day.day in range(1, 32, 2),
    "schedule:even_days": lambda day: day.day in range(2, 32, 2),
    "monthly:15": lambda day: day.day == 15,
    "monthly:1,31": lambda day: day.day in (1, monthrange(day.year, day.month)[1]),
    "monthly:last_FRI": lambda day: (
        f"{day:%a}" == "Fri" and (day + timedelta(7)).month != day.month
    ),
    "monthly:second_TUE": lambda day: f"{day:%a}" == "Tue" and 8 <= day.day <= 14,
    "every_1_months": lambda day: day.day == monthrange(day.year, day.month)[1],
    "every_3_months": lambda day: (
        day.month in (1, 4, 7, 10) and day.day == monthrange(day.year, day.month)[1]
    ),
}


@pytest.mark.parametrize("repeat", COUNTED)
def test_days_of_each_rule(repeat: str) -> None:
    schedule = Schedule(("08:00",), repeat, START)
    days = [START + timedelta(n) for n in range(-5, 730)]
    expected = [day for day in days if day >= START and COUNTED[repeat](day)]
    found = [day for day in schedule.days(days[0]) if day <= days[-1]]
    assert found == expected


def test_days_end_with_the_last_day() -> None:
    schedule = Schedule(("08:00",), "daily", MONDAY, MONDAY + timedelta(2))
    assert list(schedule.days(date(2020, 1, 1))) == [MONDAY + timedelta(n) for n in range(3)]


@given(
    repeat=st.sampled_from(sorted(COUNTED)),
    times=st.lists(
        st.sampled_from(("00:10", "08:00", "08:30", "after_dinner", "bedtime", "23:50")),
        min_size=1,
        max_size=4,
        unique=True,
    ),
    offset=st.sampled_from((0, 30, -30)),
    minutes=st.integers(0, 60 * 24 * 30),
)
def test_looked_at_from_anywhere_the_same_times_are_found(
    repeat: str, times: list[str], offset: int, minutes: int
) -> None:
    """The plan alone decides: looking in the middle finds the rest of the same list."""
    schedule = Schedule(tuple(times), repeat, START, offset=offset)
    begin = datetime(2026, 2, 1, tzinfo=LOCAL)
    middle = begin + timedelta(minutes=minutes)
    end = begin + timedelta(days=70)

    def between(after: datetime) -> list[tuple[date, str]]:
        found = []
        for one in occurrences(schedule, HABITS, after=after):
            if one.due_at > end:
                break
            assert one.due_at > after
            assert timedelta() < one.ends_at - one.due_at <= WINDOW
            found.append((one.local_date, one.slot))
        return found

    whole, rest = between(begin), between(middle)
    assert whole[len(whole) - len(rest) :] == rest
    assert len(set(whole)) == len(whole)


def test_a_window_ends_where_the_next_time_begins() -> None:
    first, second = on_day(Schedule(("08:00", "09:00"), "daily", MONDAY), HABITS, MONDAY)
    assert first.ends_at == second.due_at
    assert second.ends_at == second.due_at + WINDOW


def test_a_schedule_is_kept_as_it_is() -> None:
    schedule = Schedule(("08:00", "bedtime"), "dates", START, MONDAY, (START, MONDAY), 30)
    assert Schedule.from_json(schedule.to_json()) == schedule


@pytest.mark.parametrize(
    ("words", "past", "day"),
    [
        ("today", False, "2026-11-23"),
        ("+2d", False, "2026-11-25"),
        ("+3mon", False, "2027-02-23"),
        ("-1d", True, "2026-11-22"),
        ("next_WED", False, "2026-12-02"),
        ("this_WED", False, "2026-11-25"),
        ("this_MON", False, "2026-11-23"),
        ("next_next_MON", False, "2026-12-07"),
        ("last_WED", True, "2026-11-18"),
        ("12-03", False, "2026-12-03"),
        ("01-05", False, "2027-01-05"),
        ("10-20", True, "2026-10-20"),
        ("day:15", False, "2026-12-15"),
        ("day:31", False, "2026-12-31"),
        ("day:20", True, "2026-11-20"),
        ("month_end", False, "2026-11-30"),
        ("next_month:03", False, "2026-12-03"),
        ("this_month:last_FRI", False, "2026-11-27"),
        ("last_month:20", True, "2026-10-20"),
        ("next_year:03-05", False, "2027-03-05"),
        ("2026-12-15", False, "2026-12-15"),
    ],
)
def test_words_of_dates(words: str, past: bool, day: str) -> None:
    assert date_of(words, today=MONDAY, past=past).isoformat() == day


@pytest.mark.parametrize("words", ["lunar:08-16", "month_start", "soon", "next_month", "02-30"])
def test_no_day_is_guessed(words: str) -> None:
    with pytest.raises(Undated):
        date_of(words, today=MONDAY)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("奥氮平早1片晚2片", ["11-23 20:00 2片", "11-24 08:00 1片", "11-24 20:00 2片"]),
        (
            "利培酮前三天早上半片，以后早上一片",
            ["11-24 08:00 0.5片", "11-25 08:00 0.5片", "11-26 08:00 0.5片", "11-27 08:00 1片"],
        ),
        ("氯氮平隔一天晚上9点吃一片", ["11-23 21:00 1片", "11-25 21:00 1片"]),
        ("善思达每28天打一针，上次是11月2号打的", ["11-30 08:00 1针", "12-28 08:00 1针"]),
        ("善思达每28天打一针，上次是10月2号打的", ["11-23 08:00 1针", "12-21 08:00 1针"]),
        ("从明天起善思达第1天、第8天各打一针，以后每月一针", ["11-24", "12-01", "01-01"]),
        ("善思达明天打第一针，第8天打一针，以后每月一针", ["11-24", "12-01", "01-01"]),
        ("头孢早晚各一粒，吃三天", ["11-23 20:00 1粒", "11-24 08:00 1粒", "11-24 20:00 1粒"]),
        ("20分钟后提醒我吃药", ["11-23 10:20"]),
    ],
)
def test_from_words_to_times(text: str, first: list[str]) -> None:
    (reading,) = read(text)
    order = order_of(reading, habits=HABITS, now=TEN)
    after = TEN - timedelta(hours=3) if order.kind == "injection" else TEN
    found = []
    for one in islice(occurrences(order.schedule, HABITS, after=after), len(first)):
        dose = order.content.dose_on(one.local_date, one.slot)
        found.append(f"{one.due_at.astimezone(LOCAL):%m-%d %H:%M} {dose or ''}")
    assert [one[: len(wanted)] for one, wanted in zip(found, first, strict=True)] == first


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("烦躁的时候吃半片劳拉西泮", "prn"),
        ("每月农历十五提醒我吃奥氮平", "lunar"),
        ("奥氮平每天8点一片", "open"),
        ("奥氮平一天两片", "open"),
    ],
)
def test_what_is_open_is_never_scheduled(text: str, why: str) -> None:
    (reading,) = read(text)
    with pytest.raises(NotScheduled) as refused:
        order_of(reading, habits=HABITS, now=TEN)
    assert refused.value.why == why


def test_own_times_and_offsets() -> None:
    own = Habits({"after_breakfast": "23:50"})
    found = next_after(Schedule(("after_breakfast",), "daily", MONDAY, offset=30), own, after=TEN)
    assert found is not None
    assert (found.local_date, found.due_at.astimezone(LOCAL).strftime("%d %H:%M")) == (
        MONDAY,
        "24 00:20",
    )


@pytest.mark.parametrize(
    ("at_time", "lead", "lead_at", "expected"),
    [
        ("09:30", None, None, ["24 19:00", "25 07:30", "25 19:00"]),
        ("07:00", None, None, ["24 19:00", "25 06:00", "25 19:00"]),
        (None, None, None, ["24 19:00", "25 07:30", "25 19:00"]),
        ("09:30", "2d", None, ["23 19:00", "25 07:30", "25 19:00"]),
        ("15:00", "120m", None, ["25 13:00", "25 19:00"]),
        ("09:30", "1d,0d", "evening,morning", ["24 19:00", "25 07:30", "25 19:00"]),
        ("18:00", "1d", "20:00", ["24 20:00", "25 07:30", "25 21:00"]),
    ],
)
def test_when_a_visit_is_reminded_of(
    at_time: str | None, lead: str | None, lead_at: str | None, expected: list[str]
) -> None:
    found = notices(date(2026, 11, 25), at_time, HABITS, lead=lead, lead_at=lead_at)
    assert [one.remind_at.strftime("%d %H:%M") for one in found] == expected
    assert all(one.remind_at <= one.not_after for one in found)


def test_working_days() -> None:
    assert not is_working_day(date(2026, 10, 1))  # National Day
    assert is_working_day(date(2026, 10, 10))  # a Saturday worked in exchange
    assert is_working_day(date(2090, 11, 22))  # not published: a Wednesday
    assert working_days_before(date(2026, 11, 30), 5) == date(2026, 11, 23)
