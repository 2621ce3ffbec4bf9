"""Who is in charge of a case: given by hand, by county and load, and taken back when away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.casework.errors import Conflict, Refused
from bot.casework.models import Case, CaseEvent, Staff, Ticket
from bot.casework.stages import CLOSED_STAGES
from bot.clock import LOCAL
from bot.console.models import Absence
from bot.privacy import audit

WORKERS = ("social_worker", "supervisor")


@dataclass(frozen=True)
class Colleague:
    """Somebody who may be given a case."""

    staff: Staff
    cases: int
    """Open cases in charge of."""
    here: int
    """Of these, in the county that was asked about."""
    away_until: date | None


def colleagues(session: Session, *, county: str | None, now: datetime) -> list[Colleague]:
    """Everybody who may take a case: who knows the county first, then who has least to do.

    Who is away comes last.
    """
    holding = (
        select(
            Case.assigned_to.label("staff_id"),
            func.count().label("cases"),
            func.count().filter(Case.county_code == (county or "")).label("here"),
        )
        .where(Case.assigned_to.is_not(None), Case.stage.not_in(CLOSED_STAGES))
        .group_by(Case.assigned_to)
        .subquery()
    )
    today = now.astimezone(LOCAL).date()
    rows = session.execute(
        select(Staff, holding.c.cases, holding.c.here, Absence.until)
        .outerjoin(holding, holding.c.staff_id == Staff.id)
        .outerjoin(Absence, and_(Absence.staff_id == Staff.id, Absence.until >= today))
        .where(Staff.active, Staff.role.in_(WORKERS))
    ).all()
    found = [Colleague(staff, cases or 0, here or 0, until) for staff, cases, here, until in rows]
    return sorted(
        found, key=lambda c: (c.away_until is not None, not c.here, c.cases, c.staff.display_name)
    )


def assign(
    session: Session,
    *,
    case_id: int,
    version: int,
    to_staff: int | None,
    by: str,
    now: datetime,
) -> Case:
    """Put somebody in charge of a case, or nobody: then it is in the pool again.

    Its unsettled application ticket goes along. Raises `Conflict` when the case changed since
    the page was opened, `Refused` when the colleague cannot take it.
    """
    case = session.get(Case, case_id, with_for_update=True)
    if case is None or case.version != version:
        raise Conflict("另一位社工刚刚动过这份申请，您的这一步没有做。")
    if case.stage in CLOSED_STAGES or case.stage == "submitted":
        raise Refused("这份申请还没有接手或已经结束，不用分派。")
    name = ""
    if to_staff is not None:
        name = _able(session, to_staff, now=now).display_name
    if case.assigned_to == to_staff:
        return case
    case.assigned_to, case.version, case.updated_at = to_staff, version + 1, now
    _hand_over_tickets(session, [case.id], to_staff)
    step = "assign" if to_staff is not None else "release"
    session.add(CaseEvent(case_id=case.id, at=now, by=by, step=step, note=name or None))
    audit.record(
        session, by=by, action=f"case.{step}", on=("case", case.id), now=now, staff=to_staff or 0
    )
    return case


def mark_away(
    session: Session, *, staff_id: int, until: date, by: str, now: datetime
) -> Sequence[int]:
    """Somebody is away until the end of ``until``: their open cases go back to the pool.

    Returns the cases' ids. Raises `Refused`.
    """
    if until < now.astimezone(LOCAL).date():
        raise Refused("日期已经过去了。")
    staff = session.get(Staff, staff_id, with_for_update=True)
    if staff is None or staff.role not in WORKERS:
        raise Refused("只有社工和督导需要登记请假。")
    row = insert(Absence).values(staff_id=staff_id, until=until, set_by=by, set_at=now)
    session.execute(
        row.on_conflict_do_update(
            index_elements=[Absence.staff_id], set_={"until": until, "set_by": by, "set_at": now}
        )
    )
    cases = session.scalars(
        select(Case)
        .where(Case.assigned_to == staff_id, Case.stage.not_in(CLOSED_STAGES))
        .order_by(Case.id)
        .with_for_update()
    ).all()
    for case in cases:
        case.assigned_to, case.version, case.updated_at = None, case.version + 1, now
        session.add(CaseEvent(case_id=case.id, at=now, by=by, step="release"))
    released = [case.id for case in cases]
    _hand_over_tickets(session, released, None)
    session.execute(
        update(Ticket)
        .where(Ticket.owner_id == staff_id, Ticket.state == "claimed")
        .values(owner_id=None, state="open", version=Ticket.version + 1)
    )
    audit.record(
        session, by=by, action="staff.away", on=("staff", staff_id), now=now, cases=len(released)
    )
    return released


def mark_back(session: Session, *, staff_id: int, by: str, now: datetime) -> None:
    """Somebody is back; cases are given to them again by hand."""
    session.execute(delete(Absence).where(Absence.staff_id == staff_id))
    audit.record(session, by=by, action="staff.back", on=("staff", staff_id), now=now)


def absences(session: Session, *, now: datetime) -> dict[int, date]:
    """Who is away, and until when."""
    today = now.astimezone(LOCAL).date()
    rows = session.execute(select(Absence.staff_id, Absence.until).where(Absence.until >= today))
    return dict(rows.all())


def _able(session: Session, staff_id: int, *, now: datetime) -> Staff:
    staff = session.get(Staff, staff_id)
    if staff is None or not staff.active or staff.role not in WORKERS:
        raise Refused("这位同事不能负责申请，请换一位。")
    if staff_id in absences(session, now=now):
        raise Refused(f"{staff.display_name}正在请假，请换一位。")
    return staff


def _hand_over_tickets(session: Session, case_ids: Sequence[int], to_staff: int | None) -> None:
    """The tickets of these cases that somebody works on change hands with them."""
    session.execute(
        update(Ticket)
        .where(Ticket.case_id.in_(case_ids), Ticket.state.in_(("open", "claimed")))
        .values(
            owner_id=to_staff,
            state="open" if to_staff is None else "claimed",
            version=Ticket.version + 1,
        )
    )
