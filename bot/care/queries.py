"""Reads: plans, today, a month, visits; and for staff adherence, silence and who is unreachable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Row, and_, distinct, exists, func, select
from sqlalchemy.orm import Session

from bot.care.calendar import add_months
from bot.care.content import Content
from bot.care.models import Dose, Patient, Plan, PlanVersion, Stock, Visit
from bot.care.people import habits_of
from bot.care.recurrence import Schedule, on_day
from bot.casework.models import Case
from bot.delivery.models import Contact

SILENT_AFTER = timedelta(days=3)
FOLLOW_UPS_A_YEAR = 4
"""国家基本公共卫生服务规范: those in the register of severe mental disorders."""


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan with what is ordered now; ``next_due`` None where nothing is to come."""

    plan: Plan
    schedule: Schedule
    content: Content
    timed: bool
    ordered_by: str | None
    stock: Stock | None


@dataclass(frozen=True, slots=True)
class DoseView:
    """One time of one medicine. ``state`` is a dose's, or ``coming``; ``dose_id`` then None."""

    dose_id: int | None
    plan_id: int
    name: str
    amount: str | None
    local_date: date
    slot: str
    due_at: datetime
    state: str
    outcome: str | None = None
    late: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class DayCount:
    """Doses of one day. ``late``: taken, said after the window; ``unasked``: nobody was reminded,
    because we could not."""

    day: date
    taken: int
    late: int
    missed: int
    skipped: int
    unasked: int


@dataclass(frozen=True, slots=True)
class Adherence:
    """One patient's last days, for staff. ``last_check_in`` None: never."""

    patient_id: int
    case_id: int | None
    county_code: str | None
    taken: int
    missed: int
    last_check_in: datetime | None
    reachable: bool


def plans_of(
    session: Session, *, patient_id: int, states: Sequence[str] = ("active", "paused")
) -> list[PlanView]:
    rows = session.execute(
        select(Plan, PlanVersion, Stock)
        .join(PlanVersion, and_(PlanVersion.plan_id == Plan.id, PlanVersion.number == Plan.version))
        .outerjoin(Stock, Stock.plan_id == Plan.id)
        .where(Plan.patient_id == patient_id, Plan.state.in_(states))
        .order_by(Plan.id)
    )
    return [
        PlanView(
            plan,
            Schedule.from_json(version.schedule),
            Content.from_json(version.content),
            version.schedule.get("timed", True),
            version.ordered_by,
            stock,
        )
        for plan, version, stock in rows
    ]


def open_doses(session: Session, *, contact_id: int, now: datetime) -> list[Dose]:
    """Doses that this contact was reminded of and has said nothing about, the latest first."""
    return list(
        session.scalars(
            select(Dose)
            .where(
                Dose.contact_id == contact_id,
                Dose.state.in_(("sent", "snoozed")),
                Dose.window_ends_at > now,
            )
            .order_by(Dose.due_at.desc(), Dose.id)
        )
    )


def doses_between(session: Session, *, patient_id: int, first: date, last: date) -> list[DoseView]:
    """Doses that fell due on these local days, the earliest first: for "早上的吃了" said later."""
    rows = session.execute(
        select(Dose, PlanVersion)
        .join(PlanVersion, PlanVersion.id == Dose.version_id)
        .where(
            Dose.patient_id == patient_id,
            Dose.due_at >= _midnight(first) - timedelta(days=1),
            Dose.local_date.between(first, last),
        )
        .order_by(Dose.due_at, Dose.id)
    )
    return [_dose_view(dose, Content.from_json(version.content)) for dose, version in rows]


def today(session: Session, *, patient_id: int, now: datetime) -> list[DoseView]:
    """The whole day: what was due, and what is still to come."""
    return day(session, patient_id=patient_id, on=_day_of(session, patient_id, now), now=now)


def day(session: Session, *, patient_id: int, on: date, now: datetime) -> list[DoseView]:
    """One local day; from now on as the plans in force will have it."""
    patient = session.get_one(Patient, patient_id)
    found = doses_between(session, patient_id=patient_id, first=on, last=on)
    for view in plans_of(session, patient_id=patient_id, states=("active",)):
        if view.plan.kind != "medication" or view.plan.next_due is None:
            continue
        if not view.schedule.falls_on(on):
            continue
        found += [
            DoseView(
                None,
                view.plan.id,
                view.content.name,
                view.content.dose_on(on, one.slot),
                on,
                one.slot,
                one.due_at,
                "coming",
            )
            for one in on_day(view.schedule, habits_of(patient), on)
            if one.due_at >= view.plan.next_due
        ]
    return sorted(found, key=lambda one: one.due_at)


def month(session: Session, *, patient_id: int, of: date) -> list[DayCount]:
    """The days of the month of ``of`` on which something was due, in order."""
    first = of.replace(day=1)
    late = and_(Dose.state == "taken", Dose.settled_at > Dose.window_ends_at)
    rows = session.execute(
        select(
            Dose.local_date,
            func.count().filter(Dose.state == "taken", ~late),
            func.count().filter(late),
            func.count().filter(Dose.state == "missed", Dose.reason == "no_answer"),
            func.count().filter(Dose.state == "skipped", Dose.reason.is_(None)),
            func.count().filter(Dose.state == "missed", Dose.reason != "no_answer"),
        )
        .where(
            Dose.patient_id == patient_id,
            Dose.due_at >= _midnight(first) - timedelta(days=1),
            Dose.local_date >= first,
            Dose.local_date < add_months(first, 1),
        )
        .group_by(Dose.local_date)
        .order_by(Dose.local_date)
    )
    return [DayCount(*row) for row in rows]


