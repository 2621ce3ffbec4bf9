"""My cases, and one case: where it stands, what comes next, what this visitor is asked for."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework import conditions, consent_texts, people, signing, steps
from bot.casework.application_form import SERVICE_FORMS
from bot.casework.consents import PURPOSES
from bot.casework.course_models import (
    BINDING_ROLES,
    DOCUMENT_KINDS,
    SIGNERS,
    VERIFIED,
    Document,
    ServiceRecord,
)
from bot.casework.errors import Refused
from bot.casework.models import CaseEvent
from bot.casework.stages import CLOSED_STAGES
from bot.console.forms import RowId
from bot.family import access, words
from bot.family import draft as drafts
from bot.family.gate import SIGNED_IN, FamilyRequest, installation_of
from bot.family.pages import HOME, page, refused_status

RECORDS = 20


@get(HOME, opt=SIGNED_IN, sync_to_thread=True)
def home(request: FamilyRequest) -> Response[Any]:
    """Everything that this visitor has under way."""
    with installation_of(request).database.transaction() as session:
        cases = access.cases_of(session, request.user)
        draft = drafts.of_contact(session, contact_id=request.user.contact_id)
    return page(request, "home.html", cases=cases, draft=draft, what_next=words.what_next)


@get("/family/cases/{case_id:int}", opt=SIGNED_IN, sync_to_thread=True)
def show_case(request: FamilyRequest, case_id: RowId) -> Response[Any]:
    """One case, from its application to where it stands."""
    return case_page(request, case_id)


def case_page(
    request: FamilyRequest,
    case_id: int,
    *,
    refused: Refused | None = None,
    typed: dict[str, str] | None = None,
    code: str | None = None,
) -> Response[Any]:
    """The page of a case, with what was refused, typed or made just now."""
    installation = installation_of(request)
    now = installation.clock()
    with installation.database.transaction() as session:
        case = access.case_of(session, request.user, case_id)
        roles = people.roles_of(session, case_id=case.id, contact_id=request.user.contact_id)
        facts = steps.facts_of(session, case=case, now=now)
        events = session.scalars(
            select(CaseEvent)
            .where(CaseEvent.case_id == case.id, CaseEvent.step.in_(words.STEP_WORDS))
            .order_by(CaseEvent.id)
        ).all()
        papers = _papers(session, facts, roles) if case.stage == "signing" else []
        records = session.scalars(
            select(ServiceRecord)
            .where(ServiceRecord.case_id == case.id)
            .order_by(ServiceRecord.provided_on.desc(), ServiceRecord.id.desc())
            .limit(RECORDS)
        ).all()
        bindings = people.bindings_of(session, case_id=case.id)
    running = case.stage not in CLOSED_STAGES
    return page(
        request,
        "case.html",
        status=refused_status(refused),
        refused=refused,
        typed={"text": "", "what": "", "objection": "", **(typed or {})},
        case=case,
        what_next=words.what_next(case),
        when=words.when(case, period=facts.period),
        institution=facts.institution,
        to_consent=_to_consent(facts, roles) if running else [],
        agreed=[
            (SIGNERS[role], facts.consents.get(purpose) == "given")
            for role, purpose in PURPOSES.items()
            if (role == "patient" and case.patient_needed)
            or (role == "guardian" and case.guardian_needed)
        ],
        papers=papers,
        records=records,
        unanswered=[r for r in records if r.confirmed_at is None and r.disputed_at is None],
        bindings=bindings,
        code=code,
        running=running,
        events=[(event, words.STEP_WORDS[event.step]) for event in events],
        SHOWN_NOTES=words.SHOWN_NOTES,
        BINDING_ROLES=BINDING_ROLES,
        VERIFIED=VERIFIED,
        SERVICE_FORMS=SERVICE_FORMS,
        day=words.day,
    )


def _to_consent(facts: conditions.Facts, roles: frozenset[str]) -> list[tuple[str, str, str]]:
    """(role, its name, the text) of each consent that this visitor may give and has not."""
    case = facts.case
    texts = {
        "patient": consent_texts.PATIENT_SELF if case.patient_needed else None,
        "guardian": (
            consent_texts.GUARDIAN if case.patient_needed else consent_texts.GUARDIAN_OF_CHILD
        )
        if case.guardian_needed
        else None,
    }
    return [
        (role, SIGNERS[role], text.format(patient=case.patient_name))
        for role, text in texts.items()
        if text is not None and role in roles and facts.consents.get(PURPOSES[role]) != "given"
    ]


def _papers(
    session: Session, facts: conditions.Facts, roles: frozenset[str]
) -> list[tuple[Document, str, list[tuple[str, bool]], list[str]]]:
    """Each document with who has signed it, and the roles in which this visitor may sign it."""
    if facts.referral is None:
        return []
    needed = conditions.needed_signatures(facts.case)
    papers = []
    for document in signing.documents_of(session, referral_id=facts.referral.id):
        signers = [signer for kind, signer in needed if kind == document.kind]
        done = {signature.signer for signature in document.signatures}
        papers.append(
            (
                document,
                DOCUMENT_KINDS[document.kind],
                [(SIGNERS[signer], signer in done) for signer in signers],
                [signer for signer in signers if signer in roles and signer not in done],
            )
        )
    return papers
