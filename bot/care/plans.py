"""Plans: begun, changed, paused, ended. Each change is a further version; none is rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.care.content import Content
from bot.care.models import Dose, Patient, Plan, PlanVersion, Stock, Visit, VisitNotice
from bot.care.ordering import Order
from bot.care.people import habits_of, locked_patient
from bot.care.recurrence import Habits, Schedule, next_after, on_day
from bot.care.visit_times import first_look
from bot.casework.errors import Conflict
from bot.privacy import audit

OPEN = ("due", "sent", "snoozed")


@dataclass(frozen=True, slots=True)
class Begun:
    """A plan in force: ``next_due`` is its next reminder, None where none will ever come;
    ``withdrawn`` reminders of the former version will not come any more."""

    plan: Plan
    next_due: datetime | None
    withdrawn: int = 0


def set_plan(
    session: Session,
    *,
    patient_id: int,
    order: Order,
    source_key: str,
    by: str,
    now: datetime,
    ordered_by: str | None = None,
) -> Begun:
    """Begin a plan, or find the one already made from this source.

    Raises `Conflict` when everything was stopped for this patient.
    """
    patient = locked_patient(session, patient_id, active=True)
    plan_id = session.scalar(
        insert(Plan)
        .values(
            source_key=source_key,
            patient_id=patient_id,
            kind=order.kind,
            created_at=now,
            created_by=by,
        )
        .on_conflict_do_nothing(index_elements=["source_key"])
        .returning(Plan.id)
    )
    if plan_id is None:
        plan = session.scalars(select(Plan).where(Plan.source_key == source_key)).one()
        return Begun(plan, plan.next_due)
    plan = session.get_one(Plan, plan_id)
    _add_version(session, plan, order, number=1, starts_at=now, by=by, now=now, said=ordered_by)
    plan.next_due = _next_look(order.kind, order.schedule, order.content, patient, after=now)
    audit.record(session, by=by, action="plan.set", on=("plan", plan.id), now=now, kind=order.kind)
    return Begun(plan, _next_reminder(order, patient, now))


def change_plan(
    session: Session,
    *,
    plan_id: int,
    version: int,
    order: Order,
    ordered_by: str | None,
    by: str,
    now: datetime,
) -> Begun:
    """Replace what is ordered, from now on. ``ordered_by``: who said that which doctor ordered
    it; needed wherever a dose changes (`dose_changes`), and kept.

    Today's times that were already due count: a plan moved from morning to evening does not
    remind a second time today. Raises `Conflict`, also when somebody changed it meanwhile.
    """
    plan, patient = _locked(session, plan_id)
    if plan.version != version:
        raise Conflict("这个计划刚刚有人改过，请再看一遍。")
    if plan.state not in ("active", "paused") or plan.kind != order.kind:
        raise Conflict("这个计划已经停了，不能改。")
    former = version_in_force(session, plan)
    if ordered_by is None and dose_changes(Content.from_json(former.content), order.content):
        raise Conflict("药量要由医生定。请先说一下是哪位医生让改的。")
    withdrawn = _withdraw(session, plan, reason="changed", by=by, now=now)
    starts_at = _starts_at(session, plan, order.schedule, habits_of(patient), now=now)
    plan.version += 1
    _add_version(
        session,
        plan,
        order,
        number=plan.version,
        starts_at=starts_at,
        by=by,
        now=now,
        said=ordered_by,
    )
    plan.next_due = (
        _next_look(order.kind, order.schedule, order.content, patient, after=starts_at)
        if plan.state == "active"
        else plan.next_due
    )
    # What was counted belongs to the former doses; it is counted again.
    session.execute(update(Stock).where(Stock.plan_id == plan.id).values(warn_at=None))
    audit.record(
        session,
        by=by,
        action="plan.change",
        on=("plan", plan.id),
        now=now,
        version=plan.version,
        doctor_named=ordered_by is not None,
    )
    return Begun(plan, _next_reminder(order, patient, starts_at), withdrawn)


def dose_changes(former: Content, following: Content) -> bool:
    """Whether a change touches medicine or amount, which only a doctor may decide."""
    kept = ("drug", "dose", "dose_by_time", "strength", "steps")
    changed = [name for name in kept if getattr(former, name) != getattr(following, name)]
    if changed == ["dose_by_time"]:
        # 早1晚2 moved to other hours keeps its amounts.
        return sorted(former.dose_by_time.values()) != sorted(following.dose_by_time.values())
    return bool(changed)


def cancel_plan(session: Session, *, plan_id: int, by: str, now: datetime) -> Plan:
    """Remind no more of it; what was noted stays. Does nothing when it has ended."""
    plan, _ = _locked(session, plan_id)
    if plan.state in ("active", "paused"):
        _end(session, plan, "cancelled", reason="ended", by=by, now=now)
        audit.record(session, by=by, action="plan.cancel", on=("plan", plan.id), now=now)
    return plan


def pause_plans(
    session: Session,
    *,
    patient_id: int,
    by: str,
    now: datetime,
    plan_ids: Sequence[int] | None = None,
    resume_on: date | None = None,
) -> list[Plan]:
    """Stop for a while (in hospital): all of a patient's active plans or the given ones.

    ``resume_on`` is the day on which reminders come again by themselves.
    """
    patient = locked_patient(session, patient_id)
    paused = []
    for plan in _plans(session, patient_id, "active", plan_ids):
        _withdraw(session, plan, reason="paused", by=by, now=now)
        plan.state, plan.resume_on = "paused", resume_on
        plan.next_due = None
        if resume_on is not None:
            plan.next_due = _look_from(session, plan, patient, resume_on, now)
        audit.record(session, by=by, action="plan.pause", on=("plan", plan.id), now=now)
        paused.append(plan)
    return paused


def resume_plans(
    session: Session,
    *,
    patient_id: int,
    by: str,
    now: datetime,
    plan_ids: Sequence[int] | None = None,
) -> list[Plan]:
    """Go on with paused plans, from their next time; nothing of the pause is caught up."""
    patient = locked_patient(session, patient_id, active=True)
    resumed = []
    for plan in _plans(session, patient_id, "paused", plan_ids):
        plan.state, plan.resume_on = "active", None
        plan.next_due = _look_after(session, plan, patient, now)
        audit.record(session, by=by, action="plan.resume", on=("plan", plan.id), now=now)
        resumed.append(plan)
    return resumed


def end_on(session: Session, *, plan_id: int, last_day: date, by: str, now: datetime) -> Begun:
    """Set the last day of a plan: a further version with everything else unchanged."""
    plan, patient = _locked(session, plan_id)
    former = version_in_force(session, plan)
    if plan.state not in ("active", "paused"):
        raise Conflict("这个计划已经停了，不能改。")
    kept = Schedule.from_json(former.schedule)
    schedule = Schedule(kept.times, kept.repeat, kept.start, last_day, kept.dates, kept.offset)
    content = Content.from_json(former.content)
    plan.version += 1
    # The day goes on as it was: reminders under way belong to the same order.
    _add_version(
        session,
        plan,
        Order(plan.kind, schedule, content),
        number=plan.version,
        starts_at=max(now, former.starts_at),
        by=by,
        now=now,
        said=former.ordered_by,
    )
    if plan.state == "active":
        plan.next_due = _next_look(plan.kind, schedule, content, patient, after=now)
    audit.record(session, by=by, action="plan.end_on", on=("plan", plan.id), now=now)
    return Begun(plan, plan.next_due)


def stop_everything(session: Session, *, patient_id: int, why: str, by: str, now: datetime) -> int:
    """Stop every reminder, summary and visit of a patient at once; how many plans ended.

    ``why``: ``death`` or ``withdrawal``. What already waits to be sent is dropped at the moment
    of sending. Safe to repeat.
    """
    patient = locked_patient(session, patient_id)
    plans = _plans(session, patient_id, ("active", "paused"), None)
    for plan in plans:
        _end(session, plan, "ended", reason="stopped", by=by, now=now)
    visits = select(Visit.id).where(
        Visit.patient_id == patient_id, Visit.state.in_(("planned", "confirmed"))
    )
    session.execute(
        update(VisitNotice)
        .where(VisitNotice.visit_id.in_(visits), VisitNotice.state.in_(("waiting", "released")))
        .values(state="dropped")
    )
    session.execute(
        update(Visit)
        .where(Visit.id.in_(visits))
        .values(state="cancelled", version=Visit.version + 1, settled_at=now)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Dose)
        .where(Dose.patient_id == patient_id, Dose.escalate_at.is_not(None))
        .values(escalate_at=None)
    )
    session.execute(
        update(Dose)
        .where(Dose.patient_id == patient_id, Dose.reason == "outage", Dose.told_at.is_(None))
        .values(told_at=now)
    )
    if patient.stopped_at is None:
        patient.stopped_at, patient.stopped_for = now, why
        audit.record(
            session, by=by, action="care.stop", on=("patient", patient_id), now=now, why=why
        )
    return len(plans)


def rescheduled(session: Session, *, patient: Patient, now: datetime) -> None:
    """The patient's own times have changed: look again when each plan is due next."""
    for plan in _plans(session, patient.id, "active", None):
        plan.next_due = _look_after(session, plan, patient, now, as_of_today=True)


