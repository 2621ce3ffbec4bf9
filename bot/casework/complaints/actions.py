"""Each step of a complaint: one transaction, its entry, its audit row, and the word that goes out.

The table of steps is `STEPS`; the database holds the same (`check_complaint_step`).
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework.cases import next_receipt_number
from bot.casework.complaints import reading, words
from bot.casework.complaints.models import Complaint, ComplaintEntry
from bot.casework.complaints.sight import may_see
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Staff
from bot.delivery import outbox
from bot.delivery.models import OutboxMessage
from bot.privacy import audit
from bot.privacy.fields import blind_index

DECIDE_WITHIN = timedelta(days=15)
SETTLE_WITHIN = timedelta(days=60)
EXTENDED_BY = timedelta(days=30)
"""Periods of 信访工作条例 32 and 34, counted in days of the calendar."""
ASK_AFTER = timedelta(days=30)
"""Whether anybody made it hard for them since is asked so long after the answer."""
SILENT_FOR = timedelta(days=15)
"""Whoever does not say within this whether they are satisfied leaves it at the answer."""
EMPTIED_AFTER = timedelta(hours=1)
"""Longer than the platform may still ask for the same reply."""
STEPS = (
    ("received", "accepted"),
    ("received", "not_accepted"),
    ("accepted", "answered"),
    ("answered", "accepted"),
    ("answered", "closed"),
    ("closed", "accepted"),
)
CODE_PLACE = "complaint.code"
_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without those that are mistaken for each other."""
SYSTEM = "system:complaints"


def lodge(
    session: Session,
    *,
    about_what: str,
    about_whom: str | None,
    manner: str,
    urgent: bool,
    contact_id: int | None,
    source_key: str,
    now: datetime,
) -> tuple[Complaint, str]:
    """Take a complaint in; returns it with the code that follows it beside its number.

    An anonymous one keeps neither contact nor source: nothing leads back.
    """
    anonymous = manner == "anonymous"
    text = f"{about_what}\n{about_whom or ''}"
    kind = reading.kind_of(text)
    code = "".join(secrets.choice(_SIGNS) for _ in range(8))
    number = next_receipt_number(session, now=now).replace("KF", "TS")
    complaint = Complaint(
        source_key=None if anonymous else source_key,
        number=number,
        code_index=blind_index(number + code, place=CODE_PLACE),
        kind=kind,
        manner=manner,
        contact_id=None if anonymous else contact_id,
        about_what=about_what,
        about_whom=about_whom,
        institution_id=reading.institution_in(session, text),
        staff_concerned=reading.staff_in(session, text),
        urgent=urgent or kind in words.URGENT_KINDS,
        state="received",
        received_at=now,
        decide_by=now + DECIDE_WITHIN,
    )
    session.add(complaint)
    session.flush()
    _enter(session, complaint, "received", by="complainant", now=now)
    return complaint, f"{code[:4]}-{code[4:]}"


def accept(
    session: Session, *, complaint_id: int, version: int, staff: Staff, by: str, now: datetime
) -> Complaint:
    """It will be looked into; from now the time to settle it runs."""
    complaint = _for(session, complaint_id, version, staff)
    complaint.settle_by = now + SETTLE_WITHIN
    _step(session, complaint, "accepted", by=by, now=now)
    assert complaint.settle_by is not None
    _tell(session, complaint, words.accepted(complaint.number, complaint.settle_by), now=now)
    return complaint


def not_accept(
    session: Session,
    *,
    complaint_id: int,
    version: int,
    reason: str,
    staff: Staff,
    by: str,
    now: datetime,
) -> Complaint:
    """It is not for us to look into; the complainant reads why, and where else to go."""
    reason = _said(reason, "请写明为什么不受理，投诉人会看到。")
    complaint = _for(session, complaint_id, version, staff)
    _step(session, complaint, "not_accepted", by=by, now=now, text=reason)
    _tell(session, complaint, words.not_accepted(complaint.number, reason), now=now)
    return complaint


