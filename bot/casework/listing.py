"""Cases as families and the command line see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot import places
from bot.casework.course_models import Binding
from bot.casework.models import Case
from bot.casework.stages import STAGE_NAMES


def cases_of_contact(session: Session, *, contact_id: int) -> list[Case]:
    """The cases that this contact is bound to in any role, newest first."""
    bound = select(Binding.case_id).where(
        Binding.contact_id == contact_id, Binding.ended_at.is_(None)
    )
    return list(session.scalars(select(Case).where(Case.id.in_(bound)).order_by(Case.id.desc())))


def case_listing(session: Session) -> Iterator[dict[str, Any]]:
    """Every case without personal data, oldest first, for scripts."""
    rows = session.scalars(select(Case).options(joinedload(Case.assignee)).order_by(Case.id))
    for case in rows:
        county = places.get(case.county_code)
        yield {
            "receipt_number": case.receipt_number,
            "stage": case.stage,
            "stage_name": STAGE_NAMES[case.stage],
            "county_code": case.county_code,
            "county": county.full_name if county else None,
            "awaits_guardian": case.awaits_guardian,
            "assigned_to": case.assignee.username if case.assignee else None,
            "submitted_at": case.submitted_at.isoformat(),
            "updated_at": case.updated_at.isoformat(),
        }