def version_in_force(session: Session, plan: Plan) -> PlanVersion:
    return session.scalars(
        select(PlanVersion).where(
            PlanVersion.plan_id == plan.id, PlanVersion.number == plan.version
        )
    ).one()


def _add_version(
    session: Session,
    plan: Plan,
    order: Order,
    *,
    number: int,
    starts_at: datetime,
    by: str,
    now: datetime,
    said: str | None,
) -> None:
    session.add(
        PlanVersion(
            plan_id=plan.id,
            number=number,
            schedule=order.schedule.to_json() | {"timed": order.timed},
            content=order.content.to_json(),
            starts_at=starts_at,
            created_at=now,
            created_by=by,
            ordered_by=said,
        )
    )
    session.flush()


def _next_look(
    kind: str, schedule: Schedule, content: Content, patient: Patient, *, after: datetime
) -> datetime | None:
    """When the clock has to look at a plan: at its next dose, or before its next visit."""
    habits = habits_of(patient)
    if kind == "medication":
        occurrence = next_after(schedule, habits, after=after)
        return occurrence.due_at if occurrence else None
    return first_look(schedule, content, habits, after=after)


def _next_reminder(order: Order, patient: Patient, after: datetime) -> datetime | None:
    occurrence = next_after(order.schedule, habits_of(patient), after=after)
    return occurrence.due_at if occurrence else None


