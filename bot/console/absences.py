"""Who is away: until when, and that nothing of theirs is left lying."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.casework import assignment
from bot.casework.errors import Refused
from bot.casework.models import Staff
from bot.clock import LOCAL
from bot.console.models import Absence
from bot.privacy import audit

WORKERS = ("social_worker", "supervisor")


def mark_away(session: Session, *, staff_id: int, until: date, by: str, now: datetime) -> int:
    """Somebody is away until the end of ``until``: their cases and tickets go back to the pool.

    Returns how many. Raises `Refused`.
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
    freed = assignment.release(session, staff_id=staff_id, by=by, now=now)
    audit.record(session, by=by, action="staff.away", on=("staff", staff_id), now=now, freed=freed)
    return freed


def mark_back(session: Session, *, staff_id: int, by: str, now: datetime) -> None:
    """Somebody is back; cases are given to them again by hand."""
    session.execute(delete(Absence).where(Absence.staff_id == staff_id))
    audit.record(session, by=by, action="staff.back", on=("staff", staff_id), now=now)


def absences(session: Session, *, now: datetime) -> dict[int, date]:
    """Who is away, and until when."""
    today = now.astimezone(LOCAL).date()
    rows = session.execute(select(Absence.staff_id, Absence.until).where(Absence.until >= today))
    return dict(rows.all())
