"""A case from its submission through the review, and its withdrawal at any time."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework import application_form, consents, family_words, leaving, people, service, steps
from bot.casework import tickets as ticket_actions
from bot.casework.errors import Conflict
from bot.casework.models import Application, Case, CaseEvent, Staff, Ticket, receipt_sequence
from bot.casework.tickets import open_ticket
from bot.clock import LOCAL
from bot.privacy import audit
from bot.privacy.fields import blind_index

NAME_PLACE = "case.patient_name"
TELEPHONE_PLACE = "case.telephone"


def submit_application(
    session: Session, *, application: Application, summary: str, by: str, now: datetime
) -> Case:
    """Make the case of a confirmed application, with its receipt number and ticket.

    Confirming twice finds the case already made.
    """
    session.flush()  # a refresh throws away answers that are not written yet
    session.refresh(application, with_for_update=True)
    if application.state == "submitted":
        return session.scalars(select(Case).where(Case.application_id == application.id)).one()
    if application.state != "draft":
        raise Conflict("这份申请已经撤回了。")
    answers = application.answers
    case = Case(
        receipt_number=next_receipt_number(session, now=now),
        application_id=application.id,
        contact_id=application.contact_id,
        stage="submitted",
        county_code=answers["county"],
        patient_name=answers["patient_name"],
        patient_name_index=name_index(answers["patient_name"]),
        telephone=answers["telephone"],
        telephone_index=telephone_index(answers["telephone"]),
        awaits_guardian=answers.get("guardian_consent") != "given",
        patient_needed=not application_form.is_child(answers, today=now.astimezone(LOCAL).date()),
        submitted_at=now,
        updated_at=now,
    )
    session.add(case)
    application.state, application.submitted_at, application.updated_at = "submitted", now, now
    application.asked = None
    session.flush()
    session.add(CaseEvent(case_id=case.id, at=now, by=by, step="submit"))
    _bind_applicant(session, case, application, by=by, now=now)
    open_ticket(
        session,
        source_key=f"application:{application.id}",
        kind="application",
        urgency="normal",
        summary=summary,
        by=by,
        now=now,
        contact_id=application.contact_id,
        case_id=case.id,
        county_code=case.county_code,
    )
    audit.record(session, by=by, action="application.submit", on=("case", case.id), now=now)
    return case


def name_index(name: str) -> bytes:
    """Blind index of a patient's name, however it was typed: widths, spaces, middle dots."""
    plain = "".join(unicodedata.normalize("NFKC", name).casefold().split())
    return blind_index(re.sub(r"[·‧∙•・．.]", "·", plain), place=NAME_PLACE)


def telephone_index(telephone: str) -> bytes:
    """Blind index of a telephone number: its digits, without the country's code."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", telephone))
    return blind_index(re.sub(r"^(?:00)?86(?=1\d{10}$)", "", digits), place=TELEPHONE_PLACE)


def next_receipt_number(session: Session, *, now: datetime) -> str:
    """``KF`` + local date + a number that never comes back, e.g. ``KF20261123-000042``."""
    number: int = session.scalar(receipt_sequence.next_value())
    return f"KF{now.astimezone(LOCAL):%Y%m%d}-{number:06d}"


def claim_case(
    session: Session, *, case_id: int, version: int, staff: Staff, by: str, now: datetime
) -> Case:
    """Take charge of a submitted application; its ticket goes along.

    Raises `Conflict` when a colleague was quicker.
    """
    case, _ = steps.take(
        session, "claim", case_id=case_id, version=version, staff=staff, by=by, now=now
    )
    case.assigned_to = staff.id
    ticket = _application_ticket(session, case)
    if ticket.state == "open":
        ticket.state, ticket.owner_id, ticket.version = "claimed", staff.id, ticket.version + 1
    steps.tell(session, case, family_words.claimed(staff.display_name), now=now)
    return case


def return_for_correction(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    what: str,
    by: str,
    now: datetime,
) -> Case:
    """Ask the family to correct or complete something; ``what`` is sent to them as written.

    Until they answer, the clock of the application's ticket stands still.
    """
    what = steps.required(what, "请写清楚要家属补充或改正什么。")
    case, _ = steps.take(
        session,
        "return_for_correction",
        case_id=case_id,
        version=version,
        by=by,
        now=now,
        staff=staff,
        note=what,
    )
    ticket_actions.pause(session, ticket=_application_ticket(session, case), now=now)
    steps.tell(session, case, family_words.returned(case.receipt_number, what), now=now)
    return case


def resubmit(session: Session, *, case_id: int, text: str, by: str, now: datetime) -> Case:
    """The family has answered a returned application; the social worker's clock runs again."""
    case, _ = steps.take(
        session, "resubmit", case_id=case_id, version=None, by=by, now=now, note=text
    )
    ticket_actions.resume(session, ticket=_application_ticket(session, case), now=now)
    return case


def accept_for_assessment(
    session: Session, *, case_id: int, version: int, staff: Staff, by: str, now: datetime
) -> Case:
    """The review is passed; a needs assessment follows. Source: 闽民事〔2023〕86号 三(二)5."""
    case, _ = steps.take(
        session,
        "accept_for_assessment",
        case_id=case_id,
        version=version,
        by=by,
        now=now,
        staff=staff,
    )
    ticket_actions.settle_tasks(session, case_id=case.id, kind="application", by=by, now=now)
    steps.tell(session, case, family_words.accepted(case.receipt_number), now=now)
    return case


def withdraw(
    session: Session, *, case_id: int, by: str, now: datetime, contact_id: int | None = None
) -> Case:
    """The family takes the application back, at any time before it is closed.

    Service and referral end and the place is free. ``contact_id`` is who withdraws: the consents
    that this contact could give are withdrawn in the ledger with it.
    """
    case, _ = steps.take(session, "withdraw", case_id=case_id, version=None, by=by, now=now)
    service.end_relapse(session, case_id=case.id, now=now)
    steps.leave_institution(session, case_id=case.id, reason="家属撤回", now=now)
    leaving.settle_everything(session, case, by=by, now=now)
    for role in people.roles_of(session, case_id=case.id, contact_id=contact_id or case.contact_id):
        consents.take_back(session, case=case, role=role, by=by, now=now)
    return case


def add_note(session: Session, *, case_id: int, note: str, by: str, now: datetime) -> None:
    """An internal note; families never see it."""
    note = steps.required(note, "备注是空的，没有保存。")
    steps.locked_case(session, case_id)
    session.add(CaseEvent(case_id=case_id, at=now, by=by, step="note", note=note))
    audit.record(session, by=by, action="case.note", on=("case", case_id), now=now)


def _bind_applicant(
    session: Session, case: Case, application: Application, *, by: str, now: datetime
) -> None:
    """What the applicant said to be; as said, until somebody looks."""
    answers = application.answers
    own = answers.get("relation") == "self"
    roles = ["patient"] if own else ["caregiver"]
    if not own and answers.get("is_guardian") == "yes":
        roles.append("guardian")
    for role in roles:
        people.bind(
            session,
            case_id=case.id,
            contact_id=case.contact_id,
            role=role,
            verified="said",
            by=by,
            now=now,
        )


def _application_ticket(session: Session, case: Case) -> Ticket:
    key = f"application:{case.application_id}"
    return session.scalars(select(Ticket).where(Ticket.source_key == key).with_for_update()).one()
