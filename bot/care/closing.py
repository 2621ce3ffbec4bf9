"""Doses whose window is over, and who is told of them: the caregiver, then a social worker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.care import wording
from bot.care.models import Caregiver, Dose, Escalation, Patient
from bot.care.people import habits_of
from bot.care.quiet import quiet_until
from bot.casework.tickets import open_ticket
from bot.delivery import outbox
from bot.delivery.outbox import Draft

BY = "system:care"
BATCH = 500
_NEVER = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def close_windows(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Doses past their window are missed; with enough of them in a row a social worker hears."""
    closing = session.scalars(
        select(Dose)
        .where(Dose.window_ends_at <= now, Dose.state.in_(("due", "sent", "snoozed")))
        .order_by(Dose.window_ends_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    unanswered = set()
    for dose in closing:
        if dose.state == "due":
            # It never went out: not the patient's doing, and no reason to ask after them.
            dose.reason = dose.reason or "outage"
            if dose.reason == "outage":
                dose.escalate_at = None
        else:
            dose.reason = "no_answer"
            unanswered.add(dose.patient_id)
        dose.state, dose.settled_at = "missed", now
    session.flush()
    if unanswered:
        _tell_workers(session, unanswered, now=now)
    return len(closing)


def tell_caregivers(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Caregivers hear of doses without a check-in, each once for one time of day."""
    rows = session.execute(
        select(Dose, Patient)
        .join(Patient, Patient.id == Dose.patient_id)
        .where(Dose.escalate_at <= now)
        .order_by(Dose.escalate_at)
        .limit(limit)
        .with_for_update(of=Dose, skip_locked=True)
    ).all()
    together: dict[tuple[int, datetime], list[Dose]] = defaultdict(list)
    patients: dict[int, Patient] = {}
    for dose, patient in rows:
        quiet = quiet_until(patient, now=now)
        if quiet is not None:
            dose.escalate_at = quiet
            continue
        dose.escalate_at = None
        if dose.state in ("sent", "snoozed", "missed") or dose.reason == "unreachable":
            patients[patient.id] = patient
            together[patient.id, dose.due_at].append(dose)
        elif dose.state == "due":
            # Not handed over yet: either it still goes out, or its window closes.
            dose.escalate_at = min(now + timedelta(minutes=5), dose.window_ends_at)
    caregivers = _caregivers(session, patients.values())
    for (patient_id, due_at), doses in together.items():
        patient = patients[patient_id]
        at = wording.when(due_at, habits_of(patient), now=now)
        unreached = all(dose.reason == "unreachable" for dose in doses)
        say = wording.unreached_to_caregiver if unreached else wording.to_caregiver
        for contact_id in caregivers.get(patient_id, ()):
            if _first(session, patient_id, f"contact:{contact_id}", due_at, now=now):
                outbox.post(
                    session,
                    contact_id=contact_id,
                    draft=Draft(say(called=patient.called, at=at), purpose="care_news"),
                    by=BY,
                    now=now,
                    not_after=now + timedelta(hours=12),
                )
    return len(rows)


def _tell_workers(session: Session, patient_ids: set[int], *, now: datetime) -> None:
    """A ticket for each run of missed times that has become long enough, once a run."""
    taken = (
        select(Dose.patient_id, func.max(Dose.due_at).label("last"))
        .where(Dose.patient_id.in_(patient_ids), Dose.state == "taken")
        .group_by(Dose.patient_id)
        .subquery()
    )
    runs = session.execute(
        select(Patient, taken.c.last, func.count(Dose.due_at.distinct()))
        .join(Dose, Dose.patient_id == Patient.id)
        .outerjoin(taken, taken.c.patient_id == Patient.id)
        .where(
            Patient.id.in_(patient_ids),
            Patient.tell_worker_after.is_not(None),
            Dose.state == "missed",
            Dose.reason == "no_answer",
            Dose.due_at > func.coalesce(taken.c.last, _NEVER),
        )
        .group_by(Patient.id, taken.c.last)
        .having(func.count(Dose.due_at.distinct()) >= Patient.tell_worker_after)
    )
    for patient, last, times in runs:
        since = last or _NEVER
        if _first(session, patient.id, "social_worker", since, now=now):
            open_ticket(
                session,
                source_key=f"care:missed:{patient.id}:{since.isoformat()}",
                kind="medication",
                urgency="soon",
                summary=wording.to_worker(times=times),
                by=BY,
                now=now,
                contact_id=patient.reminded_contact_id,
                case_id=patient.case_id,
                county_code=patient.county_code,
            )


def _first(
    session: Session, patient_id: int, whom: str, moment: datetime, *, now: datetime
) -> bool:
    """Note that somebody is told; False when they were told before."""
    made = session.scalar(
        insert(Escalation)
        .values(
            patient_id=patient_id,
            level="social_worker" if whom == "social_worker" else "caregiver",
            whom=whom,
            moment=moment,
            told_at=now,
        )
        .on_conflict_do_nothing(index_elements=["patient_id", "whom", "moment"])
        .returning(Escalation.id)
    )
    return made is not None


def _caregivers(session: Session, patients: Iterable[Patient]) -> dict[int, list[int]]:
    """Those to be told, by patient: not who was reminded and did not answer."""
    reminded = {one.id: one.reminded_contact_id for one in patients}
    found: dict[int, list[int]] = defaultdict(list)
    for patient_id, contact_id in session.execute(
        select(Caregiver.patient_id, Caregiver.contact_id)
        .where(Caregiver.patient_id.in_(reminded))
        .order_by(Caregiver.id)
    ):
        if contact_id != reminded[patient_id]:
            found[patient_id].append(contact_id)
    return found
