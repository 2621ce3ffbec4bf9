"""Reads of complaints. Staff see what `sight.may_see` lets them; complainants what they hold the
number and the code of, or told under their own account."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from bot.casework.complaints import words
from bot.casework.complaints.actions import CODE_PLACE
from bot.casework.complaints.models import Complaint
from bot.casework.complaints.sight import may_see
from bot.casework.institution_models import Institution
from bot.casework.models import Staff
from bot.privacy.fields import blind_index

SHOWN_AT_ONCE = 50
_NUMBER = re.compile(r"TS\s?(\d{8})[-—–]?(\d{6})")
_CODE = re.compile(r"(?<![0-9A-Z])([2-9A-HJ-NP-Z]{4})-?([2-9A-HJ-NP-Z]{4})(?![0-9A-Z])")


@dataclass(frozen=True)
class Listed:
    """One row of the list."""

    complaint: Complaint
    institution: str | None


def listed(session: Session, *, viewer: Staff, open_only: bool, page: int) -> Sequence[Listed]:
    """One page (from 1): urgent first, then what is due first. One row more tells of a next page."""
    query = (
        select(Complaint, Institution.name)
        .outerjoin(Institution, Institution.id == Complaint.institution_id)
        .where(may_see(viewer))
        .order_by(
            case((Complaint.urgent, 0), else_=1),
            func.coalesce(Complaint.settle_by, Complaint.decide_by),
            Complaint.id,
        )
        .limit(SHOWN_AT_ONCE + 1)
        .offset((page - 1) * SHOWN_AT_ONCE)
    )
    if open_only:
        query = query.where(_OPEN)
    return [Listed(*row) for row in session.execute(query)]


def complaint_of(session: Session, complaint_id: int, *, viewer: Staff) -> Listed | None:
    """One complaint with its entries, or None where this viewer may not know of it."""
    row = session.execute(
        select(Complaint, Institution.name)
        .outerjoin(Institution, Institution.id == Complaint.institution_id)
        .where(Complaint.id == complaint_id, may_see(viewer))
        .options(selectinload(Complaint.entries))
    ).one_or_none()
    return Listed(*row) if row else None


def nobody_may_handle(session: Session) -> int:
    """How many open complaints no supervisor may see: another one has to be appointed."""
    supervisors = session.scalars(
        select(Staff).where(Staff.role == "supervisor", Staff.active)
    ).all()
    query = select(func.count()).select_from(Complaint).where(_OPEN)
    for supervisor in supervisors:
        query = query.where(~may_see(supervisor))
    return session.scalar(query) or 0


def own(session: Session, *, contact_id: int, limit: int = 3) -> Sequence[Complaint]:
    """The newest complaints that this contact made under its own account."""
    return session.scalars(
        select(Complaint)
        .where(Complaint.contact_id == contact_id)
        .order_by(Complaint.id.desc())
        .limit(limit)
        .options(selectinload(Complaint.entries))
    ).all()


def waits_for_verdict(session: Session, *, contact_id: int) -> Complaint | None:
    """The answered complaint whose complainant has not said yet whether that is enough."""
    return session.scalar(
        select(Complaint)
        .where(Complaint.contact_id == contact_id, Complaint.state == "answered")
        .order_by(Complaint.answered_at.desc())
        .limit(1)
        .with_for_update()
    )


def waits_for_trouble(session: Session, *, contact_id: int) -> Complaint | None:
    """The complaint whose complainant was asked about trouble since, and has not answered."""
    return session.scalar(
        select(Complaint)
        .where(
            Complaint.contact_id == contact_id,
            Complaint.asked_at.is_not(None),
            Complaint.retaliation.is_(None),
        )
        .order_by(Complaint.asked_at.desc())
        .limit(1)
        .with_for_update()
    )


@dataclass(frozen=True)
class Asked:
    """A number, and perhaps a code, in a message."""

    number: str
    code: str | None


def number_in(text: str) -> Asked | None:
    """The complaint number in a message, with the code beside it."""
    text = unicodedata.normalize("NFKC", text).upper()
    number = _NUMBER.search(text)
    if number is None:
        return None
    code = _CODE.search(text.replace(number[0], " "))
    return Asked(f"TS{number[1]}-{number[2]}", code[1] + code[2] if code else None)


def followed(session: Session, asked: Asked, *, contact_id: int) -> Complaint | None:
    """The complaint of a number: with its code to anybody, without only to who made it."""
    mine = and_(Complaint.contact_id.is_not(None), Complaint.contact_id == contact_id)
    if asked.code is not None:
        index = blind_index(asked.number + asked.code, place=CODE_PLACE)
        mine = or_(mine, Complaint.code_index == index)
    return session.scalar(
        select(Complaint)
        .where(Complaint.number == asked.number, mine)
        .options(selectinload(Complaint.entries))
    )


def progress(complaint: Complaint, *, now: datetime) -> str:
    """How far a complaint is, for whoever follows it."""
    lines = [f"投诉{complaint.number}：{words.STATES[complaint.state]}。"]
    if complaint.state == "received":
        lines.append(f"受不受理，{words.day(complaint.decide_by)}前告诉您。")
    elif complaint.state == "accepted" and complaint.settle_by is not None:
        late = "（已经过了这天，对不起，让您久等）" if complaint.settle_by < now else ""
        lines.append(f"最晚{words.day(complaint.settle_by)}答复您{late}。")
    for entry in reversed(complaint.entries):
        if entry.kind in words.TOLD and entry.text:
            lines.append(f"{words.ENTRY_KINDS[entry.kind]}：{entry.text}")
            break
    return "\n".join(lines)


_OPEN = or_(
    Complaint.state.in_(("received", "accepted")),
    and_(Complaint.retaliation.is_(True), Complaint.state.in_(("answered", "closed"))),
)
