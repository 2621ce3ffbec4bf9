"""Working days of China: public holidays and the weekends worked in exchange."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar


def is_working_day(day: date) -> bool:
    """Monday to Friday in a year whose holidays are not published yet."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def working_days_before(day: date, count: int) -> date:
    """The working day with ``count`` working days from it to ``day``, ``day`` not counted."""
    while count > 0:
        day -= timedelta(1)
        count -= is_working_day(day)
    return day
