"""Due doses and visits handed to the outbox, by as many schedulers as there are.

A batch locks its patients (skipping those whom somebody else works on), then everything of theirs
that is due: what one person gets at one time is one message. Doses, messages, jobs and the plan's
next moment are written in one transaction; the uniqueness of a dose holds all else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.care import visits, wording
from bot.care.content import Content
from bot.care.models import Caregiver, Dose, Patient, Plan, PlanVersion, Visit, VisitNotice
from bot.care.people import habits_of
from bot.care.recurrence import Habits, Occurrence, Schedule, occurrences
from bot.care.visit_times import first_look, notices, time_of
from bot.delivery import jobs
from bot.delivery.models import OutboxMessage

BATCH = 500
ROUND = 8
"""Contacts served by one job: as many as a dying worker leaves unsure at most."""
FURTHEST_BACK = timedelta(days=14)
"""Of a longer outage only the last days are noted as missed, dose by dose."""
BY = "system:care"


def release_due(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Release one batch of plans; how many plans were looked at."""
    locked = session.execute(
        select(Plan.patient_id)
        .join(Patient, Patient.id == Plan.patient_id)
        .where(Plan.next_due <= now)
        .order_by(Plan.next_due)
        .limit(limit)
        .with_for_update(of=Patient, key_share=True, skip_locked=True)
    )
    patient_ids = {patient_id for (patient_id,) in locked}
    if not patient_ids:
        return 0
    rows = session.execute(
        select(Plan, PlanVersion, Patient)
        .join(PlanVersion, and_(PlanVersion.plan_id == Plan.id, PlanVersion.number == Plan.version))
        .join(Patient, Patient.id == Plan.patient_id)
        .where(Plan.patient_id.in_(patient_ids), Plan.next_due <= now)
        .order_by(Plan.id)
        .with_for_update(of=Plan, key_share=True)
    ).all()
    watched = set(
        session.scalars(
            select(Caregiver.patient_id)
            .join(Patient, Patient.id == Caregiver.patient_id)
            .where(
                Caregiver.patient_id.in_(patient_ids),
                Caregiver.contact_id != Patient.reminded_contact_id,
            )
        )
    )
    doses: list[dict[str, Any]] = []
    for plan, version, patient in rows:
        habits = habits_of(patient)
        if plan.kind == "medication":
            due, following = _due(plan, version, habits, now=now)
            doses += [
                _dose(plan, version, patient, one, now=now, watched=plan.patient_id in watched)
                for one in due
            ]
        else:
            following = _release_visits(session, plan, version, habits, now=now)
        plan.next_due, plan.state, plan.resume_on = following, "active", None
        if following is None:
            plan.state, plan.ended_at = "ended", now
    _release_doses(session, doses, {patient.id: patient for _, _, patient in rows}, now=now)
    return len(rows)