def extend(
    session: Session,
    *,
    complaint_id: int,
    version: int,
    reason: str,
    staff: Staff,
    by: str,
    now: datetime,
) -> Complaint:
    """It takes longer: once, with a reason."""
    reason = _said(reason, "请写明为什么要延长，投诉人会看到。")
    complaint = _for(session, complaint_id, version, staff)
    if complaint.state != "accepted" or complaint.settle_by is None:
        raise Refused("受理以后才能延长。")
    if complaint.extended:
        raise Refused("已经延长过一次，不能再延长。")
    complaint.extended, complaint.settle_by = True, complaint.settle_by + EXTENDED_BY
    complaint.version += 1
    _enter(
        session, complaint, "extended", by=by, now=now, text=reason,
        until=complaint.settle_by.date(),
    )  # fmt: skip
    told = words.extended(complaint.number, complaint.settle_by, reason)
    _tell(session, complaint, told, now=now)
    return complaint


def note(
    session: Session,
    *,
    complaint_id: int,
    kind: str,
    text: str,
    staff: Staff,
    by: str,
    now: datetime,
    until: date | None = None,
) -> Complaint:
    """Write down what was found (``note``), what the institution has to put right by a day
    (``rectification``), or what it did (``rectified``). Only handlers read it."""
    text = _said(text, "请写几个字再保存。")
    if kind == "rectification" and (until is None or until < now.date()):
        raise Refused("请写明整改到哪一天，要在今天以后。")
    complaint = _for(session, complaint_id, None, staff)
    if complaint.state != "accepted":
        raise Refused("受理以后、答复以前才写调查和整改。")
    _enter(session, complaint, kind, by=by, now=now, text=text, until=until)
    return complaint


def reclassify(
    session: Session,
    *,
    complaint_id: int,
    version: int,
    kind: str,
    staff: Staff,
    by: str,
    now: datetime,
) -> Complaint:
    """Put the kind right that the words were read as."""
    if kind not in words.KINDS:
        raise Refused("没有这个类别。")
    complaint = _for(session, complaint_id, version, staff)
    complaint.kind, complaint.version = kind, complaint.version + 1
    complaint.urgent = complaint.urgent or kind in words.URGENT_KINDS
    _enter(session, complaint, "kind", by=by, now=now, text=words.KINDS[kind])
    return complaint


def answer(
    session: Session,
    *,
    complaint_id: int,
    version: int,
    text: str,
    staff: Staff,
    by: str,
    now: datetime,
) -> Complaint:
    """Say what was found and what was done, in plain words; the complainant is asked about it."""
    text = _said(text, "请写答复，投诉人会看到这段话。")
    complaint = _for(session, complaint_id, version, staff)
    complaint.answered_at = now
    _step(session, complaint, "answered", by=by, now=now, text=text)
    _tell(
        session,
        complaint,
        words.answered(complaint.number, text),
        choices=(words.SATISFIED, words.NOT_SATISFIED),
        now=now,
    )
    return complaint


def say_satisfied(session: Session, *, complaint: Complaint, by: str, now: datetime) -> None:
    """The complainant is satisfied with the answer."""
    complaint.satisfied = True
    _step(session, complaint, "closed", by=by, now=now, entry="satisfied")


def say_not_satisfied(session: Session, *, complaint: Complaint, by: str, now: datetime) -> bool:
    """The complainant is not satisfied: looked into again, once. False when it was already."""
    complaint.satisfied = False
    if complaint.reopened:
        _step(session, complaint, "closed", by=by, now=now, entry="not_satisfied")
        return False
    complaint.reopened, complaint.answered_at = 1, None
    complaint.settle_by, complaint.extended = now + SETTLE_WITHIN, False
    _step(session, complaint, "accepted", by=by, now=now, entry="reopened")
    return True


def add_words(session: Session, *, complaint: Complaint, text: str, by: str, now: datetime) -> None:
    """The complainant tells more."""
    _enter(session, complaint, "more", by=by, now=now, text=text)


