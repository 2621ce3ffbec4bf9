"""A reading made into an order: absolute dates, times that a clock can keep, or a refusal.

Nothing is guessed here: what the reading still asks, what is as needed and what follows the moon
is not scheduled.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.care.calendar import Undated, add_months, date_of
from bot.care.content import Content
from bot.care.reading import PlanReading
from bot.care.recurrence import DEFAULT_ANCHORS, Habits, Schedule

_INTERVAL = re.compile(r"every_(\d+)_(days|months)")
_RULES = re.compile(
    r"daily|weekly:[A-Z,]+|monthly:[\w,]+|every_\d+_(?:days|months)"
    r"|cycle:\d+on\d+off|schedule:(?:odd|even)_days"
)
_MORNING = "08:00"
"""Stands in for an appointment whose hour nobody knows."""


class NotScheduled(ValueError):
    """No reminder can be kept from this reading; ``why`` is ``open``, ``prn``, ``lunar``,
    ``undated``, ``past`` or ``refused``."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Order:
    """What `bot.care.plans` keeps: when, and what."""

    kind: str
    schedule: Schedule
    content: Content
    timed: bool = True
    """False for an appointment of which only the day is known."""


def order_of(reading: PlanReading, *, habits: Habits, now: datetime) -> Order:
    """The order that a complete reading makes at this moment; raises `NotScheduled`."""
    if reading.refuse:
        raise NotScheduled("refused")
    if reading.repeat == "prn":
        raise NotScheduled("prn")
    if "lunar" in reading.needs or "lunar" in (reading.repeat or ""):
        raise NotScheduled("lunar")
    if reading.needs or any("|" in one or one.endswith("_meal") for one in reading.times):
        raise NotScheduled("open")
    today = habits.day_of(now)
    try:
        schedule, steps = _schedule(reading, today=today, habits=habits, now=now)
    except Undated as error:
        raise NotScheduled("undated") from error
    if schedule.until is not None and schedule.until < today:
        raise NotScheduled("past")
    content = Content(
        drug=reading.drug,
        drug_text=reading.drug_text,
        dose=reading.dose,
        dose_by_time=dict(reading.dose_by_time),
        strength=reading.strength,
        steps=steps,
        lead=reading.lead,
        lead_at=reading.lead_at,
    )
    return Order(reading.kind, schedule, content, timed=bool(reading.times))


def _schedule(
    reading: PlanReading, *, today: date, habits: Habits, now: datetime
) -> tuple[Schedule, tuple[tuple[str, str], ...]]:
    times = tuple(reading.times) or ((_MORNING,) if reading.kind != "medication" else ())
    if not times:
        raise NotScheduled("open")
    if times[0].startswith("+"):
        moment = now + timedelta(minutes=int(times[0][1:-1]))
        day = habits.day_of(moment)
        clock = moment.astimezone(habits.moment(day, "00:00").tzinfo).strftime("%H:%M")
        return Schedule((clock,), "dates", day, day, (day,)), ()
    if any(not one[:1].isdigit() and one not in DEFAULT_ANCHORS for one in times):
        raise NotScheduled("open")
    offset = int(reading.offset[:-1]) if reading.offset else 0
    if reading.start:
        start = date_of(reading.start, today=today)
    else:
        # Said at noon, a course of mornings begins tomorrow, and has all its days.
        still = any(habits.moment(today, slot, offset) > now for slot in times)
        start = today if still else today + timedelta(1)
    until = _last_day(reading.until, start, today)
    if reading.steps:
        steps, start = _steps(reading, start, today)
        return Schedule(times, "daily", start, until, offset=offset), steps
    repeat, start, dates = _days(reading, start, today)
    if repeat == "dates":
        start, until = min(dates), max(dates)
    return Schedule(times, repeat, start, until, dates, offset), ()


def _days(reading: PlanReading, start: date, today: date) -> tuple[str, date, tuple[date, ...]]:
    """The rule, the day it counts from, and single days beside it."""
    repeat = reading.repeat or "daily"
    if repeat.startswith("once:"):
        day = date_of(repeat.removeprefix("once:"), today=today)
        return "dates", day, (day,)
    if repeat.startswith("schedule:") and "→" in repeat:
        return _series(repeat.removeprefix("schedule:"), start, today)
    repeat = {"quarterly": "every_3_months", "monthly": "every_1_months"}.get(repeat, repeat)
    if not _RULES.fullmatch(repeat):
        raise Undated(repeat)
    interval = _INTERVAL.fullmatch(repeat)
    if interval and reading.last and not reading.start:
        last = date_of(reading.last, today=today, past=True)
        following = (
            last + timedelta(int(interval[1]))
            if interval[2] == "days"
            else add_months(last, int(interval[1]))
        )
        # Counted from the last one, or the 31st would creep to the 28th. One that is overdue is
        # due now, never silently skipped.
        start = last if following >= today else today
    elif interval and not reading.start and reading.kind != "medication":
        raise Undated(repeat)
    return repeat, start, ()


def _series(words: str, start: date, today: date) -> tuple[str, date, tuple[date, ...]]:
    """``day_1→day_8→monthly``: single days, then a rhythm counted from the last of them."""
    *days, rest = words.split("→")
    dates = tuple(
        start + timedelta(int(one[4:]) - 1) if one.startswith("day_") else date_of(one, today=today)
        for one in days
    )
    if days and days[0].startswith("day_") and dates[0] != start:
        dates = (start, *dates)  # 明天打第一针,第8天再打: the first has its own day
    if not dates or any(one <= other for other, one in itertools.pairwise(dates)):
        raise Undated(words)
    rule = {"monthly": "every_1_months", "quarterly": "every_3_months"}.get(rest, rest)
    if _INTERVAL.fullmatch(rule):
        # Kept whole in single days up to the last, and from there by the rhythm alone.
        return f"after:{dates[-1].isoformat()}:{rule}", dates[0], dates
    if rest.startswith("day_") or rest[:1].isdigit():
        last = (
            start + timedelta(int(rest[4:]) - 1) if rest[:1] == "d" else date_of(rest, today=today)
        )
        return "dates", dates[0], (*dates, last)
    raise Undated(words)


def _steps(
    reading: PlanReading, start: date, today: date
) -> tuple[tuple[tuple[str, str], ...], date]:
    """Each step's first day and dose. A date past by less than its step has begun already."""
    found: list[tuple[str, str]] = []
    day = start
    lasting = all(not step.when or re.fullmatch(r"\d+d", step.when) for step in reading.steps)
    for step in reading.steps:
        if lasting:
            found.append((day.isoformat(), step.dose))
            day += timedelta(int(step.when[:-1])) if step.when else timedelta()
            continue
        day = _step_day(step.when, today) if step.when else start
        if found and day.isoformat() <= found[-1][0]:
            raise Undated(step.when)
        found.append((day.isoformat(), step.dose))
    return tuple(found), date.fromisoformat(found[0][0])


def _step_day(words: str, today: date) -> date:
    if words in ("this_week", "next_week"):
        monday = today - timedelta(today.weekday())
        return today if words == "this_week" else monday + timedelta(7)
    return date_of(words, today=today)


def _last_day(words: str | None, start: date, today: date) -> date | None:
    """``+7d`` is a course of seven days; anything else names the last day itself."""
    if words is None:
        return None
    if found := re.fullmatch(r"\+(\d+)d", words):
        return start + timedelta(int(found[1]) - 1)
    if found := re.fullmatch(r"\+(\d+)mon", words):
        return add_months(start, int(found[1])) - timedelta(1)
    return date_of(words, today=today)
