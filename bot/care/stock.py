"""How long a medicine lasts, and a warning while there is still time to fetch more."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.care.content import Content
from bot.care.models import Plan, Stock
from bot.care.people import habits_of, locked_patient
from bot.care.plans import version_in_force
from bot.care.recurrence import Habits, Schedule, on_day
from bot.care.working_days import is_working_day, working_days_before
from bot.casework.errors import Conflict
from bot.privacy import audit

WARN_DAYS = 5
WARN_AT = "09:00"
"""When the clinic's window opens; the family reads it and can still go today."""
LONGEST = 400
_AMOUNT = re.compile(r"([\d.]+)(.*)")


def set_stock(
    session: Session,
    *,
    plan_id: int,
    amount: Decimal,
    unit: str,
    by: str,
    now: datetime,
    warn_days: int = WARN_DAYS,
) -> Stock:
    """Note how much is in the house now, in the unit of the doses (片).

    Warns once, ``warn_days`` working days before it ends. Raises `Conflict` where doses and stock
    are counted in different units, or no dose is known.
    """
    plan = session.get_one(Plan, plan_id)
    patient = locked_patient(session, plan.patient_id, active=True)
    version = version_in_force(session, plan)
    habits = habits_of(patient)
    today = habits.day_of(now)
    until = lasts_until(
        Schedule.from_json(version.schedule),
        Content.from_json(version.content),
        habits,
        amount=amount,
        unit=unit,
        now=now,
    )
    values = {
        "amount": amount,
        "unit": unit,
        "counted_on": today,
        "warn_days": warn_days,
        "lasts_until": until,
        "warn_at": warn_moment(until, warn_days, habits, now=now),
    }
    stock = session.scalars(
        insert(Stock)
        .values(plan_id=plan_id, **values)
        .on_conflict_do_update(index_elements=["plan_id"], set_=values)
        .returning(Stock)
        .execution_options(populate_existing=True)
    ).one()
    audit.record(session, by=by, action="plan.stock", on=("plan", plan_id), now=now)
    return stock


def forget_stock(session: Session, *, plan_id: int, by: str, now: datetime) -> None:
    """Warn no more about this medicine."""
    session.execute(delete(Stock).where(Stock.plan_id == plan_id))
    audit.record(session, by=by, action="plan.forget_stock", on=("plan", plan_id), now=now)


def lasts_until(
    schedule: Schedule,
    content: Content,
    habits: Habits,
    *,
    amount: Decimal,
    unit: str,
    now: datetime,
) -> date:
    """The last day for which there is enough for every dose ordered."""
    left, last = amount, habits.day_of(now) - timedelta(1)
    for day in schedule.days(habits.day_of(now)):
        for occurrence in on_day(schedule, habits, day):
            if occurrence.due_at <= now:
                continue
            left -= _counted(content.dose_on(day, occurrence.slot), unit)
        if left < 0 or (day - habits.day_of(now)).days > LONGEST:
            return day - timedelta(1)
        last = day
    return last


def warn_moment(until: date, warn_days: int, habits: Habits, *, now: datetime) -> datetime:
    """A working morning with ``warn_days`` working days left; now, where that has passed."""
    day = working_days_before(until + timedelta(1), warn_days)
    while not is_working_day(day):
        day -= timedelta(1)
    return max(habits.moment(day, WARN_AT), now)


def _counted(dose: str | None, unit: str) -> Decimal:
    found = _AMOUNT.fullmatch(dose or "")
    if found is None or found[2] != unit:
        raise Conflict(
            f"每次的量和家里剩的不是一个单位，没法算能吃几天。请按“多少{found[2] if found else '片'}”告诉我。"
        )
    return Decimal(found[1])