def say_trouble(
    session: Session, *, complaint: Complaint, trouble: bool, by: str, now: datetime
) -> None:
    """What the complainant answered to whether anybody made it hard for them since."""
    complaint.retaliation = trouble
    complaint.urgent = complaint.urgent or trouble
    kind = "retaliation" if trouble else "no_retaliation"
    _enter(session, complaint, kind, by=by, now=now)


def ask_about_trouble(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Ask everybody who can be asked and was not yet; returns how many."""
    due = session.scalars(
        select(Complaint)
        .where(
            Complaint.contact_id.is_not(None),
            Complaint.asked_at.is_(None),
            Complaint.answered_at < now - ASK_AFTER,
            Complaint.state.in_(("answered", "closed")),
        )
        .order_by(Complaint.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for complaint in due:
        complaint.asked_at = now
        _tell(
            session,
            complaint,
            words.ask_about_trouble(complaint.number),
            choices=(words.NO_TROUBLE, words.TROUBLE),
            now=now,
        )
        audit.record(
            session, by=SYSTEM, action="complaint.ask_about_trouble",
            on=("complaint", complaint.id), now=now,
        )  # fmt: skip
    return len(due)


def close_silent(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Close what was answered long enough ago without a word from the complainant."""
    due = session.scalars(
        select(Complaint)
        .where(Complaint.state == "answered", Complaint.answered_at < now - SILENT_FOR)
        .order_by(Complaint.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for complaint in due:
        _step(session, complaint, "closed", by=SYSTEM, now=now)
    return len(due)


def empty_replies(session: Session, *, now: datetime, limit: int = 500) -> int:
    """Take the words out of what went to complainants long enough ago; returns how many.

    What was said stays with the complaint alone; a number and its code beside a contact would
    lead from an anonymous complaint back to its author. Choices stay: a typed number needs them.
    """
    rows = session.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.purpose == "complaint",
            OutboxMessage.settled_at < now - EMPTIED_AFTER,
            OutboxMessage.reason.is_distinct_from("emptied"),
        )
        .order_by(OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.body = {**row.body, "text": ""}
        row.reason = "emptied"
    return len(rows)


def _for(session: Session, complaint_id: int, version: int | None, staff: Staff) -> Complaint:
    """The complaint, locked, for somebody who may see it; to others it does not exist."""
    complaint = session.scalar(
        select(Complaint)
        .where(Complaint.id == complaint_id, may_see(staff))
        .with_for_update(of=Complaint)
    )
    if complaint is None:
        raise Refused("找不到这件投诉。")
    if version is not None and complaint.version != version:
        raise Conflict("这件投诉刚刚有同事动过，请看一眼再办。")
    return complaint


def _step(
    session: Session,
    complaint: Complaint,
    target: str,
    *,
    by: str,
    now: datetime,
    text: str | None = None,
    entry: str | None = None,
) -> None:
    if (complaint.state, target) not in STEPS:
        raise Refused(f"这件投诉现在是“{words.STATES[complaint.state]}”，不能走这一步。")
    complaint.state = target
    complaint.version += 1
    _enter(session, complaint, entry or target, by=by, now=now, text=text)


def _enter(
    session: Session,
    complaint: Complaint,
    kind: str,
    *,
    by: str,
    now: datetime,
    text: str | None = None,
    until: date | None = None,
) -> None:
    # An anonymous complainant leaves no trace in the log either.
    who = "complainant" if by.startswith("contact:") else by
    session.add(
        ComplaintEntry(complaint_id=complaint.id, at=now, by=who, kind=kind, text=text, until=until)
    )
    audit.record(
        session, by=who, action=f"complaint.{kind}", on=("complaint", complaint.id), now=now
    )


def _tell(
    session: Session,
    complaint: Complaint,
    text: str,
    *,
    now: datetime,
    choices: tuple[str, ...] = (),
) -> None:
    """A word to the complainant, where one is known."""
    if complaint.contact_id is not None:
        draft = outbox.Draft(text, choices, purpose="complaint")
        outbox.post(session, contact_id=complaint.contact_id, draft=draft, by=SYSTEM, now=now)


def _said(text: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise Refused(missing)
    return text
