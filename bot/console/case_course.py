"""What a case page shows of the way after the application, and what can be done next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework import conditions, institutions, people, signing, steps
from bot.casework.application_form import SERVICE_FORMS
from bot.casework.course_models import (
    BINDING_ROLES,
    DOCUMENT_KINDS,
    SIGNERS,
    VERIFIED,
    Binding,
    ComprehensiveAssessment,
    Document,
    NeedsAssessment,
    PlatformRegistration,
    Referral,
    ServicePeriod,
    ServiceRecord,
)
from bot.casework.institutions import Proposal
from bot.casework.models import Case, Staff
from bot.casework.stages import FAMILY, OPEN_STAGES
from bot.console import case_actions
from bot.console.case_actions import ACTIONS, Action

Kept = TypeVar("Kept", NeedsAssessment, ComprehensiveAssessment)

RECORDS = 20
COURSE_WORDS = {
    "SERVICE_FORMS": SERVICE_FORMS,
    "TERMS": signing.TERMS,
    "BINDING_ROLES": BINDING_ROLES,
    "VERIFIED": VERIFIED,
}
"""What the templates name things with."""
FIRST = {
    "accepted_for_assessment": ("assess_needs",),
    "assessed": ("register",),
    "waiting": ("refer", "recheck"),
    "referred": ("accept_referral",),
    "under_assessment": ("assess_together",),
    "signing": ("start_service",),
    "in_service": ("prepare_leaving", "assess_again"),
    "in_hospital": ("come_back",),
    "leaving": ("close",),
}
"""By stage, the steps that may come next: the first that lacks nothing, else the first."""
_BESIDE = ("take_down", "no_guardian", "make_code")
"""What may be done at any stage, by the office."""


@dataclass(frozen=True)
class Offer:
    """One action as the page offers it."""

    name: str
    action: Action
    missing: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class Paper:
    """One document and who has signed it."""

    document: Document
    name: str
    signed: Sequence[tuple[str, str, str | None]]
    """(signer, name of the signer's role, how it was signed; None: not yet)."""


@dataclass(frozen=True)
class Course:
    """Everything after the application."""

    first: Offer | None
    """The one next step, where it is this member of staff's to take."""
    others: Sequence[Offer]
    beside: Sequence[Offer]
    in_charge: bool
    """Of the office and answerable for this case."""
    proposals: Sequence[Proposal] = ()
    needs: NeedsAssessment | None = None
    registration: PlatformRegistration | None = None
    referral: Referral | None = None
    opinion: ComprehensiveAssessment | None = None
    papers: Sequence[Paper] = ()
    period: ServicePeriod | None = None
    records: Sequence[ServiceRecord] = ()
    bindings: Sequence[Binding] = ()
    key: str = field(default_factory=case_actions.form_key)


def read(session: Session, *, case: Case, staff: Staff, now: datetime) -> Course:
    """A bounded number of queries, whatever the case holds."""
    possible = [
        each
        for each in steps.next_steps(session, case=case, staff=staff, now=now)
        if each.step.name in ACTIONS and each.step.who != FAMILY
    ]
    offers = {
        each.step.name: Offer(each.step.name, ACTIONS[each.step.name], each.missing)
        for each in possible
        if each.not_theirs is None
    }
    referral = steps.open_referral(session, case.id)
    period = steps.open_period(session, case.id) if referral else None
    papers = _papers(session, case, referral)
    first = _first(case, offers, papers)
    others = [offer for offer in offers.values() if offer is not first]
    if papers and "start_service" in offers:
        others.append(Offer("prepare_documents", ACTIONS["prepare_documents"]))
    office = staff.role in conditions.IN_CHARGE_ROLES
    in_charge = office and (case.assigned_to == staff.id or staff.role == "supervisor")
    if period is not None and (in_charge or not office):
        others.insert(0, Offer("record_service", ACTIONS["record_service"]))
    return Course(
        first=first,
        others=others,
        beside=[Offer(name, ACTIONS[name]) for name in _BESIDE]
        if in_charge and case.stage in OPEN_STAGES
        else [],
        in_charge=in_charge,
        proposals=institutions.propose_institutions(session, case=case, now=now)
        if "refer" in offers
        else (),
        needs=_newest(session, NeedsAssessment, case.id),
        registration=session.scalar(
            select(PlatformRegistration).where(PlatformRegistration.case_id == case.id)
        ),
        referral=referral,
        opinion=_newest(session, ComprehensiveAssessment, case.id),
        papers=papers,
        period=period,
        records=session.scalars(
            select(ServiceRecord)
            .where(ServiceRecord.case_id == case.id)
            .order_by(ServiceRecord.provided_on.desc(), ServiceRecord.id.desc())
            .limit(RECORDS)
        ).all(),
        bindings=people.bindings_of(session, case_id=case.id),
    )


def _first(case: Case, offers: dict[str, Offer], papers: Sequence[Paper]) -> Offer | None:
    if case.stage == "signing" and "start_service" in offers and not papers:
        return Offer("prepare_documents", ACTIONS["prepare_documents"])
    wanted = [offers[name] for name in FIRST.get(case.stage, ()) if name in offers]
    return next((offer for offer in wanted if offer.ready), wanted[-1] if wanted else None)


def _papers(session: Session, case: Case, referral: Referral | None) -> list[Paper]:
    if referral is None:
        return []
    needed = conditions.needed_signatures(case)
    papers = []
    for document in signing.documents_of(session, referral_id=referral.id):
        ways = {signature.signer: signature.way for signature in document.signatures}
        papers.append(
            Paper(
                document=document,
                name=DOCUMENT_KINDS[document.kind],
                signed=[
                    (signer, SIGNERS[signer], ways.get(signer))
                    for kind, signer in needed
                    if kind == document.kind
                ],
            )
        )
    return papers


def _newest(session: Session, table: type[Kept], case_id: int) -> Kept | None:
    return session.scalar(
        select(table).where(table.case_id == case_id).order_by(table.id.desc()).limit(1)
    )
