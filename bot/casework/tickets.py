"""Tickets: work for staff, made once from one source, with an owner and a due time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.casework.errors import Conflict
from bot.casework.models import Ticket
from bot.privacy import audit

DUE = {
    "urgent": timedelta(minutes=30),
    "soon": timedelta(days=1),
    "normal": timedelta(days=3),
}


def open_ticket(
    session: Session,
    *,
    source_key: str,
    kind: str,
    urgency: str,
    summary: str,
    by: str,
    now: datetime,
    contact_id: int | None = None,
    case_id: int | None = None,
    county_code: str | None = None,
) -> int:
    """Make a ticket, or find the one already made from this source; returns its id."""
    made: int | None = session.scalar(
        insert(Ticket)
        .values(
            source_key=source_key,
            kind=kind,
            urgency=urgency,
            state="open",
            contact_id=contact_id,
            case_id=case_id,
            county_code=county_code,
            summary=summary,
            created_at=now,
            due_at=now + DUE[urgency],
        )
        .on_conflict_do_nothing(index_elements=[Ticket.source_key])
        .returning(Ticket.id)
    )
    if made is None:
        return session.scalars(select(Ticket.id).where(Ticket.source_key == source_key)).one()
    audit.record(
        session,
        by=by,
        action="ticket.open",
        on=("ticket", made),
        now=now,
        kind=kind,
        urgency=urgency,
    )
    return made


def claim_ticket(
    session: Session, *, ticket_id: int, version: int, staff_id: int, by: str, now: datetime
) -> Ticket:
    """Take an open ticket; raises `Conflict` when somebody was quicker."""
    ticket = _locked(session, ticket_id)
    if ticket.state != "open" or ticket.version != version:
        raise Conflict("这张工单刚刚有同事认领或改动过。")
    ticket.state, ticket.owner_id, ticket.version = "claimed", staff_id, version + 1
    audit.record(session, by=by, action="ticket.claim", on=("ticket", ticket_id), now=now)
    return ticket


def settle_ticket(
    session: Session, *, ticket_id: int, version: int, staff_id: int, by: str, now: datetime
) -> Ticket:
    """Close a ticket that one owns; raises `Conflict`."""
    ticket = _locked(session, ticket_id)
    if ticket.state != "claimed" or ticket.version != version or ticket.owner_id != staff_id:
        raise Conflict("只有认领的人才能办结这张工单。")
    ticket.state, ticket.settled_at, ticket.version = "settled", now, version + 1
    audit.record(session, by=by, action="ticket.settle", on=("ticket", ticket_id), now=now)
    return ticket


def _locked(session: Session, ticket_id: int) -> Ticket:
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None:
        raise Conflict("找不到这张工单。")
    return ticket
