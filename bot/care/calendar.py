"""Dates of everyday speech made absolute, seen from one day.

The words are those of `bot.care.reading` (docs/plan-reading.md): ``+2d``, ``next_WED``,
``day:15``, ``month_end``, ``10-08``.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_NTH = {"first": 0, "second": 1, "third": 2, "fourth": 3}
_MONTHS_AWAY = {"last_month": -1, "this_month": 0, "next_month": 1, "month_after_next": 2}
_WEEKS_AWAY = {"last": -1, "this": 0, "next": 1, "next_next": 2}


class Undated(ValueError):
    """These words name no day that could be kept: they must be asked back."""


def date_of(words: str, *, today: date, past: bool = False) -> date:
    """The day that ``words`` mean on ``today``; with ``past`` the latest such day, else the next.

    Raises `Undated` for what names no single day (农历, 月初, 节后) or none that exists.
    """
    if words == "today":
        return today
    if found := re.fullmatch(r"([+-]\d+)d", words):
        return today + timedelta(int(found[1]))
    if found := re.fullmatch(r"([+-]\d+)mon", words):
        return add_months(today, int(found[1]))
    if found := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", words):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d\d)-(\d\d)", words):
        return _month_day(int(found[1]), int(found[2]), today, past=past)
    if found := re.fullmatch(r"(last|this|next|next_next)_([A-Z]{3})", words):
        return _weekday(found[1], found[2], today)
    if words in ("month_end", "next_month_end"):
        return _last_day(add_months(today.replace(day=1), int(words != "month_end")))
    if words == "year_end":
        return date(today.year, 12, 31)
    scope, _, rest = words.partition(":")
    if scope == "day" and rest.isdecimal():
        return _day_of_month(int(rest), today, past=past)
    if scope in _MONTHS_AWAY and rest:
        month = add_months(today.replace(day=1), _MONTHS_AWAY[scope])
        return day_in_month(rest, month)
    if scope in ("next_year", "year_after_next") and (
        found := re.fullmatch(r"(\d\d)-(\d\d)", rest)
    ):
        years = 1 if scope == "next_year" else 2
        return _day(today.year + years, int(found[1]), int(found[2]))
    raise Undated(words)


def add_months(day: date, months: int) -> date:
    """The same day of another month, or its last day where the month is shorter."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def day_in_month(words: str, month: date) -> date:
    """``15``, ``last_day`` or ``last_FRI`` of the month of ``month``; the 31st of a shorter month
    is its last day."""
    last = _last_day(month)
    if words.isdecimal():
        if not 1 <= int(words) <= 31:
            raise Undated(words)
        return month.replace(day=min(int(words), last.day))
    nth, _, weekday = words.partition("_")
    if words == "last_day":
        return last
    if weekday not in WEEKDAYS:
        raise Undated(words)
    if nth == "last":
        return last - timedelta((last.weekday() - WEEKDAYS.index(weekday)) % 7)
    if nth not in _NTH:
        raise Undated(words)
    first = month.replace(day=1)
    away = (WEEKDAYS.index(weekday) - first.weekday()) % 7
    return first + timedelta(away + 7 * _NTH[nth])


def _weekday(week: str, weekday: str, today: date) -> date:
    """下周三 is in the next calendar week; 这周三 is the next Wednesday to come."""
    if weekday not in WEEKDAYS:
        raise Undated(weekday)
    number = WEEKDAYS.index(weekday)
    if week == "this":
        return today + timedelta((number - today.weekday()) % 7)
    monday = today - timedelta(today.weekday())
    return monday + timedelta(7 * _WEEKS_AWAY[week] + number)


def _day_of_month(day: int, today: date, *, past: bool) -> date:
    """15号: the next one to come, today included; in a month that has it."""
    month = today.replace(day=1)
    for _ in range(12):
        if day <= _last_day(month).day:
            found = _day(month.year, month.month, day)
            if (found <= today) if past else (found >= today):
                return found
        month = add_months(month, -1 if past else 1)
    raise Undated(f"day:{day}")


def _month_day(month: int, day: int, today: date, *, past: bool) -> date:
    for year in (today.year, today.year + (-1 if past else 1)):
        found = _day(year, month, day)
        if (found <= today) if past else (found >= today):
            return found
    raise Undated(f"{month:02d}-{day:02d}")


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Undated(f"{year}-{month:02d}-{day:02d}") from error


def _last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])
