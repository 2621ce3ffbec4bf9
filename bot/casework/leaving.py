"""How a case leaves its institution, ends, and comes back.

Source: 闽民事〔2023〕86号 三(二)6 (moving away), 7 (onward referral, closure on the platform).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import places
from bot.casework import news, service, steps, tickets
from bot.casework.course_models import Closure, PlatformRegistration, Relocation
from bot.casework.errors import Refused
from bot.casework.models import Case, Staff
from bot.casework.stages import ENDINGS, ONWARD
from bot.clock import LOCAL


def prepare_leaving(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    onward_to: str,
    details: str,
    by: str,
    now: datetime,
) -> Case:
    """Arrange where the patient goes next (`ONWARD`); needs a periodic assessment that says so.

    For employment a ticket is opened; no job is promised.
    """
    if onward_to not in ONWARD:
        raise Refused("请选下一步去哪里。")
    details = steps.required(details, "请写下和谁联系、怎么安排。")
    case, facts = steps.take(
        session, "prepare_leaving", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    assert facts.period is not None
    facts.period.onward_to, facts.period.onward_details = onward_to, details
    if onward_to in ("employment", "sheltered_employment"):
        tickets.open_ticket(
            session,
            source_key=f"onward:{facts.period.id}:{case.version}",
            kind="employment",
            urgency="normal",
            summary=f"{ONWARD[onward_to]}：{details}",
            by=by,
            now=now,
            contact_id=case.contact_id,
            case_id=case.id,
            county_code=case.county_code,
        )
    steps.tell(session, case, news.leaving(onward_to), now=now)
    return case


def stay_on(
    session: Session, *, case_id: int, version: int, staff: Staff, by: str, now: datetime
) -> Case:
    """The patient stays in service after all."""
    case, facts = steps.take(
        session, "stay_on", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    assert facts.period is not None
    facts.period.onward_to = facts.period.onward_details = None
    steps.tell(session, case, news.stays(), now=now)
    return case


def close(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    closed_on: date,
    by: str,
    now: datetime,
) -> Case:
    """Close with the prepared onward referral; ``closed_on`` is the day on the national platform.

    Raises `Refused` for a day that is still to come: the platform comes first.
    """
    case, facts = steps.take(
        session, "close", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    assert facts.period is not None
    assert facts.period.onward_to is not None
    assert facts.period.onward_details is not None
    _register_closure(session, case, closed_on, now)
    outcome, details = facts.period.onward_to, facts.period.onward_details
    steps.leave_institution(session, case_id=case.id, reason=None, now=now)
    session.add(Closure(case_id=case.id, at=now, outcome=outcome, details=details))
    settle_everything(session, case, by=by, now=now)
    steps.tell(session, case, news.closed(outcome, details), now=now)
    return case


def end(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    outcome: str,
    reason: str,
    closed_on: date | None,
    by: str,
    now: datetime,
) -> Case:
    """End a case without onward referral (`ENDINGS`).

    ``closed_on`` is needed where the case is registered on the national platform. After a death
    the family reads condolences and nothing else.
    """
    if outcome not in ENDINGS:
        raise Refused("请选结案的原因。")
    reason = steps.required(reason, "请写下为什么提前结案。")
    case, _ = steps.take(
        session, "end", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    _register_closure(session, case, closed_on, now)
    service.end_relapse(session, case_id=case.id, now=now)
    steps.leave_institution(session, case_id=case.id, reason=reason, now=now)
    session.add(Closure(case_id=case.id, at=now, outcome=outcome, details=reason))
    settle_everything(session, case, by=by, now=now)
    text = news.condolences() if outcome == "died" else news.ended(ENDINGS[outcome])
    steps.tell(session, case, text, now=now)
    return case


def relocate(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    to_county: str,
    agreed: bool,
    by: str,
    now: datetime,
) -> Case:
    """The patient moves to another county: service here ends, the waiting there begins.

    ``agreed``: the family lets its papers go to the institution at the new home; without that
    the step is refused. Moving examines the situation anew: the three months begin again.
    """
    county = places.get(to_county)
    if county is None or county.level != "county":
        raise Refused("请选新家所在的县（区、市）。")
    if not agreed:
        raise Refused("要家属同意把材料转给新地方的机构，才能转出。")
    if to_county == steps.locked_case(session, case_id).county_code:
        raise Refused("新家还在原来的县（区、市），不用转出。")
    case, _ = steps.take(
        session, "relocate", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    service.end_relapse(session, case_id=case.id, now=now)
    steps.leave_institution(session, case_id=case.id, reason="搬家转出", now=now)
    session.add(
        Relocation(
            case_id=case.id,
            at=now,
            from_county=case.county_code,
            to_county=to_county,
            agreed=agreed,
        )
    )
    case.county_code, case.examined_at = to_county, now
    steps.tell(session, case, news.relocated(county.name), now=now)
    return case


def reopen(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    reason: str,
    by: str,
    now: datetime,
) -> Case:
    """Take a closed, refused or withdrawn case up again: back to the review.

    Consents that were withdrawn stay so until they are given anew; a supervisor who upholds an
    objection does it with this step.
    """
    reason = steps.required(reason, "请写下为什么重新办理。")
    case, _ = steps.take(
        session,
        "reopen",
        case_id=case_id,
        version=version,
        staff=staff,
        by=by,
        now=now,
        note=reason,
    )
    for closure in session.scalars(
        select(Closure).where(Closure.case_id == case.id, Closure.reopened_at.is_(None))
    ):
        closure.reopened_at = now
    tickets.settle_tasks(session, case_id=case.id, kind="objection", by=by, now=now)
    steps.tell(session, case, news.reopened(case.receipt_number), now=now)
    return case


def settle_everything(session: Session, case: Case, *, by: str, now: datetime) -> None:
    """Settle the tasks that only made sense while the case ran."""
    for kind in ("application", "recheck", "assessment"):
        tickets.settle_tasks(session, case_id=case.id, kind=kind, by=by, now=now)


def _register_closure(session: Session, case: Case, closed_on: date | None, now: datetime) -> None:
    row = session.scalar(
        select(PlatformRegistration).where(PlatformRegistration.case_id == case.id)
    )
    if row is None:
        return
    if closed_on is None:
        raise Refused("先在国家平台登记结案，再把那天的日期填在这里。")
    if not row.registered_on <= closed_on <= now.astimezone(LOCAL).date():
        raise Refused("结案日期要在登记之后，也不能是以后的日子。")
    row.closed_on = closed_on
