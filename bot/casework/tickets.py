"""Tickets: work for staff, made once from one source, with an owner and a due time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.casework import working_time
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Ticket
from bot.privacy import audit

URGENT_WITHIN = timedelta(minutes=30)
"""By the clock, also at night."""
WORKING_DAYS = {"soon": 1, "normal": 3}
"""How many working days the rest may take."""


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
    made = make_once(
        session,
        source_key=source_key,
        kind=kind,
        urgency=urgency,
        summary=summary,
        by=by,
        now=now,
        contact_id=contact_id,
        case_id=case_id,
        county_code=county_code,
    )
    if made is not None:
        return made
    return session.scalars(select(Ticket.id).where(Ticket.source_key == source_key)).one()


def make_once(
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
    owner_id: int | None = None,
    due: datetime | None = None,
) -> int | None:
    """Make a ticket; None when one was already made from this source.

    With ``owner_id`` it is already in somebody's hands; ``due`` replaces what the urgency gives.
    """
    if due is None:
        due = due_at(session, urgency=urgency, county_code=county_code, now=now)
    made: int | None = session.scalar(
        insert(Ticket)
        .values(
            source_key=source_key,
            kind=kind,
            urgency=urgency,
            state="open" if owner_id is None else "claimed",
            contact_id=contact_id,
            case_id=case_id,
            county_code=county_code,
            summary=summary,
            owner_id=owner_id,
            created_at=now,
            due_at=due,
        )
        .on_conflict_do_nothing(index_elements=[Ticket.source_key])
        .returning(Ticket.id)
    )
    if made is not None:
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


def due_at(session: Session, *, urgency: str, county_code: str | None, now: datetime) -> datetime:
    """When a ticket made now is due, by the working time of the county's team."""
    if urgency == "urgent":
        return now + URGENT_WITHIN
    calendar = working_time.calendar_for(session, county_code=county_code, now=now)
    return calendar.add(now, WORKING_DAYS[urgency] * calendar.day_length)


def pause(session: Session, *, ticket: Ticket, now: datetime) -> None:
    """Stop a ticket's clock: it waits for the family. Stopped already, it stays so."""
    if ticket.state == "settled" or ticket.paused_left is not None:
        return
    calendar = working_time.calendar_for(session, county_code=ticket.county_code, now=now)
    ticket.paused_left = calendar.between(now, ticket.due_at)


def resume(session: Session, *, ticket: Ticket, now: datetime) -> None:
    """Let the clock run on with the working time that was left."""
    if ticket.paused_left is None:
        return
    calendar = working_time.calendar_for(session, county_code=ticket.county_code, now=now)
    ticket.due_at, ticket.paused_left = calendar.add(now, ticket.paused_left), None


def read_ticket(session: Session, *, ticket_id: int, by: str, now: datetime) -> None:
    """Somebody has opened the ticket: it need not be escalated for being unread."""
    first = session.scalar(
        update(Ticket)
        .where(Ticket.id == ticket_id, Ticket.read_at.is_(None))
        .values(read_at=now)
        .returning(Ticket.id)
    )
    if first is not None:
        audit.record(session, by=by, action="ticket.first_read", on=("ticket", first), now=now)


def settle_tasks(session: Session, *, case_id: int, kind: str, by: str, now: datetime) -> None:
    """Settle the tickets of one kind that a step of the case has made needless."""
    settled = session.scalars(
        update(Ticket)
        .where(Ticket.case_id == case_id, Ticket.kind == kind, Ticket.state != "settled")
        .values(state="settled", settled_at=now, version=Ticket.version + 1, paused_left=None)
        .returning(Ticket.id)
        .execution_options(synchronize_session="fetch")
    ).all()
    for ticket_id in settled:
        audit.record(session, by=by, action="ticket.settle", on=("ticket", ticket_id), now=now)


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
    """Close a ticket that one owns; a lead by `applications.answer_lead`. Raises `Conflict`."""
    ticket = _locked(session, ticket_id)
    if ticket.state != "claimed" or ticket.version != version or ticket.owner_id != staff_id:
        raise Conflict("只有认领的人才能办结这张工单。")
    if ticket.kind == "lead":
        raise Refused("线索要写下问过以后的结果，才算办完。")
    ticket.state, ticket.settled_at, ticket.version = "settled", now, version + 1
    audit.record(session, by=by, action="ticket.settle", on=("ticket", ticket_id), now=now)
    return ticket


def _locked(session: Session, ticket_id: int) -> Ticket:
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None:
        raise Conflict("找不到这张工单。")
    return ticket
