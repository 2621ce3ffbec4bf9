"""What happened to a case after its application, read for its page: a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from bot.casework import conditions
from bot.casework.course_models import (
    Binding,
    Closure,
    ComprehensiveAssessment,
    Document,
    NeedsAssessment,
    PeriodicAssessment,
    PlatformRegistration,
    Recheck,
    Referral,
    Relapse,
    Relocation,
    ServicePeriod,
    ServiceRecord,
)
from bot.casework.models import Case

_Row = TypeVar(
    "_Row",
    NeedsAssessment,
    Recheck,
    ComprehensiveAssessment,
    ServicePeriod,
    PeriodicAssessment,
    Relapse,
    Relocation,
    Closure,
)
RECORDS_SHOWN = 50
CASES_SHOWN = 200


@dataclass(frozen=True)
class Course:
    """Everything that the steps of one case have left, oldest first where there are several."""

    needs_assessments: Sequence[NeedsAssessment]
    registration: PlatformRegistration | None
    rechecks: Sequence[Recheck]
    recheck_due_on: date | None
    """The last day on which a referral needs no recheck; None unless the case waits."""
    referrals: Sequence[Referral]
    """With their institutions."""
    comprehensive_assessments: Sequence[ComprehensiveAssessment]
    documents: Sequence[Document]
    """Current ones of the open referral, with signatures."""
    missing_signatures: tuple[tuple[str, str], ...]
    """(document, signer) that are still to come; empty before the documents are prepared."""
    periods: Sequence[ServicePeriod]
    records: Sequence[ServiceRecord]
    """The newest `RECORDS_SHOWN`, newest first."""
    unconfirmed: int
    """How many records the family has not answered yet."""
    periodic_assessments: Sequence[PeriodicAssessment]
    relapses: Sequence[Relapse]
    relocations: Sequence[Relocation]
    closures: Sequence[Closure]
    bindings: Sequence[Binding]


def course(session: Session, case: Case) -> Course:
    """Read a case's course; the number of queries does not depend on its length."""
    referrals = session.scalars(
        select(Referral)
        .where(Referral.case_id == case.id)
        .options(joinedload(Referral.institution))
        .order_by(Referral.id)
    ).all()
    current = next((one for one in referrals if one.state in ("sent", "accepted")), None)
    documents: Sequence[Document] = ()
    if current is not None:
        documents = session.scalars(
            select(Document)
            .where(Document.referral_id == current.id, Document.superseded_at.is_(None))
            .options(selectinload(Document.signatures))
            .order_by(Document.kind)
        ).all()
    signed = {(one.kind, mark.signer) for one in documents for mark in one.signatures}
    return Course(
        needs_assessments=_of(session, NeedsAssessment, case),
        registration=session.scalar(
            select(PlatformRegistration).where(PlatformRegistration.case_id == case.id)
        ),
        rechecks=_of(session, Recheck, case),
        recheck_due_on=conditions.recheck_due_on(case) if case.stage == "waiting" else None,
        referrals=referrals,
        comprehensive_assessments=_of(session, ComprehensiveAssessment, case),
        documents=documents,
        missing_signatures=tuple(
            pair for pair in conditions.needed_signatures(case) if documents and pair not in signed
        ),
        periods=_of(session, ServicePeriod, case),
        records=session.scalars(
            select(ServiceRecord)
            .where(ServiceRecord.case_id == case.id)
            .order_by(ServiceRecord.provided_on.desc(), ServiceRecord.id.desc())
            .limit(RECORDS_SHOWN)
        ).all(),
        unconfirmed=session.scalar(
            select(func.count()).where(
                ServiceRecord.case_id == case.id,
                ServiceRecord.confirmed_at.is_(None),
                ServiceRecord.disputed_at.is_(None),
            )
        )
        or 0,
        periodic_assessments=_of(session, PeriodicAssessment, case),
        relapses=_of(session, Relapse, case),
        relocations=_of(session, Relocation, case),
        closures=_of(session, Closure, case),
        bindings=session.scalars(
            select(Binding)
            .where(Binding.case_id == case.id, Binding.ended_at.is_(None))
            .order_by(Binding.id)
        ).all(),
    )


def institution_cases(session: Session, *, institution_id: int) -> list[Referral]:
    """The open referrals of an institution with their cases, longest waiting first.

    This is all that the institution's own staff see; the conversation is not part of it.
    """
    return list(
        session.scalars(
            select(Referral)
            .where(
                Referral.institution_id == institution_id, Referral.state.in_(("sent", "accepted"))
            )
            .options(joinedload(Referral.case))
            .order_by(Referral.sent_at)
            .limit(CASES_SHOWN)
        )
    )


def is_at(session: Session, *, case_id: int, institution_id: int) -> bool:
    """Whether the case is with this institution now: asked before its staff see anything of it."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Referral.case_id == case_id,
                    Referral.institution_id == institution_id,
                    Referral.state.in_(("sent", "accepted")),
                )
            )
        )
    )


def _of(session: Session, model: type[_Row], case: Case) -> Sequence[_Row]:
    return session.scalars(select(model).where(model.case_id == case.id).order_by(model.id)).all()
