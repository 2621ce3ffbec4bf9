"""Consents to rehabilitation, after the application: given, heard in person, taken back.

Each decision is a row of the ledger; the newest one of a purpose counts. Source:
闽民事〔2023〕86号 三(二)5–6 (the patient and the guardian both).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.casework import consent_texts, news, people, steps
from bot.casework.course_models import SIGNERS
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Case, CaseEvent, Staff
from bot.casework.stages import CLOSED_STAGES
from bot.privacy import audit
from bot.privacy.models import Consent

PURPOSES = {"patient": "rehabilitation_patient", "guardian": "rehabilitation_guardian"}
"""Role to the purpose that this role decides."""
HEARD = {"paper": "书面", "in_person": "当面"}
"""Ways in which staff may take a consent down."""


def give(
    session: Session, *, case_id: int, role: str, contact_id: int, by: str, now: datetime
) -> Consent:
    """Patient or guardian consents on the own phone, after reading the text.

    Raises `Refused` unless this contact is bound to the case in ``role``.
    """
    case = _running(session, case_id)
    if role not in PURPOSES or role not in people.roles_of(
        session, case_id=case.id, contact_id=contact_id
    ):
        raise Refused(f"这里只能由{SIGNERS.get(role, '本人')}自己同意，别人不能代替。")
    return _decide(session, case, role, "given", way="page", contact_id=contact_id, by=by, now=now)


def take_down(
    session: Session,
    *,
    case_id: int,
    role: str,
    agrees: bool,
    way: str,
    staff: Staff,
    by: str,
    now: datetime,
) -> Consent:
    """A social worker notes what patient or guardian decided before them (`HEARD`)."""
    case = _running(session, case_id)
    if role not in PURPOSES or way not in HEARD:
        raise Refused("请选是谁的意思、怎么表示的。")
    if case.assigned_to != staff.id and staff.role != "supervisor":
        raise Conflict("这份申请由另一位同事负责，只有本人或督导可以操作。")
    return _decide(
        session,
        case,
        role,
        "given" if agrees else "refused",
        way=way,
        contact_id=case.contact_id,
        by=by,
        now=now,
    )


def note_no_guardian(
    session: Session,
    *,
    case_id: int,
    version: int,
    staff: Staff,
    reason: str,
    by: str,
    now: datetime,
) -> Case:
    """A social worker found that an adult patient has no guardian and decides alone."""
    reason = steps.required(reason, "请写下怎么核实的。")
    case = _running(session, case_id)
    if case.version != version:
        raise Conflict("这份申请刚刚有变动，请看一眼再做。")
    if case.assigned_to != staff.id and staff.role != "supervisor":
        raise Conflict("这份申请由另一位同事负责，只有本人或督导可以操作。")
    if not case.patient_needed:
        raise Refused("不满14岁的孩子一定要有监护人同意。")
    case.guardian_needed, case.awaits_guardian = False, False
    case.version, case.updated_at = case.version + 1, now
    session.add(CaseEvent(case_id=case.id, at=now, by=by, step="no_guardian", note=reason))
    audit.record(session, by=by, action="case.no_guardian", on=("case", case.id), now=now)
    return case


def take_back(session: Session, *, case: Case, role: str, by: str, now: datetime) -> None:
    """Withdraw what this role had consented to; nothing happens for a caregiver."""
    if role in PURPOSES:
        _write(
            session, case, role, "withdrawn", way="page", contact_id=case.contact_id, by=by, now=now
        )


def _decide(
    session: Session,
    case: Case,
    role: str,
    state: str,
    *,
    way: str,
    contact_id: int,
    by: str,
    now: datetime,
) -> Consent:
    row = _write(session, case, role, state, way=way, contact_id=contact_id, by=by, now=now)
    if role == "guardian":
        case.awaits_guardian = state != "given"
    # Who looks at the page must see it before acting on it.
    case.version, case.updated_at = case.version + 1, now
    if state == "given":
        steps.tell(session, case, news.agreed(role), now=now)
    return row


def _write(
    session: Session,
    case: Case,
    role: str,
    state: str,
    *,
    way: str,
    contact_id: int,
    by: str,
    now: datetime,
) -> Consent:
    row = Consent(
        contact_id=contact_id,
        application_id=case.application_id,
        purpose=PURPOSES[role],
        state=state,
        said_by="self" if role == "patient" else "guardian",
        way=way,
        text_version=consent_texts.VERSION,
        decided_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        by=by,
        action="consent.record",
        on=("application", case.application_id),
        now=now,
        purpose=row.purpose,
        state=state,
    )
    return row


def _running(session: Session, case_id: int) -> Case:
    case = steps.locked_case(session, case_id)
    if case.stage in CLOSED_STAGES:
        raise Conflict("这份申请已经结束了。")
    return case
