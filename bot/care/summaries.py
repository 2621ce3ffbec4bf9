"""What is said beside the reminders: after an outage, once a week, and when medicine runs low."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from bot.care import wording
from bot.care.content import Content
from bot.care.models import Caregiver, Dose, Patient, Plan, PlanVersion, Stock
from bot.care.people import habits_of, next_summary
from bot.care.quiet import quiet_until
from bot.delivery import outbox
from bot.delivery.outbox import Draft

BY = "system:care"
BATCH = 200
STALE = timedelta(days=2)
"""A weekly summary that comes later than this waits for the next Sunday."""


def after_outage(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """One message to each contact about all the doses nobody was reminded of; how many contacts.

    It waits until everything of theirs that was due has been looked at, so that there is one.
    """
    behind = exists().where(
        Patient.reminded_contact_id == Dose.contact_id,
        Plan.patient_id == Patient.id,
        Plan.next_due <= now,
    )
    contact_ids = session.scalars(
        select(Dose.contact_id)
        .where(Dose.reason == "outage", Dose.told_at.is_(None), ~behind)
        .distinct()
        .limit(limit)
    ).all()
    rows = session.execute(
        select(Dose, Patient)
        .join(Patient, Patient.id == Dose.patient_id)
        .where(Dose.contact_id.in_(contact_ids), Dose.reason == "outage", Dose.told_at.is_(None))
        .order_by(Dose.id)
        .with_for_update(of=Dose, skip_locked=True)
    ).all()
    told: dict[int, list[tuple[Dose, Patient]]] = defaultdict(list)
    for dose, patient in rows:
        if quiet_until(patient, now=now) is None:
            told[dose.contact_id].append((dose, patient))
    for contact_id, missed in told.items():
        habits = habits_of(missed[0][1])
        moments = sorted({dose.due_at for dose, _ in missed})
        outbox.post(
            session,
            contact_id=contact_id,
            draft=Draft(
                wording.after_outage(
                    first=wording.when(moments[0], habits, now=now),
                    last=wording.when(moments[-1], habits, now=now),
                    times=len(moments),
                ),
                purpose="care_news",
            ),
            by=BY,
            now=now,
            not_after=now + timedelta(hours=12),
        )
        for dose, _ in missed:
            dose.told_at = now
    return len(told)


def weekly(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """The week of each patient to the caregivers who want it, on Sunday evening."""
    rows = session.execute(
        select(Caregiver, Patient)
        .join(Patient, Patient.id == Caregiver.patient_id)
        .where(Caregiver.next_summary_at <= now)
        .order_by(Caregiver.next_summary_at)
        .limit(limit)
        .with_for_update(of=Caregiver, skip_locked=True)
    ).all()
    counts = _week(session, [patient.id for _, patient in rows], now=now)
    for caregiver, patient in rows:
        assert caregiver.next_summary_at is not None
        late_by = now - caregiver.next_summary_at
        caregiver.next_summary_at = (
            None if patient.stopped_at is not None else next_summary(patient, now=now)
        )
        taken, late, missed, unasked = counts.get(patient.id, (0, 0, 0, 0))
        if patient.stopped_at is not None or late_by > STALE or not taken + late + missed:
            continue
        outbox.post(
            session,
            contact_id=caregiver.contact_id,
            draft=Draft(
                wording.weekly(
                    called=patient.called, taken=taken, late=late, missed=missed, unasked=unasked
                ),
                purpose="care_news",
            ),
            by=BY,
            now=now,
            not_after=now + timedelta(hours=12),
        )
    return len(rows)


def refills(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Medicine that runs low, told once for each count, on a working morning."""
    rows = session.execute(
        select(Stock, PlanVersion, Patient, Plan.state)
        .join(Plan, Plan.id == Stock.plan_id)
        .join(PlanVersion, and_(PlanVersion.plan_id == Plan.id, PlanVersion.number == Plan.version))
        .join(Patient, Patient.id == Plan.patient_id)
        .where(Stock.warn_at <= now)
        .order_by(Stock.warn_at)
        .limit(limit)
        .with_for_update(of=Stock, skip_locked=True)
    ).all()
    for stock, version, patient, state in rows:
        if state != "active":
            stock.warn_at = None
            continue
        quiet = quiet_until(patient, now=now)
        if quiet is not None:
            stock.warn_at = quiet
            continue
        stock.warn_at = None
        outbox.post(
            session,
            contact_id=patient.reminded_contact_id,
            draft=Draft(
                wording.refill(
                    name=Content.from_json(version.content).name,
                    until=stock.lasts_until,
                    open_wording=patient.wording == "open",
                ),
                purpose="care_news",
            ),
            by=BY,
            now=now,
            not_after=now + timedelta(hours=12),
        )
    return len(rows)


def _week(
    session: Session, patient_ids: list[int], *, now: datetime
) -> dict[int, tuple[int, int, int, int]]:
    """Taken in time, taken late, missed, not reminded of: by patient, the last seven days."""
    late = and_(Dose.state == "taken", Dose.settled_at > Dose.window_ends_at)
    rows = session.execute(
        select(
            Dose.patient_id,
            func.count().filter(Dose.state == "taken", ~late),
            func.count().filter(late),
            func.count().filter(Dose.state == "missed", Dose.reason == "no_answer"),
            func.count().filter(Dose.state == "missed", Dose.reason != "no_answer"),
        )
        .where(
            Dose.patient_id.in_(patient_ids),
            Dose.due_at > now - timedelta(days=7),
            Dose.window_ends_at <= now,
        )
        .group_by(Dose.patient_id)
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}
