"""When a visit is reminded of: ahead, on the same morning, and afterwards whether it took place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.care.content import Content
from bot.care.recurrence import Habits, Schedule, occurrences

DEFAULT_LEAD = "1d,0d"
EVENING, LATEST = "19:00", "21:30"
EARLIEST = time(6, 0)
BEFORE_LEAVING = timedelta(minutes=90)
_AT_ANCHOR = {"morning": "07:30", "evening": EVENING, "noon": "12:00", "afternoon": "15:00"}


@dataclass(frozen=True, slots=True)
class Notice:
    """``about`` is ``ahead``, ``same_day`` or ``afterwards``."""

    about: str
    remind_at: datetime
    not_after: datetime


def notices(
    on_date: date, at_time: str | None, habits: Habits, *, lead: str | None, lead_at: str | None
) -> list[Notice]:
    """All reminders of one visit, in order.

    ``lead`` are days or minutes before (``2d``, ``120m``); the same morning is always among them
    unless the family named its own minutes. ``at_time`` None: only the day is known.
    """
    leads = (lead or DEFAULT_LEAD).split(",")
    hours = (lead_at or "").split(",")
    if not any(one.endswith("m") or one == "0d" for one in leads):
        leads, hours = [*leads, "0d"], [*hours[: len(leads)]]
    found = []
    for number, one in enumerate(leads):
        named = hours[number] if number < len(hours) else ""
        found.append(_notice(one, named, on_date, at_time, habits))
    if at_time is not None:
        asked = habits.moment(on_date, at_time) + timedelta(hours=3)
    else:
        asked = habits.moment(on_date, EVENING)
    asked = max(asked, habits.moment(on_date, EVENING))
    found.append(Notice("afterwards", asked, asked + timedelta(hours=18)))
    return sorted(set(found), key=lambda notice: notice.remind_at)


def first_look(
    schedule: Schedule, content: Content, habits: Habits, *, after: datetime
) -> datetime | None:
    """When the first reminder of the next visit of a plan is due."""
    for occurrence in occurrences(schedule, habits, after=after):
        clock = next(iter(schedule.times))
        due = notices(
            occurrence.local_date,
            habits.clock_of(clock, schedule.offset)[0].strftime("%H:%M"),
            habits,
            lead=content.lead,
            lead_at=content.lead_at,
        )
        return due[0].remind_at
    return None


def time_of(schedule: Mapping[str, object], slot: str, habits: Habits) -> str | None:
    """The hour of a plan's visit; None where the family named none."""
    if not schedule.get("timed", True):
        return None
    return habits.clock_of(slot, 0)[0].strftime("%H:%M")


def _notice(lead: str, named: str, on_date: date, at_time: str | None, habits: Habits) -> Notice:
    start = habits.moment(on_date, at_time) if at_time else habits.moment(on_date, "12:00")
    if lead.endswith("m"):
        return Notice("same_day", start - timedelta(minutes=int(lead[:-1])), start)
    days = int(lead[:-1])
    day = on_date - timedelta(days)
    if named:
        at = named if named[:1].isdigit() else _AT_ANCHOR.get(named, EVENING)
        remind_at = habits.moment(day, at)
    elif days:
        remind_at = habits.moment(day, EVENING)
    else:
        early = habits.moment(day, EARLIEST.strftime("%H:%M"))
        remind_at = min(habits.moment(day, "07:30"), max(start - BEFORE_LEAVING, early))
    if days:
        return Notice("ahead", remind_at, max(habits.moment(day, LATEST), remind_at))
    return Notice("same_day", remind_at, max(start, remind_at))