def _look_after(
    session: Session, plan: Plan, patient: Patient, now: datetime, *, as_of_today: bool = False
) -> datetime | None:
    version = version_in_force(session, plan)
    schedule, content = Schedule.from_json(version.schedule), Content.from_json(version.content)
    after = max(now, version.starts_at)
    if as_of_today and plan.kind == "medication":
        after = _without_repeats(session, plan, schedule, habits_of(patient), now=after)
    return _next_look(plan.kind, schedule, content, patient, after=after)


def _look_from(
    session: Session, plan: Plan, patient: Patient, day: date, now: datetime
) -> datetime | None:
    begin = habits_of(patient).moment(day, "00:00") - timedelta(seconds=1)
    return _look_after(session, plan, patient, max(begin, now))


def _starts_at(
    session: Session, plan: Plan, schedule: Schedule, habits: Habits, *, now: datetime
) -> datetime:
    """The moment after which the new version holds."""
    if plan.kind != "medication":
        return now
    return _without_repeats(session, plan, schedule, habits, now=now)


def _without_repeats(
    session: Session, plan: Plan, schedule: Schedule, habits: Habits, *, now: datetime
) -> datetime:
    """``now``, or the last of today's times that would be one too many.

    However the hours move, a day has no more doses than the plan orders for it: those that were
    due before the change count. The later times stay, because they are the ones to come.
    """
    today = habits.day_of(now)
    if not schedule.falls_on(today):
        return now
    day = on_day(schedule, habits, today)
    done = session.scalar(
        select(func.count())
        .select_from(Dose)
        .where(
            Dose.plan_id == plan.id,
            Dose.local_date == today,
            # Withdrawn by the change itself: not reminded of, so still to come.
            ~((Dose.state == "skipped") & Dose.reason.is_not(None)),
        )
    )
    coming = [one for one in day if one.due_at > now]
    surplus = len(coming) - (len(day) - (done or 0))
    return max(now, coming[min(surplus, len(coming)) - 1].due_at) if surplus > 0 else now


