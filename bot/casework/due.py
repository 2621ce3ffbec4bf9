"""What becomes due because time passes: tasks for staff, overdue and unread tickets.

Each function does a batch and returns how many it did. A ticket's source names the occasion, so
that however many schedulers run, and however long none did, each task exists once. Cost follows
what is due: every search begins at an index on the due time.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy import case as case_when
from sqlalchemy.orm import Session, aliased

from bot.casework import news, steps, tickets, working_time
from bot.casework.conditions import RECHECK_AFTER_MONTHS, months_later, recheck_due_after
from bot.casework.course_models import ServicePeriod
from bot.casework.models import Case, Staff, Ticket
from bot.casework.team_models import Training
from bot.clock import LOCAL
from bot.privacy import audit

BY = "system:scheduler"
BATCH = 200
AHEAD = timedelta(days=14)
"""Rechecks and assessments are announced two weeks before."""
TRAINING_AHEAD = timedelta(days=60)
UNREAD_BEFORE_DUE = timedelta(minutes=15)
"""An urgent ticket that nobody has opened so long before it is due goes to the supervisors."""
END_OF_DAY = time(17, 30)


def rechecks(session: Session, *, now: datetime) -> int:
    """Who will have waited for three months in two weeks: a task, and a word to the family.

    Source: 闽民事〔2023〕86号 三(二)6.
    """
    horizon = now.astimezone(LOCAL).date() + AHEAD
    # A few days wider than any month's length, then exact below.
    latest = datetime.combine(
        months_later(horizon, -RECHECK_AFTER_MONTHS) + timedelta(days=4), time.min, LOCAL
    )
    key = func.concat(
        "recheck:",
        Case.id,
        ":",
        func.to_char(func.timezone("Asia/Shanghai", Case.examined_at), "YYYYMMDD"),
    )
    found = session.scalars(
        select(Case)
        .where(
            Case.stage == "waiting",
            Case.examined_at < latest,
            ~exists().where(Ticket.source_key == key),
        )
        .order_by(Case.examined_at)
        .limit(BATCH)
    ).all()
    done = 0
    for case in found:
        assert case.examined_at is not None
        due_on = recheck_due_after(case.examined_at)
        if due_on > horizon:
            continue
        made = tickets.make_once(
            session,
            source_key=f"recheck:{case.id}:{case.examined_at.astimezone(LOCAL):%Y%m%d}",
            kind="recheck",
            urgency="soon",
            summary="等机构快满三个月了，转介前要再次审核意愿和实际情况。",
            by=BY,
            now=now,
            contact_id=case.contact_id,
            case_id=case.id,
            county_code=case.county_code,
            owner_id=case.assigned_to,
            due=datetime.combine(due_on, END_OF_DAY, LOCAL),
        )
        if made is not None:
            steps.tell(session, case, news.recheck_coming(due_on), now=now)
            done += 1
    return done


def assessments(session: Session, *, now: datetime) -> int:
    """Periodic assessments due within two weeks. Source: 闽民事〔2023〕86号 三(二)7."""
    horizon = now.astimezone(LOCAL).date() + AHEAD
    key = func.concat(
        "assessment:",
        ServicePeriod.id,
        ":",
        func.to_char(ServicePeriod.assessment_due_on, "YYYYMMDD"),
    )
    found = session.execute(
        select(ServicePeriod, Case)
        .join(Case, Case.id == ServicePeriod.case_id)
        .where(
            ServicePeriod.ended_at.is_(None),
            ServicePeriod.assessment_due_on <= horizon,
            Case.stage == "in_service",
            ~exists().where(Ticket.source_key == key),
        )
        .order_by(ServicePeriod.assessment_due_on)
        .limit(BATCH)
    ).all()
    done = 0
    for period, case in found:
        made = tickets.make_once(
            session,
            source_key=f"assessment:{period.id}:{period.assessment_due_on:%Y%m%d}",
            kind="assessment",
            urgency="normal",
            summary="定期评估快到时间了：效果、病情、自理、就业意愿和能力，五项都看。",
            by=BY,
            now=now,
            contact_id=case.contact_id,
            case_id=case.id,
            county_code=case.county_code,
            owner_id=case.assigned_to,
            due=datetime.combine(period.assessment_due_on, END_OF_DAY, LOCAL),
        )
        done += made is not None
    return done


def trainings(session: Session, *, now: datetime) -> int:
    """Assessors whose training runs out within two months and was not renewed."""
    today = now.astimezone(LOCAL).date()
    later = aliased(Training)
    found = session.execute(
        select(Training, Staff.display_name)
        .join(Staff, Staff.id == Training.staff_id)
        .where(
            Training.kind == "needs_assessment",
            Training.valid_until.between(today, today + TRAINING_AHEAD),
            Staff.active,
            ~exists().where(
                later.staff_id == Training.staff_id,
                later.kind == Training.kind,
                later.valid_until > Training.valid_until,
            ),
            ~exists().where(Ticket.source_key == func.concat("training:", Training.id)),
        )
        .limit(BATCH)
    ).all()
    done = 0
    for training, name in found:
        until = training.valid_until
        made = tickets.make_once(
            session,
            source_key=f"training:{training.id}",
            kind="training",
            urgency="normal",
            summary=f"{name}的康复需求评估培训到{until.year}年{until.month}月{until.day}日，"
            "过期就不能签需求评估了，请安排续训。",
            by=BY,
            now=now,
            due=datetime.combine(until, END_OF_DAY, LOCAL),
        )
        done += made is not None
    return done


def overdue(session: Session, *, now: datetime) -> int:
    """Note which tickets have passed their due time; each once."""
    late = (
        select(Ticket.id)
        .where(
            Ticket.state != "settled",
            Ticket.overdue_at.is_(None),
            Ticket.paused_left.is_(None),
            Ticket.due_at < now,
        )
        .order_by(Ticket.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    found = session.scalars(
        update(Ticket)
        .where(Ticket.id.in_(late.scalar_subquery()))
        .values(overdue_at=now)
        .returning(Ticket.id)
    ).all()
    for ticket_id in found:
        audit.record(session, by=BY, action="ticket.overdue", on=("ticket", ticket_id), now=now)
    return len(found)


def unread(session: Session, *, now: datetime) -> int:
    """Show tickets that nobody has opened to the supervisors; at night only the urgent ones.

    Urgent: a quarter of an hour before they are due; the rest once they are overdue and the
    office is open. What was nobody's hurry is now to be done soon; only a crisis is urgent.
    """
    calendar = working_time.calendar_for(session, county_code=None, now=now)
    due = and_(Ticket.urgency == "urgent", Ticket.due_at <= now + UNREAD_BEFORE_DUE)
    if calendar.is_open(now):
        due = or_(due, Ticket.due_at <= now)
    waiting = (
        select(Ticket.id)
        .where(
            Ticket.state == "open",
            Ticket.read_at.is_(None),
            Ticket.escalated_at.is_(None),
            Ticket.due_at <= now + UNREAD_BEFORE_DUE,
            due,
        )
        .order_by(Ticket.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    found = session.scalars(
        update(Ticket)
        .where(Ticket.id.in_(waiting.scalar_subquery()))
        .values(
            escalated_at=now,
            urgency=case_when({"normal": "soon"}, value=Ticket.urgency, else_=Ticket.urgency),
            version=Ticket.version + 1,
        )
        .returning(Ticket.id)
    ).all()
    for ticket_id in found:
        audit.record(session, by=BY, action="ticket.escalate", on=("ticket", ticket_id), now=now)
    return len(found)


def calendar_year(session: Session, *, now: datetime) -> int:
    """A year is near whose holidays nobody has told: a task, due before it begins."""
    year = working_time.unknown_year(session, now=now)
    if year is None:
        return 0
    made = tickets.make_once(
        session,
        source_key=f"calendar:{year}",
        kind="calendar",
        urgency="normal",
        summary=f"系统里还没有{year}年的放假安排，先按周一到周五算。请管理员更新或填好放假和调休。",
        by=BY,
        now=now,
    )
    return int(made is not None)
