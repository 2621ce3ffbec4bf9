"""Handing a patient to an institution near home. Source: 闽民事〔2023〕86号 三(二)6."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bot.casework import news, steps
from bot.casework.course_models import PROFESSIONS, ComprehensiveAssessment, Referral
from bot.casework.errors import Refused
from bot.casework.institution_models import Institution
from bot.casework.models import Case, Staff


def refer(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    institution_id: int,
    by: str,
    now: datetime,
) -> Case:
    """Hand the patient to an institution; the place is taken from now on.

    Raises `Refused` naming the first missing condition: both consents, the recheck after three
    months, the institution's admission, county and a free place.
    """
    # Locked before it is counted: of two referrals to the last place, the second is told.
    chosen = session.scalar(
        select(Institution)
        .where(Institution.id == institution_id)
        .options(selectinload(Institution.counties))
        .with_for_update(of=Institution)
        .execution_options(populate_existing=True)
    )
    if chosen is None:
        raise Refused("找不到这家机构。")
    case, _ = steps.take(
        session,
        "refer",
        case_id=case_id,
        version=version,
        staff=staff,
        by=by,
        now=now,
        chosen=chosen,
    )
    session.add(Referral(case_id=case.id, institution_id=chosen.id, sent_at=now))
    session.flush()
    session.refresh(chosen, ["places_taken"])  # the database has counted
    steps.tell(session, case, news.referred(chosen.name, chosen.address, chosen.telephone), now=now)
    return case


def accept_referral(
    session: Session, *, case_id: int, version: int, staff: Staff, by: str, now: datetime
) -> Case:
    """The institution takes the patient on; a comprehensive assessment follows."""
    case, facts = steps.take(
        session, "accept_referral", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    assert facts.referral is not None
    facts.referral.state, facts.referral.accepted_at = "accepted", now
    steps.tell(session, case, news.accepted_by(facts.referral.institution.name), now=now)
    return case


def decline_referral(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    reason: str,
    by: str,
    now: datetime,
) -> Case:
    """Back to the waiting list, before service has begun: declined, or found not to fit."""
    reason = steps.required(reason, "请写下为什么退回，社工好另找机构。")
    case, facts = steps.take(
        session,
        "decline_referral",
        case_id=case_id,
        version=version,
        staff=staff,
        by=by,
        now=now,
        note=reason,
    )
    assert facts.referral is not None
    facts.referral.state, facts.referral.ended_at = "declined", now
    facts.referral.reason = reason
    steps.tell(session, case, news.declined_by(facts.referral.institution.name), now=now)
    return case


def assess_together(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    participants: dict[str, str],
    opinion: str,
    by: str,
    now: datetime,
) -> Case:
    """The comprehensive assessment with its rehabilitation opinion.

    ``participants`` maps each of `PROFESSIONS` to a name; all four take part.
    """
    opinion = steps.required(opinion, "请写下康复意见。")
    named = {key: participants.get(key, "").strip() for key in PROFESSIONS}
    absent = [PROFESSIONS[key] for key, name in named.items() if not name]
    if absent:
        raise Refused(f"综合评估要几方一起做，还缺：{'、'.join(absent)}。")
    case, facts = steps.take(
        session, "assess_together", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    assert facts.referral is not None
    session.add(
        ComprehensiveAssessment(
            case_id=case.id,
            referral_id=facts.referral.id,
            at=now,
            participants=named,
            opinion=opinion,
        )
    )
    steps.tell(session, case, news.assessed_together(facts.referral.institution.name), now=now)
    return case
