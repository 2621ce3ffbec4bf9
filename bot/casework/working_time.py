"""Working time: which days are worked, at which hours, and when so much of it has passed.

Pure, except `calendar_for` and `set_day`. A day that an administrator set outweighs the public
calendar of China (`chinesecalendar`: holidays and working weekends); for a year that nobody
knows yet Monday to Friday count, and `unknown_year` says so to whoever can help.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import chinese_calendar
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.casework.errors import Refused
from bot.casework.team_models import CalendarDay, Team, TeamCounty
from bot.clock import LOCAL
from bot.privacy import audit

OFFICE_TEAM = 1
"""The team that works for every county without one of its own."""
LOOKED_AHEAD = timedelta(days=60)
"""Due times lie nearer than this; further set days need not be read."""
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Calendar:
    """Office hours of one team on the days that are worked."""

    opens: time
    closes: time
    lunch_from: time
    lunch_to: time
    set_days: Mapping[date, bool] = field(default_factory=dict)

    @property
    def day_length(self) -> timedelta:
        """Working time of one day."""
        return sum((_length(start, end) for start, end in self._hours()), start=timedelta())

    def is_working(self, day: date) -> bool:
        """Whether a day is worked."""
        return self.set_days.get(day, is_public_working_day(day))

    def add(self, start: datetime, working: timedelta) -> datetime:
        """The moment at which ``working`` time has passed since ``start``.

        With nothing left to pass it is ``start`` itself, also at night.
        """
        left, day = working, start.astimezone(LOCAL).date()
        if left <= timedelta():
            return start
        for _ in range(LONGEST.days * 3):
            for opens, until in self._stretches(day):
                since = max(opens, start)
                if since >= until:
                    continue
                if until - since >= left:
                    return since + left
                left -= until - since
            day += timedelta(days=1)
        raise ValueError("the calendar has no working time")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from ``start`` to ``end``; zero where the end is not later."""
        passed, day = timedelta(), start.astimezone(LOCAL).date()
        last = end.astimezone(LOCAL).date()
        while day <= last:
            for since, until in self._stretches(day):
                passed += max(timedelta(), min(until, end) - max(since, start))
            day += timedelta(days=1)
        return passed

    def is_open(self, now: datetime) -> bool:
        """Whether somebody is in the office at this moment."""
        today = now.astimezone(LOCAL).date()
        return any(since <= now < until for since, until in self._stretches(today))

    def _stretches(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.is_working(day):
            return []
        return [
            (datetime.combine(day, start, LOCAL), datetime.combine(day, end, LOCAL))
            for start, end in self._hours()
        ]

    def _hours(self) -> tuple[tuple[time, time], ...]:
        if self.lunch_from == self.lunch_to:
            return ((self.opens, self.closes),)
        return ((self.opens, self.lunch_from), (self.lunch_to, self.closes))


def is_public_working_day(day: date) -> bool:
    """By the public calendar of China; Monday to Friday in a year that it does not know."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def is_known_year(year: int) -> bool:
    """Whether the public calendar of this year is installed."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def unknown_year(session: Session, *, now: datetime, ahead: timedelta = LOOKED_AHEAD) -> int | None:
    """The year soon to come whose holidays neither the calendar nor an administrator has told."""
    year = (now + ahead).astimezone(LOCAL).year
    if is_known_year(year):
        return None
    told = session.scalar(
        select(CalendarDay.day)
        .where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)))
        .limit(1)
    )
    return year if told is None else None


def calendar_for(session: Session, *, county_code: str | None, now: datetime) -> Calendar:
    """The calendar of the team that works for a county; without one, of the office itself."""
    own = select(TeamCounty.team_id).where(TeamCounty.county_code == county_code)
    team = session.scalars(
        select(Team)
        .where(or_(Team.id == own.scalar_subquery(), Team.id == OFFICE_TEAM))
        .order_by(Team.id == OFFICE_TEAM)
        .limit(1)
    ).one()
    today = now.astimezone(LOCAL).date()
    days = session.execute(
        select(CalendarDay.day, CalendarDay.working).where(
            CalendarDay.day.between(today - LOOKED_AHEAD, today + LOOKED_AHEAD)
        )
    )
    return Calendar(
        opens=team.opens,
        closes=team.closes,
        lunch_from=team.lunch_from,
        lunch_to=team.lunch_to,
        set_days=dict(days.all()),
    )


def set_day(
    session: Session, *, day: date, working: bool, note: str, by: str, now: datetime
) -> None:
    """An administrator says whether a day is worked; said again, the later word counts."""
    values = {"working": working, "note": note.strip(), "set_by": by, "set_at": now}
    session.execute(
        insert(CalendarDay)
        .values(day=day, **values)
        .on_conflict_do_update(index_elements=[CalendarDay.day], set_=values)
    )
    audit.record(
        session,
        by=by,
        action="calendar.set",
        on=("calendar", int(f"{day:%Y%m%d}")),
        now=now,
        working=working,
    )


def set_hours(
    session: Session,
    *,
    team_id: int,
    opens: time,
    closes: time,
    lunch_from: time,
    lunch_to: time,
    by: str,
    now: datetime,
) -> Team:
    """Office hours and lunch break of a team; equal ends mean no break."""
    if not opens <= lunch_from <= lunch_to <= closes or opens >= closes:
        raise Refused("上班、午休、下班的时间要前后排好。")
    team = session.get_one(Team, team_id, with_for_update=True)
    team.opens, team.closes, team.lunch_from, team.lunch_to = opens, closes, lunch_from, lunch_to
    audit.record(session, by=by, action="team.hours", on=("team", team_id), now=now)
    return team


def _length(start: time, end: time) -> timedelta:
    return datetime.combine(date.min, end) - datetime.combine(date.min, start)
