"""Who is in charge: assignment by hand, by county and load, and what absent staff leave behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.casework import steps
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Case, Staff, Ticket
from bot.casework.stages import CLOSED_STAGES
from bot.privacy import audit


@dataclass(frozen=True)
class Load:
    """A member of staff and the work in their hands."""

    staff_id: int
    display_name: str
    cases: int
    """Running cases that they are in charge of."""
    in_county: int
    """Of these, how many in the county that was asked for."""


def loads(session: Session, *, county_code: str | None = None) -> list[Load]:
    """Active social workers, best choice first: who knows the county, then who has least."""
    in_county = func.count(Case.id).filter(Case.county_code == county_code)
    rows = session.execute(
        select(Staff.id, Staff.display_name, func.count(Case.id), in_county)
        .outerjoin(Case, (Case.assigned_to == Staff.id) & Case.stage.not_in(CLOSED_STAGES))
        .where(Staff.active, Staff.role == "social_worker")
        .group_by(Staff.id)
        .order_by((in_county > 0).desc(), func.count(Case.id), Staff.id)
    )
    return [Load(*row) for row in rows]


def assign(
    session: Session, *, case_id: int, version: int, to: Staff, staff: Staff, by: str, now: datetime
) -> Case:
    """Put somebody in charge of a case that was claimed before.

    A supervisor may always; a social worker may give away their own cases, and take one that
    nobody has. The application's ticket goes along.
    """
    case = steps.locked_case(session, case_id)
    if case.version != version:
        raise Conflict("这份申请刚刚有变动，请看一眼再分派。")
    if case.stage == "submitted" or case.stage in CLOSED_STAGES:
        raise Conflict("这份申请现在不用分派。")
    free_for_me = case.assigned_to is None and to.id == staff.id
    if staff.role != "supervisor" and case.assigned_to != staff.id and not free_for_me:
        raise Conflict("这份申请由另一位同事负责，只有本人或督导可以操作。")
    if to.role not in ("social_worker", "supervisor") or not to.active:
        raise Refused("只能分派给在岗的社工或督导。")
    case.assigned_to, case.version, case.updated_at = to.id, case.version + 1, now
    session.execute(
        update(Ticket)
        .where(Ticket.case_id == case.id, Ticket.kind == "application", Ticket.state == "claimed")
        .values(owner_id=to.id, version=Ticket.version + 1)
    )
    audit.record(session, by=by, action="case.assign", on=("case", case.id), now=now, to=to.id)
    return case


def release(session: Session, *, staff_id: int, by: str, now: datetime) -> int:
    """Somebody is absent or has left: their cases and tickets go back to the pool.

    Returns how many cases and tickets were freed.
    """
    cases = session.scalars(
        update(Case)
        .where(Case.assigned_to == staff_id, Case.stage.not_in(CLOSED_STAGES))
        .values(assigned_to=None, version=Case.version + 1, updated_at=now)
        .returning(Case.id)
    ).all()
    tickets = session.scalars(
        update(Ticket)
        .where(Ticket.owner_id == staff_id, Ticket.state == "claimed")
        .values(owner_id=None, state="open", version=Ticket.version + 1)
        .returning(Ticket.id)
    ).all()
    for case_id in cases:
        audit.record(session, by=by, action="case.assign", on=("case", case_id), now=now, to=None)
    for ticket_id in tickets:
        audit.record(session, by=by, action="ticket.release", on=("ticket", ticket_id), now=now)
    return len(cases) + len(tickets)
