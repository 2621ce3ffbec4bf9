"""Drafts of applications, the consents given with them, and leads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.casework import consent_texts
from bot.casework.cases import next_receipt_number
from bot.casework.errors import Conflict, Refused
from bot.casework.models import LEAD_OUTCOMES, Application, Lead, Staff, Ticket
from bot.casework.tickets import open_ticket
from bot.privacy import audit
from bot.privacy.models import Consent


def start_application(session: Session, *, contact_id: int, by: str, now: datetime) -> Application:
    """Open the contact's draft, or find the one that is open."""
    session.execute(
        insert(Application)
        .values(contact_id=contact_id, state="draft", answers={}, started_at=now, updated_at=now)
        .on_conflict_do_nothing()
    )
    application = session.scalars(
        select(Application).where(
            Application.contact_id == contact_id, Application.state == "draft"
        )
    ).one()
    audit.record(
        session, by=by, action="application.start", on=("application", application.id), now=now
    )
    return application


def save_answers(
    session: Session,
    *,
    application: Application,
    answers: dict[str, Any],
    by: str,
    now: datetime,
) -> None:
    """Add or correct answers of a draft."""
    application.answers = {**application.answers, **answers}
    application.updated_at = now
    application.misses = 0
    audit.record(
        session,
        by=by,
        action="application.answer",
        on=("application", application.id),
        now=now,
        fields=sorted(answers),
    )


def forget_answer(
    session: Session, *, application: Application, field: str, by: str, now: datetime
) -> None:
    """Take an answer back, so that it is asked again."""
    also = {"birth_year": "under_14", "relation": "patient_term"}.get(field)
    gone = (field, also)
    application.answers = {k: v for k, v in application.answers.items() if k not in gone}
    application.updated_at = now
    audit.record(
        session,
        by=by,
        action="application.forget",
        on=("application", application.id),
        now=now,
        fields=[field],
    )


def ask(application: Application, field: str | None, *, message_id: int, now: datetime) -> None:
    """Note what was asked last, and in the turn of which message."""
    application.asked, application.asked_in, application.updated_at = field, message_id, now


def record_consent(
    session: Session,
    *,
    application: Application,
    purpose: str,
    state: str,
    said_by: str,
    by: str,
    now: datetime,
    way: str = "chat",
) -> None:
    """Write one decision to the ledger, with the version of the text that was shown.

    ``way``: ``chat``, ``page`` or ``paper``.
    """
    session.add(
        Consent(
            contact_id=application.contact_id,
            application_id=application.id,
            purpose=purpose,
            state=state,
            said_by=said_by,
            way=way,
            text_version=consent_texts.VERSION,
            decided_at=now,
        )
    )
    audit.record(
        session,
        by=by,
        action="consent.record",
        on=("application", application.id),
        now=now,
        purpose=purpose,
        state=state,
    )


def erase_draft(session: Session, *, application: Application, by: str, now: datetime) -> None:
    """Delete a draft with everything in it; only that it existed stays in the audit log."""
    application_id = application.id
    session.execute(delete(Consent).where(Consent.application_id == application_id))
    session.delete(application)
    session.flush()
    audit.record(
        session, by=by, action="application.erase", on=("application", application_id), now=now
    )


def take_lead(
    session: Session,
    *,
    source_key: str,
    contact_id: int,
    reporter_relation: str,
    description: str,
    by: str,
    now: datetime,
) -> str:
    """Keep a third party's report and give it to a social worker; returns its number.

    Source: 闽民事〔2023〕86号 三(二)5: willingness is asked first, the reporter is told nothing.
    """
    number = session.scalar(select(Lead.receipt_number).where(Lead.source_key == source_key))
    if number is not None:
        return number
    lead = Lead(
        receipt_number=next_receipt_number(session, now=now).replace("KF", "XS"),
        source_key=source_key,
        contact_id=contact_id,
        reporter_relation=reporter_relation,
        description=description,
        created_at=now,
    )
    session.add(lead)
    session.flush()
    open_ticket(
        session,
        source_key=f"lead:{lead.id}",
        kind="lead",
        urgency="normal",
        summary=description,
        by=by,
        now=now,
        contact_id=contact_id,
    )
    audit.record(session, by=by, action="lead.take", on=("lead", lead.id), now=now)
    return lead.receipt_number


def answer_lead(
    session: Session,
    *,
    ticket_id: int,
    version: int,
    outcome: str,
    findings: str,
    staff: Staff,
    by: str,
    now: datetime,
) -> Lead:
    """Note what came of asking the patient or guardian; this is how a lead's ticket is settled.

    ``version`` is the ticket's. Who is willing applies for themselves, in WeChat; the reporter is
    told nothing about it. Raises `Conflict` when a colleague was quicker.
    """
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None or ticket.kind != "lead":
        raise Conflict("找不到这条线索。")
    if ticket.state != "claimed" or ticket.version != version or ticket.owner_id != staff.id:
        raise Conflict("只有认领的人才能写这条线索的结果。")
    if outcome not in LEAD_OUTCOMES:
        raise Refused("请选问过以后的结果。")
    if not findings.strip():
        raise Refused("请写下问了谁、怎么说的。")
    lead = session.get_one(Lead, int(ticket.source_key.removeprefix("lead:")))
    lead.outcome, lead.findings, lead.answered_at = outcome, findings.strip(), now
    ticket.state, ticket.settled_at, ticket.version = "settled", now, version + 1
    audit.record(
        session, by=by, action="lead.answer", on=("lead", lead.id), now=now, outcome=outcome
    )
    return lead