def release_snoozed(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Remind again of what was put off until now; a dose whose window is over is left alone."""
    rows = session.execute(
        select(Dose, Patient)
        .join(Patient, Patient.id == Dose.patient_id)
        .where(Dose.state == "snoozed", Dose.snoozed_until <= now, Dose.window_ends_at > now)
        .order_by(Dose.snoozed_until)
        .limit(limit)
        .with_for_update(of=Dose, skip_locked=True)
    ).all()
    made = [
        {
            "id": dose.id,
            "patient_id": dose.patient_id,
            "contact_id": dose.contact_id,
            "due_at": dose.due_at,
            "window_ends_at": dose.window_ends_at,
        }
        for dose, _ in rows
    ]
    for dose, _ in rows:
        dose.state, dose.snoozed_until = "due", None
    session.flush()
    _compose(session, made, {patient.id: patient for _, patient in rows}, now=now)
    return len(rows)


def release_notices(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Remind of visits; what could not be said in its time is left out."""
    rows = session.execute(
        select(VisitNotice, Patient)
        .join(Visit, Visit.id == VisitNotice.visit_id)
        .join(Patient, Patient.id == Visit.patient_id)
        .where(VisitNotice.state == "waiting", VisitNotice.remind_at <= now)
        .order_by(VisitNotice.remind_at)
        .limit(limit)
        .with_for_update(of=VisitNotice, skip_locked=True)
    ).all()
    contacts = []
    for notice, patient in rows:
        if notice.not_after <= now:
            notice.state = "dropped"
            continue
        message = OutboxMessage(
            contact_id=patient.reminded_contact_id,
            purpose="visit_reminder",
            body={"text": wording.DISCREET},
            by=BY,
            state="queued",
            created_at=now,
            not_after=notice.not_after,
        )
        session.add(message)
        session.flush()
        notice.state, notice.message_id = "released", message.id
        contacts.append(message.contact_id)
    jobs.enqueue_rounds(session, contacts, size=ROUND)
    return len(rows)


def _due(
    plan: Plan, version: PlanVersion, habits: Habits, *, now: datetime
) -> tuple[list[Occurrence], datetime | None]:
    """What is due by now, from the plan's own moment on, and the moment after that."""
    assert plan.next_due is not None
    schedule = Schedule.from_json(version.schedule)
    after = max(plan.next_due - timedelta(microseconds=1), version.starts_at, now - FURTHEST_BACK)
    found: list[Occurrence] = []
    for occurrence in occurrences(schedule, habits, after=after):
        if occurrence.due_at > now:
            return found, occurrence.due_at
        found.append(occurrence)
    return found, None


def _dose(
    plan: Plan,
    version: PlanVersion,
    patient: Patient,
    occurrence: Occurrence,
    *,
    now: datetime,
    watched: bool,
) -> dict[str, Any]:
    in_time = occurrence.ends_at > now
    tell = patient.tell_caregiver_after if watched and in_time else None
    return {
        "plan_id": plan.id,
        "version_id": version.id,
        "patient_id": patient.id,
        "contact_id": patient.reminded_contact_id,
        "local_date": occurrence.local_date,
        "slot": occurrence.slot,
        "due_at": occurrence.due_at,
        "window_ends_at": occurrence.ends_at,
        "state": "due" if in_time else "missed",
        "reason": None if in_time else "outage",
        "settled_at": None if in_time else now,
        "escalate_at": occurrence.due_at + timedelta(minutes=tell) if tell else None,
    }


def _release_doses(
    session: Session,
    doses: Sequence[dict[str, Any]],
    patients: dict[int, Patient],
    *,
    now: datetime,
) -> None:
    if not doses:
        return
    made = session.execute(
        insert(Dose)
        .on_conflict_do_nothing(index_elements=["version_id", "local_date", "slot"])
        .returning(
            Dose.id,
            Dose.patient_id,
            Dose.contact_id,
            Dose.due_at,
            Dose.window_ends_at,
            Dose.state,
        ),
        list(doses),
    ).mappings()
    _compose(session, [dict(one) for one in made if one["state"] == "due"], patients, now=now)


def _compose(
    session: Session,
    doses: Sequence[dict[str, Any]],
    patients: dict[int, Patient],
    *,
    now: datetime,
) -> None:
    """One message for each patient's doses, with a job to send it."""
    together: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in doses:
        together[one["patient_id"]].append(one)
    if not together:
        return
    groups = list(together.values())
    message_ids = session.scalars(
        insert(OutboxMessage).returning(OutboxMessage.id, sort_by_parameter_order=True),
        [
            {
                "contact_id": group[0]["contact_id"],
                "seq": 0,
                "purpose": "dose_reminder",
                "body": _body(group, patients[patient_id], now=now),
                "by": BY,
                "state": "queued",
                "created_at": now,
                "not_after": max(one["window_ends_at"] for one in group),
            }
            for patient_id, group in together.items()
        ],
    ).all()
    pairs = [
        (one["id"], message_id)
        for group, message_id in zip(groups, message_ids, strict=True)
        for one in group
    ]
    session.execute(
        text(
            "UPDATE dose SET message_id = pair.message FROM unnest(CAST(:doses AS bigint[]),"
            " CAST(:messages AS bigint[])) AS pair (dose, message) WHERE dose.id = pair.dose"
        ),
        {"doses": [dose for dose, _ in pairs], "messages": [message for _, message in pairs]},
    )
    jobs.enqueue_rounds(session, [group[0]["contact_id"] for group in groups], size=ROUND)


def _body(group: Sequence[dict[str, Any]], patient: Patient, *, now: datetime) -> dict[str, Any]:
    """Discreet words for whoever looks at the outbox; said anew at the moment of sending."""
    habits = habits_of(patient)
    at = list(dict.fromkeys(wording.when(one["due_at"], habits, now=now) for one in group))
    return {
        "text": wording.dose_reminder(
            called=patient.called,
            themselves=patient.contact_id == patient.reminded_contact_id,
            at=at,
            lines=(),
            own=None,
        )
    }


def _release_visits(
    session: Session, plan: Plan, version: PlanVersion, habits: Habits, *, now: datetime
) -> datetime | None:
    """Make the visits whose first reminder is due; when to look for the next one."""
    schedule, content = Schedule.from_json(version.schedule), Content.from_json(version.content)
    assert plan.next_due is not None
    after = max(version.starts_at, now - FURTHEST_BACK)
    for occurrence in occurrences(schedule, habits, after=after):
        at_time = time_of(version.schedule, occurrence.slot, habits)
        ahead = notices(
            occurrence.local_date, at_time, habits, lead=content.lead, lead_at=content.lead_at
        )
        if ahead[0].remind_at > now:
            return first_look(
                schedule, content, habits, after=occurrence.due_at - timedelta(microseconds=1)
            )
        visits.set_visit(
            session,
            patient_id=plan.patient_id,
            kind=plan.kind,
            on_date=occurrence.local_date,
            at_time=at_time,
            source_key=f"plan:{plan.id}:{plan.version}:{occurrence.local_date}",
            by=BY,
            now=now,
            content=content,
            version_id=version.id,
        )
    return None
