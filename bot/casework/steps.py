"""Taking one step of a case: the one way in which its stage changes.

A step locks the case, compares its version, asks the conditions and leaves an event on the
timeline and an audit row. What the step means is in the modules that call it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload

from bot.casework import conditions
from bot.casework.conditions import Facts
from bot.casework.course_models import (
    Binding,
    Document,
    PeriodicAssessment,
    Referral,
    ServicePeriod,
    Signature,
)
from bot.casework.errors import Conflict, Refused
from bot.casework.institution_models import Institution
from bot.casework.models import Case, CaseEvent, Staff
from bot.casework.stages import STEPS, Step
from bot.casework.team_models import Training
from bot.clock import LOCAL
from bot.delivery import outbox
from bot.privacy import audit
from bot.privacy.models import Consent


@dataclass(frozen=True)
class Possible:
    """A step that starts at the case's stage, and what it still lacks."""

    step: Step
    missing: tuple[str, ...]
    not_theirs: str | None
    """Why the member of staff who asks may not take it; None when they may."""

    @property
    def ready(self) -> bool:
        """It can be taken now."""
        return not self.missing and self.not_theirs is None


def next_steps(session: Session, *, case: Case, staff: Staff, now: datetime) -> list[Possible]:
    """Every step that starts here, in the order of the desk, with what each lacks."""
    facts = facts_of(session, case=case, staff=staff, now=now)
    return [
        Possible(step, conditions.missing(step, facts), conditions.not_theirs(step, facts))
        for step in STEPS.values()
        if case.stage in step.sources
    ]


def take(
    session: Session,
    name: str,
    *,
    case_id: int,
    version: int | None,
    by: str,
    now: datetime,
    staff: Staff | None = None,
    note: str | None = None,
    chosen: Institution | None = None,
) -> tuple[Case, Facts]:
    """Move a case by one step; returns it with the facts as they were before.

    ``version`` None is for those who saw no page: the family in chat. Raises `Conflict` when
    the case moved in between, `Refused` when a condition is missing (the first one is told).
    """
    step = STEPS[name]
    case = locked_case(session, case_id)
    if version is not None and case.version != version:
        raise Conflict("这份申请刚刚有变动，您的这一步没有做。")
    if case.stage not in step.sources:
        raise Conflict("这份申请已经不在这一步了，您的这一步没有做。")
    facts = facts_of(session, case=case, staff=staff, now=now, chosen=chosen)
    if (reason := conditions.not_theirs(step, facts)) is not None:
        raise Conflict(reason)
    if missing := conditions.missing(step, facts):
        raise Refused(missing[0])
    source, case.stage = case.stage, step.leads_from(case.stage)
    case.version, case.updated_at = case.version + 1, now
    session.add(CaseEvent(case_id=case.id, at=now, by=by, step=name, note=note))
    audit.record(
        session,
        by=by,
        action=f"case.{name}",
        on=("case", case.id),
        now=now,
        source=source,
        target=case.stage,
    )
    return case, facts


def facts_of(
    session: Session,
    *,
    case: Case,
    now: datetime,
    staff: Staff | None = None,
    chosen: Institution | None = None,
) -> Facts:
    """Read what the conditions look at: at most six queries, whatever the case holds."""
    consents = session.scalars(
        select(Consent)
        .where(Consent.application_id == case.application_id)
        .ext(distinct_on(Consent.purpose))
        .order_by(Consent.purpose, Consent.id.desc())
    )
    referral = open_referral(session, case.id)
    signed: frozenset[tuple[str, str]] = frozenset()
    period = None
    ready = False
    if referral is not None:
        signed = frozenset(
            session.execute(
                select(Document.kind, Signature.signer)
                .join(Signature, Signature.document_id == Document.id)
                .where(Document.referral_id == referral.id, Document.superseded_at.is_(None))
            )
        )
        period = open_period(session, case.id)
    if period is not None:
        ready = bool(
            session.scalar(
                select(PeriodicAssessment.ready_to_leave)
                .where(PeriodicAssessment.period_id == period.id)
                .order_by(PeriodicAssessment.id.desc())
                .limit(1)
            )
        )
    training = None
    if staff is not None and case.stage in STEPS["assess_needs"].sources:
        training = newest_training(session, staff_id=staff.id, now=now)
    return Facts(
        case=case,
        today=now.astimezone(LOCAL).date(),
        staff=staff,
        consents={consent.purpose: consent.state for consent in consents},
        trained_until=training.valid_until if training else None,
        referral=referral,
        institution=referral.institution if referral else None,
        signed=signed,
        period=period,
        ready_to_leave=ready,
        chosen=chosen,
        chosen_counties=frozenset(row.county_code for row in chosen.counties)
        if chosen
        else frozenset(),
    )


def newest_training(session: Session, *, staff_id: int, now: datetime) -> Training | None:
    """The training in needs assessment that holds longest, of those passed by now."""
    return session.scalar(
        select(Training)
        .where(
            Training.staff_id == staff_id,
            Training.kind == "needs_assessment",
            Training.passed_on <= now.astimezone(LOCAL).date(),
        )
        .order_by(Training.valid_until.desc())
        .limit(1)
    )


def open_referral(session: Session, case_id: int) -> Referral | None:
    """The referral that keeps a place for the patient, with its institution."""
    return session.scalar(
        select(Referral)
        .where(Referral.case_id == case_id, Referral.state.in_(("sent", "accepted")))
        .options(joinedload(Referral.institution))
    )


def open_period(session: Session, case_id: int) -> ServicePeriod | None:
    """The service period under way."""
    return session.scalar(
        select(ServicePeriod).where(
            ServicePeriod.case_id == case_id, ServicePeriod.ended_at.is_(None)
        )
    )


def leave_institution(session: Session, *, case_id: int, reason: str | None, now: datetime) -> None:
    """End the open service period and the open referral, where there are any; the place is free."""
    period = open_period(session, case_id)
    if period is not None:
        period.ended_at = now
    referral = open_referral(session, case_id)
    if referral is not None:
        referral.state, referral.ended_at, referral.reason = "ended", now, reason


def tell(session: Session, case: Case, text: str, *, now: datetime) -> None:
    """Send a piece of news to everybody who is bound to the case, once each."""
    bound = session.scalars(
        select(Binding.contact_id).where(Binding.case_id == case.id, Binding.ended_at.is_(None))
    )
    for contact_id in sorted({case.contact_id, *bound}):
        outbox.post(
            session,
            contact_id=contact_id,
            draft=outbox.Draft(text, purpose="case_news"),
            by="system:casework",
            now=now,
        )


def locked_case(session: Session, case_id: int) -> Case:
    """The case, locked until the transaction ends and as the database has it now."""
    case = session.get(Case, case_id, with_for_update=True)
    if case is None:
        raise Conflict("找不到这份申请。")
    return case


def required(text: str, sentence: str) -> str:
    """What somebody typed, without blanks around it; raises `Refused` when nothing is left."""
    text = text.strip()
    if not text:
        raise Refused(sentence)
    return text