def _withdraw(session: Session, plan: Plan, *, reason: str, by: str, now: datetime) -> int:
    """Take back the reminders of a plan that have not reached anybody, or were put off."""
    withdrawn = session.scalars(
        update(Dose)
        .where(Dose.plan_id == plan.id, Dose.state.in_(("due", "snoozed")))
        .values(state="skipped", reason=reason, settled_at=now, settled_by=by, escalate_at=None)
        .returning(Dose.id)
        .execution_options(synchronize_session=False)
    ).all()
    _cancel_visits(session, plan, now=now)
    return len(withdrawn)


def _cancel_visits(session: Session, plan: Plan, *, now: datetime) -> None:
    """The plan's visits to come are off; nobody is reminded of them."""
    coming = (
        select(Visit.id)
        .join(PlanVersion, PlanVersion.id == Visit.version_id)
        .where(PlanVersion.plan_id == plan.id, Visit.state.in_(("planned", "confirmed")))
    )
    session.execute(
        update(VisitNotice)
        .where(VisitNotice.visit_id.in_(coming), VisitNotice.state.in_(("waiting", "released")))
        .values(state="dropped")
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Visit)
        .where(Visit.id.in_(coming))
        .values(state="cancelled", version=Visit.version + 1, settled_at=now)
        .execution_options(synchronize_session=False)
    )


def _end(session: Session, plan: Plan, state: str, *, reason: str, by: str, now: datetime) -> None:
    session.execute(
        update(Dose)
        .where(Dose.plan_id == plan.id, Dose.state.in_(OPEN))
        .values(state="skipped", reason=reason, settled_at=now, settled_by=by, escalate_at=None)
        .execution_options(synchronize_session=False)
    )
    _cancel_visits(session, plan, now=now)
    plan.state, plan.next_due, plan.resume_on, plan.ended_at = state, None, None, now


def _plans(
    session: Session,
    patient_id: int,
    states: str | tuple[str, ...],
    plan_ids: Sequence[int] | None,
) -> list[Plan]:
    wanted = select(Plan).where(
        Plan.patient_id == patient_id,
        Plan.state.in_((states,) if isinstance(states, str) else states),
    )
    if plan_ids is not None:
        wanted = wanted.where(Plan.id.in_(plan_ids))
    return list(session.scalars(wanted.order_by(Plan.id).with_for_update(key_share=True)))


def _locked(session: Session, plan_id: int) -> tuple[Plan, Patient]:
    """A plan and its patient, locked in this order: first the patient."""
    patient_id = session.scalars(select(Plan.patient_id).where(Plan.id == plan_id)).one()
    patient = locked_patient(session, patient_id)
    plan = session.scalars(
        select(Plan)
        .where(Plan.id == plan_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    return plan, patient
