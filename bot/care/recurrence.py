"""When a plan falls due: computed from the plan alone, never from the moment of looking.

A `Schedule` holds days (a rule, or single dates) and times (clock times, or anchors such as
``after_breakfast`` that stand for the person's own times). An occurrence is named by its local
date and its time as ordered (slot), so that the same one is found again however often, and by
however many processes, it is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.care.calendar import WEEKDAYS, add_months, day_in_month

DEFAULT_ANCHORS = {
    "morning": "08:00",
    "noon": "12:00",
    "afternoon": "15:00",
    "evening": "20:00",
    "bedtime": "21:30",
    "before_breakfast": "07:00",
    "with_breakfast": "07:30",
    "after_breakfast": "08:00",
    "before_lunch": "11:30",
    "with_lunch": "12:00",
    "after_lunch": "12:30",
    "before_dinner": "17:30",
    "with_dinner": "18:00",
    "after_dinner": "18:30",
}
"""Used until the family has named its own times."""
WINDOW = timedelta(hours=2)
"""How long after its time a dose may still be reminded of; shorter before the next one."""
_FURTHEST = 800
"""Days to look ahead: more than any plan pauses."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which something is due. Later than ``ends_at`` it is missed."""

    local_date: date
    slot: str
    due_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """``repeat`` is a rule of the contract (``daily``, ``weekly:MON,WED``, ``every_3_days``,
    ``cycle:5on2off``, ``schedule:odd_days``) or ``dates``; intervals count from ``start``.

    ``dates`` are further single days: of a series, or all of them. ``until`` is the last day.
    ``offset``: minutes added to anchors (饭后半小时).
    """

    times: tuple[str, ...]
    repeat: str
    start: date
    until: date | None = None
    dates: tuple[date, ...] = ()
    offset: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "times": list(self.times),
            "repeat": self.repeat,
            "start": self.start.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "dates": [day.isoformat() for day in self.dates],
            "offset": self.offset,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Schedule:
        return cls(
            times=tuple(kept["times"]),
            repeat=kept["repeat"],
            start=date.fromisoformat(kept["start"]),
            until=date.fromisoformat(kept["until"]) if kept["until"] else None,
            dates=tuple(map(date.fromisoformat, kept["dates"])),
            offset=kept["offset"],
        )

    def falls_on(self, day: date) -> bool:
        """Whether something is due on this day."""
        if day < self.start or (self.until is not None and day > self.until):
            return False
        return day in self.dates or (self.repeat != "dates" and _rule(self, day))

    def days(self, first: date) -> Iterator[date]:
        """The days on which something is due, from ``first`` on, in order."""
        day = max(first, self.start)
        for _ in range(_FURTHEST):
            if self.until is not None and day > self.until:
                return
            if self.falls_on(day):
                yield day
            day += timedelta(1)


@dataclass(frozen=True, slots=True)
class Habits:
    """A person's own times and time zone."""

    anchors: Mapping[str, str]
    timezone: str = "Asia/Shanghai"

    def clock_of(self, slot: str, offset: int) -> tuple[time, int]:
        """The clock time of a slot, and days to add where the offset crosses midnight."""
        if slot[:1].isdigit():
            return time.fromisoformat(slot), 0
        named = time.fromisoformat(self.anchors.get(slot) or DEFAULT_ANCHORS[slot])
        minutes = named.hour * 60 + named.minute + offset
        return time(minutes // 60 % 24, minutes % 60), minutes // 1440

    def moment(self, day: date, slot: str, offset: int = 0) -> datetime:
        """The aware moment of a slot on a local day."""
        clock, days = self.clock_of(slot, offset)
        return datetime.combine(day + timedelta(days), clock, ZoneInfo(self.timezone))

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.timezone)).date()


def occurrences(schedule: Schedule, habits: Habits, *, after: datetime) -> Iterator[Occurrence]:
    """What falls due after a moment, in order, without end but for the plan's own."""
    # A slot after midnight by its offset belongs to the day before.
    first = habits.day_of(after) - timedelta(1)
    for day in schedule.days(first):
        for occurrence in on_day(schedule, habits, day):
            if occurrence.due_at > after:
                yield occurrence


def on_day(schedule: Schedule, habits: Habits, day: date) -> list[Occurrence]:
    """The times of one day on which something is due, in order."""
    moments = sorted(
        (habits.moment(day, slot, schedule.offset), slot) for slot in dict.fromkeys(schedule.times)
    )
    found = []
    for due, slot in moments:
        later = [other for other, _ in moments if other > due]
        end = min(due + WINDOW, *later) if later else due + WINDOW
        found.append(Occurrence(day, slot, due, end))
    return found


def next_after(schedule: Schedule, habits: Habits, *, after: datetime) -> Occurrence | None:
    return next(occurrences(schedule, habits, after=after), None)


def _rule(schedule: Schedule, day: date) -> bool:
    """Whether the rule alone names this day."""
    repeat, start = schedule.repeat, schedule.start
    scope, _, rest = repeat.partition(":")
    if repeat == "daily":
        return True
    if found := re.fullmatch(r"every_(\d+)_days", repeat):
        return (day - start).days % int(found[1]) == 0
    if found := re.fullmatch(r"every_(\d+)_months", repeat):
        months = (day.year - start.year) * 12 + day.month - start.month
        return months % int(found[1]) == 0 and add_months(start, months) == day
    if scope == "after":
        # A rhythm that begins with the last day of a series.
        begin, _, rhythm = rest.partition(":")
        first = date.fromisoformat(begin)
        return day > first and _rule(replace(schedule, repeat=rhythm, start=first), day)
    if scope == "weekly":
        return WEEKDAYS[day.weekday()] in rest.split(",")
    if scope == "monthly":
        return any(day_in_month(one, day.replace(day=1)) == day for one in rest.split(","))
    if found := re.fullmatch(r"cycle:(\d+)on(\d+)off", repeat):
        on, off = int(found[1]), int(found[2])
        return (day - start).days % (on + off) < on
    if repeat == "schedule:odd_days":
        return day.day % 2 == 1
    if repeat == "schedule:even_days":
        return day.day % 2 == 0
    raise ValueError(f"no rule: {repeat}")