def visits_between(
    session: Session, *, patient_id: int, first: date, last: date
) -> list[tuple[Visit, Content]]:
    """Visits on these days, cancelled ones left out."""
    return [
        (visit, Content.from_json(visit.content))
        for visit in session.scalars(
            select(Visit)
            .where(
                Visit.patient_id == patient_id,
                Visit.on_date.between(first, last),
                Visit.state != "cancelled",
            )
            .order_by(Visit.on_date, Visit.at_time, Visit.id)
        )
    ]


def follow_ups_in_year(session: Session, *, patient_id: int, year: int) -> int:
    """How many follow-ups took place, of the `FOLLOW_UPS_A_YEAR` that the register asks for."""
    return (
        session.scalar(
            select(func.count()).where(
                Visit.patient_id == patient_id,
                Visit.kind == "visit",
                Visit.state == "took_place",
                Visit.on_date.between(date(year, 1, 1), date(year, 12, 31)),
            )
        )
        or 0
    )


def adherence(
    session: Session,
    *,
    now: datetime,
    days: int = 30,
    case_ids: Sequence[int] | None = None,
    county_code: str | None = None,
    limit: int = 500,
) -> list[Adherence]:
    """Patients with doses in the last days, those with most missed first."""
    counts = (
        select(
            Dose.patient_id,
            func.count().filter(Dose.state == "taken").label("taken"),
            func.count().filter(Dose.state == "missed", Dose.reason == "no_answer").label("missed"),
            func.max(Dose.settled_at).filter(Dose.outcome.is_not(None)).label("last_check_in"),
        )
        .where(Dose.due_at > now - timedelta(days=days), Dose.due_at <= now)
        .group_by(Dose.patient_id)
        .subquery()
    )
    wanted = (
        select(
            Patient.id,
            Patient.case_id,
            Patient.county_code,
            counts.c.taken,
            counts.c.missed,
            counts.c.last_check_in,
            and_(
                Contact.subscribed,
                ~exists().where(
                    Dose.patient_id == Patient.id,
                    Dose.reason == "unreachable",
                    Dose.due_at > now - timedelta(days=3),
                ),
            ),
        )
        .join(counts, counts.c.patient_id == Patient.id)
        .join(Contact, Contact.id == Patient.reminded_contact_id)
        .where(Patient.stopped_at.is_(None))
        .order_by(counts.c.missed.desc(), Patient.id)
        .limit(limit)
    )
    if case_ids is not None:
        wanted = wanted.where(Patient.case_id.in_(case_ids))
    if county_code is not None:
        wanted = wanted.where(Patient.county_code == county_code)
    return [Adherence(*row) for row in session.execute(wanted)]


def silent(rows: Sequence[Adherence], *, now: datetime) -> list[Adherence]:
    """Those who missed something and have said nothing for `SILENT_AFTER`."""
    return [
        row
        for row in rows
        if row.missed and (row.last_check_in is None or row.last_check_in < now - SILENT_AFTER)
    ]


def county_figures(
    session: Session, *, first: date, last: date
) -> Sequence[Row[str | None, int, int, int, int]]:
    """County code, patients, doses taken, missed, and unreachable, for the days given."""
    return session.execute(
        select(
            Patient.county_code,
            func.count(distinct(Dose.patient_id)),
            func.count().filter(Dose.state == "taken"),
            func.count().filter(Dose.state == "missed", Dose.reason == "no_answer"),
            func.count().filter(Dose.reason == "unreachable"),
        )
        .join(Dose, Dose.patient_id == Patient.id)
        .where(Dose.local_date.between(first, last))
        .group_by(Patient.county_code)
        .order_by(Patient.county_code)
    ).all()


def patients_of_case(session: Session, *, case_id: int) -> list[Patient]:
    """The patients whose reminders a case's social worker sees: those joined to it, and those
    whom the case's own contact looks after."""
    contact_id = select(Case.contact_id).where(Case.id == case_id).scalar_subquery()
    return list(
        session.scalars(
            select(Patient)
            .where(
                (Patient.case_id == case_id)
                | (Patient.case_id.is_(None) & (Patient.reminded_contact_id == contact_id))
            )
            .order_by(Patient.id)
        )
    )


def _dose_view(dose: Dose, content: Content) -> DoseView:
    return DoseView(
        dose_id=dose.id,
        plan_id=dose.plan_id,
        name=content.name,
        amount=content.dose_on(dose.local_date, dose.slot),
        local_date=dose.local_date,
        slot=dose.slot,
        due_at=dose.due_at,
        state=dose.state,
        outcome=dose.outcome,
        late=(
            dose.state == "taken"
            and dose.settled_at is not None
            and dose.settled_at > dose.window_ends_at
        ),
        unsure=dose.unsure,
    )


def _day_of(session: Session, patient_id: int, now: datetime) -> date:
    return habits_of(session.get_one(Patient, patient_id)).day_of(now)


def _midnight(first: date) -> datetime:
    return datetime.fromisoformat(f"{first}T00:00:00+00:00")
