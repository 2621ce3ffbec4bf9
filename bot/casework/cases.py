"""Steps of a case. Each is one action: conditions, one transaction, audit row, timeline."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework import family_words
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Application, Case, CaseEvent, Staff, Ticket, receipt_sequence
from bot.casework.stages import STEPS
from bot.casework.tickets import open_ticket
from bot.clock import LOCAL
from bot.delivery import outbox
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
        submitted_at=now,
        updated_at=now,
    )
    session.add(case)
    application.state, application.submitted_at, application.updated_at = "submitted", now, now
    application.asked = None
    session.flush()
    session.add(CaseEvent(case_id=case.id, at=now, by=by, step="submit"))
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
    case = _step(session, "claim", case_id=case_id, version=version, by=by, now=now)
    case.assigned_to = staff.id
    ticket = _application_ticket(session, case)
    if ticket.state == "open":
        ticket.state, ticket.owner_id, ticket.version = "claimed", staff.id, ticket.version + 1
    _tell(session, case, family_words.claimed(staff.display_name), now=now)
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
    """Ask the family to correct or complete something; ``what`` is sent to them as written."""
    what = what.strip()
    if not what:
        raise Refused("请写清楚要家属补充或改正什么。")
    case = _step(
        session,
        "return_for_correction",
        case_id=case_id,
        version=version,
        by=by,
        now=now,
        staff=staff,
        note=what,
    )
    _tell(session, case, family_words.returned(case.receipt_number, what), now=now)
    return case


def resubmit(session: Session, *, case_id: int, text: str, by: str, now: datetime) -> Case:
    """The family has answered a returned application; the social worker is told."""
    case = _locked(session, case_id)
    return _step(
        session, "resubmit", case_id=case_id, version=case.version, by=by, now=now, note=text
    )


def accept_for_assessment(
    session: Session, *, case_id: int, version: int, staff: Staff, by: str, now: datetime
) -> Case:
    """The review is passed; a needs assessment follows. Source: 闽民事〔2023〕86号 三(二)5."""
    case = _step(
        session,
        "accept_for_assessment",
        case_id=case_id,
        version=version,
        by=by,
        now=now,
        staff=staff,
    )
    ticket = _application_ticket(session, case)
    if ticket.state != "settled":
        ticket.state, ticket.settled_at, ticket.version = "settled", now, ticket.version + 1
    _tell(session, case, family_words.accepted(case.receipt_number), now=now)
    return case


def withdraw(session: Session, *, case_id: int, by: str, now: datetime) -> Case:
    """The family takes the application back; allowed at any time until service starts."""
    case = _locked(session, case_id)
    case = _step(session, "withdraw", case_id=case_id, version=case.version, by=by, now=now)
    ticket = _application_ticket(session, case)
    if ticket.state != "settled":
        ticket.state, ticket.settled_at, ticket.version = "settled", now, ticket.version + 1
    return case


def add_note(session: Session, *, case_id: int, note: str, by: str, now: datetime) -> None:
    """An internal note; families never see it."""
    note = note.strip()
    if not note:
        raise Refused("备注是空的，没有保存。")
    _locked(session, case_id)
    session.add(CaseEvent(case_id=case_id, at=now, by=by, step="note", note=note))
    audit.record(session, by=by, action="case.note", on=("case", case_id), now=now)


def _step(
    session: Session,
    name: str,
    *,
    case_id: int,
    version: int,
    by: str,
    now: datetime,
    staff: Staff | None = None,
    note: str | None = None,
) -> Case:
    """Move a case by one allowed step, or raise `Conflict`."""
    step = STEPS[name]
    case = _locked(session, case_id)
    if case.version != version:
        raise Conflict("这份申请刚刚有变动，您的这一步没有做。")
    if case.stage not in step.sources:
        raise Conflict("这份申请已经不在这一步了，您的这一步没有做。")
    if staff is not None and case.assigned_to != staff.id and staff.role != "supervisor":
        raise Conflict("这份申请由另一位同事负责，只有本人或督导可以操作。")
    source, case.stage = case.stage, step.target
    case.version, case.updated_at = version + 1, now
    session.add(CaseEvent(case_id=case.id, at=now, by=by, step=name, note=note))
    audit.record(
        session,
        by=by,
        action=f"case.{name}",
        on=("case", case.id),
        now=now,
        source=source,
        target=step.target,
    )
    return case


def _locked(session: Session, case_id: int) -> Case:
    case = session.get(Case, case_id, with_for_update=True)
    if case is None:
        raise Conflict("找不到这份申请。")
    return case


def _application_ticket(session: Session, case: Case) -> Ticket:
    key = f"application:{case.application_id}"
    return session.scalars(select(Ticket).where(Ticket.source_key == key).with_for_update()).one()


def _tell(session: Session, case: Case, text: str, *, now: datetime) -> None:
    outbox.post(
        session,
        contact_id=case.contact_id,
        draft=outbox.Draft(text, purpose="case_news"),
        by="system:casework",
        now=now,
    )
