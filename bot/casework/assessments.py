"""From the review to the waiting list: needs assessment, registration, recheck, refusal.

Source: 闽民事〔2023〕86号 三(二)5–6, 三(四)13.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework import news, steps, tickets
from bot.casework.application_form import SERVICE_FORMS
from bot.casework.conditions import recheck_due_after
from bot.casework.course_models import NeedsAssessment, PlatformRegistration, Recheck
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Case, CaseEvent, Staff
from bot.clock import LOCAL
from bot.privacy import audit

OBJECTION_WITHIN = timedelta(days=60)


def assess_needs(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    reasons: str,
    service_forms: Sequence[str],
    by: str,
    now: datetime,
) -> Case:
    """Sign the needs assessment: the need is there, with reasons and fitting forms of service.

    Without a need the step is `refuse`. Raises `Refused` when the signer's training is missing
    or expired.
    """
    reasons = steps.required(reasons, "请写下评估的结论和理由。")
    if not set(service_forms) <= set(SERVICE_FORMS):
        raise Refused("请从列出的服务形式里选。")
    case, _ = steps.take(
        session, "assess_needs", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    training = steps.newest_training(session, staff_id=staff.id, now=now)
    assert training is not None  # a condition of the step
    session.add(
        NeedsAssessment(
            case_id=case.id,
            staff_id=staff.id,
            training_id=training.id,
            at=now,
            reasons=reasons,
            service_forms=list(service_forms),
        )
    )
    case.examined_at = now
    steps.tell(session, case, news.assessed(case.patient_name), now=now)
    return case


def register(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    number: str,
    registered_on: date,
    by: str,
    now: datetime,
) -> Case:
    """Type back number and day of the registration that was made by hand on the national platform.

    Needs both consents. Raises `Refused` for a number that belongs to another case or a day
    that is still to come.
    """
    number = steps.required(number, "请填国家平台上的登记编号。")
    if registered_on > now.astimezone(LOCAL).date():
        raise Refused("登记日期还没有到，登记好了再填。")
    taken = session.scalar(
        select(PlatformRegistration.case_id).where(
            PlatformRegistration.number == number, PlatformRegistration.case_id != case_id
        )
    )
    if taken is not None:
        raise Refused("这个登记编号已经记在另一份申请上了，请核对。")
    case, _ = steps.take(
        session, "register", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    row = session.scalar(
        select(PlatformRegistration).where(PlatformRegistration.case_id == case.id)
    )
    if row is None:
        row = PlatformRegistration(case_id=case.id)
        session.add(row)
    row.number, row.registered_on, row.closed_on = number, registered_on, None
    assert case.examined_at is not None  # an assessment went before
    steps.tell(
        session,
        case,
        news.registered(case.patient_name, registered_on, recheck_due_after(case.examined_at)),
        now=now,
    )
    return case


def recheck(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    situation: str,
    by: str,
    now: datetime,
) -> Case:
    """Willingness and situation were asked again and the family still waits.

    Without willingness the step is `withdraw`, without need `refuse`.
    """
    situation = steps.required(situation, "请写下家属现在的意愿和实际情况。")
    case, _ = steps.take(
        session, "recheck", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    session.add(Recheck(case_id=case.id, by=by, at=now, situation=situation))
    case.examined_at = now
    tickets.settle_tasks(session, case_id=case.id, kind="recheck", by=by, now=now)
    steps.tell(session, case, news.rechecked(), now=now)
    return case


def refuse(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    reason: str,
    by: str,
    now: datetime,
) -> Case:
    """Do not take the application on; the family reads ``reason`` and how to object."""
    reason = steps.required(reason, "请写清楚为什么不受理，家属会看到。")
    case, _ = steps.take(
        session,
        "refuse",
        case_id=case_id,
        version=version,
        staff=staff,
        by=by,
        now=now,
        note=reason,
    )
    tickets.settle_tasks(session, case_id=case.id, kind="application", by=by, now=now)
    tickets.settle_tasks(session, case_id=case.id, kind="recheck", by=by, now=now)
    steps.tell(session, case, news.refused(case.receipt_number, reason), now=now)
    return case


def object_to_refusal(session: Session, *, case_id: int, text: str, by: str, now: datetime) -> int:
    """The family objects within 60 days: a ticket for the supervisor; returns its id.

    Objecting twice finds the ticket already made. The supervisor upholds with `reopen`.
    """
    case = steps.locked_case(session, case_id)
    if case.stage != "refused":
        raise Conflict("这份申请没有不予受理的结果，不用提异议。")
    if now - case.updated_at > OBJECTION_WITHIN:
        raise Refused("已经过了60天。情况有变化的话，可以重新申请，社工会再看。")
    text = steps.required(text, "请写几句您的理由。")
    ticket_id = tickets.open_ticket(
        session,
        source_key=f"objection:{case.id}:{case.version}",
        kind="objection",
        urgency="soon",
        summary=text,
        by=by,
        now=now,
        contact_id=case.contact_id,
        case_id=case.id,
        county_code=case.county_code,
    )
    session.add(CaseEvent(case_id=case.id, at=now, by=by, step="object", note=text))
    audit.record(session, by=by, action="case.object", on=("case", case.id), now=now)
    steps.tell(session, case, news.objection_taken(), now=now)
    return ticket_id
