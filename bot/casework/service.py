"""Service at an institution: its beginning, records, periodic assessment, the green channel.

Sources: 闽民事〔2023〕86号 三(二)6–7, 三(六)17.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.casework import conditions, news, people, steps, tickets
from bot.casework.application_form import SERVICE_FORMS
from bot.casework.conditions import months_later
from bot.casework.course_models import (
    FIVE_ITEMS,
    PeriodicAssessment,
    Relapse,
    ServicePeriod,
    ServiceRecord,
)
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Case, Staff
from bot.casework.stages import STEPS
from bot.clock import LOCAL
from bot.privacy import audit

ASSESS_EVERY_MONTHS = 3
"""The documents say "regularly"; a quarter is the office's own choice."""


def start_service(
    session: Session, *, case_id: int, version: int, staff: Staff, by: str, now: datetime
) -> Case:
    """Service begins. Needs both consents and both documents signed by everybody."""
    case, facts = steps.take(
        session, "start_service", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    assert facts.referral is not None
    due = months_later(facts.today, ASSESS_EVERY_MONTHS)
    session.add(
        ServicePeriod(
            case_id=case.id, referral_id=facts.referral.id, started_at=now, assessment_due_on=due
        )
    )
    steps.tell(session, case, news.service_started(facts.referral.institution.name, due), now=now)
    return case


def record_service(
    session: Session,
    *,
    case_id: int,
    source_key: str,
    provided_on: date,
    minutes: int,
    form: str,
    content: str,
    staff: Staff,
    by: str,
    now: datetime,
) -> ServiceRecord:
    """Keep one service that was given; the family is asked whether it was.

    ``source_key`` makes it exist once, however often the form is sent. Raises `Refused` for a
    day outside the service period or an impossible length.
    """
    case = steps.locked_case(session, case_id)
    found = session.scalar(select(ServiceRecord).where(ServiceRecord.source_key == source_key))
    if found is not None:
        if found.case_id != case_id:
            raise Conflict("这条记录已经保存过了，请重新打开页面。")
        return found
    facts = steps.facts_of(session, case=case, staff=staff, now=now)
    if (reason := conditions.not_theirs(STEPS["assess_again"], facts)) is not None:
        raise Conflict(reason)
    if facts.period is None:
        raise Refused("现在不在服务期，不能记服务。")
    began = facts.period.started_at.astimezone(LOCAL).date()
    if not began <= provided_on <= facts.today:
        raise Refused("服务日期要在服务期内，也不能是以后的日子。")
    if not 1 <= minutes <= 24 * 60:
        raise Refused("时长请填分钟数，1到1440。")
    if form not in SERVICE_FORMS or form == "any":
        raise Refused("请从列出的服务形式里选。")
    content = steps.required(content, "请写下做了什么。")
    waiting = session.scalar(
        select(func.count()).where(
            ServiceRecord.case_id == case.id,
            ServiceRecord.confirmed_at.is_(None),
            ServiceRecord.disputed_at.is_(None),
        )
    )
    record = ServiceRecord(
        source_key=source_key,
        case_id=case.id,
        period_id=facts.period.id,
        provided_on=provided_on,
        minutes=minutes,
        form=form,
        content=content,
        recorded_by=by,
        recorded_at=now,
    )
    session.add(record)
    session.flush()
    audit.record(session, by=by, action="service.record", on=("case", case.id), now=now)
    if not waiting:  # asked once, not after every single record
        assert facts.institution is not None
        steps.tell(
            session, case, news.record_to_confirm(facts.institution.name, provided_on), now=now
        )
    return record


def confirm_service(
    session: Session, *, record_id: int, contact_id: int, by: str, now: datetime
) -> ServiceRecord:
    """The family says that the service was given. One tap; a second changes nothing."""
    record = _answerable(session, record_id, contact_id)
    if record.confirmed_at is None:
        if record.disputed_at is not None:
            raise Conflict("您说过这次没有做，社工正在核实。")
        record.confirmed_at, record.answered_by = now, contact_id
        audit.record(session, by=by, action="service.confirm", on=("case", record.case_id), now=now)
    return record


def dispute_service(
    session: Session, *, record_id: int, contact_id: int, what: str, by: str, now: datetime
) -> ServiceRecord:
    """The family says that it was otherwise: a complaint, kept away from the institution."""
    record = _answerable(session, record_id, contact_id)
    if record.disputed_at is None:
        record.confirmed_at, record.disputed_at, record.answered_by = None, now, contact_id
        on = record.provided_on
        tickets.open_ticket(
            session,
            source_key=f"service_record:{record.id}",
            kind="complaint",
            urgency="soon",
            summary=f"{on.month}月{on.day}日的服务记录，家属说不对。{what.strip()}",
            by=by,
            now=now,
            contact_id=contact_id,
            case_id=record.case_id,
        )
        audit.record(session, by=by, action="service.dispute", on=("case", record.case_id), now=now)
    return record


def assess_again(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    items: dict[str, str],
    ready_to_leave: bool,
    by: str,
    now: datetime,
) -> Case:
    """The periodic assessment: each of `FIVE_ITEMS`, and whether the patient could leave."""
    said = {key: items.get(key, "").strip() for key in FIVE_ITEMS}
    if empty := [FIVE_ITEMS[key] for key, value in said.items() if not value]:
        raise Refused(f"五项都要看，还没写：{'、'.join(empty)}。")
    case, facts = steps.take(
        session, "assess_again", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    assert facts.period is not None
    session.add(
        PeriodicAssessment(
            case_id=case.id,
            period_id=facts.period.id,
            at=now,
            by=by,
            items=said,
            ready_to_leave=ready_to_leave,
        )
    )
    facts.period.assessment_due_on = months_later(facts.today, ASSESS_EVERY_MONTHS)
    tickets.settle_tasks(session, case_id=case.id, kind="assessment", by=by, now=now)
    steps.tell(
        session,
        case,
        news.assessed_again(facts.period.assessment_due_on, ready=ready_to_leave),
        now=now,
    )
    return case


def go_to_hospital(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    signs: str,
    hospital: str,
    by: str,
    now: datetime,
) -> Case:
    """The illness has come back: the green channel to hospital; the place stays theirs.

    The family is told to call 120 or 110 first where there is danger, and is promised no bed.
    """
    signs = steps.required(signs, "请写下看到了什么情况。")
    hospital = steps.required(hospital, "请写下联系哪家医院。")
    case, _ = steps.take(
        session, "go_to_hospital", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    relapse = Relapse(case_id=case.id, at=now, signs=signs, hospital=hospital)
    session.add(relapse)
    session.flush()
    tickets.open_ticket(
        session,
        source_key=f"relapse:{relapse.id}",
        kind="green_channel",
        urgency="urgent",
        summary=f"绿色通道：{signs}；联系：{hospital}",
        by=by,
        now=now,
        contact_id=case.contact_id,
        case_id=case.id,
        county_code=case.county_code,
    )
    steps.tell(session, case, news.to_hospital(hospital), now=now)
    return case


def come_back(
    session: Session, *, case_id: int, version: int, staff: Staff, by: str, now: datetime
) -> Case:
    """Back from hospital; service goes on."""
    case, _ = steps.take(
        session, "come_back", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    end_relapse(session, case_id=case.id, now=now)
    steps.tell(session, case, news.back(), now=now)
    return case


def end_relapse(session: Session, *, case_id: int, now: datetime) -> None:
    """Note that no hospital stay is open any more."""
    for relapse in session.scalars(
        select(Relapse).where(Relapse.case_id == case_id, Relapse.back_at.is_(None))
    ):
        relapse.back_at = now


def _answerable(session: Session, record_id: int, contact_id: int) -> ServiceRecord:
    record = session.get(ServiceRecord, record_id, with_for_update=True)
    if record is None or not people.roles_of(
        session, case_id=record.case_id, contact_id=contact_id
    ):
        raise Conflict("找不到这条服务记录。")
    return record
