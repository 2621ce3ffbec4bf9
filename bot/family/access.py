"""Which cases a visitor may see: asked here by every page, so that nobody unbound sees one."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.exceptions import NotFoundException
from sqlalchemy.orm import Session

from bot.casework import listing
from bot.casework.models import Case
from bot.family.sessions import Visitor


def cases_of(session: Session, visitor: Visitor) -> Sequence[Case]:
    """The cases that concern this visitor, newest first."""
    return listing.cases_of_contact(session, contact_id=visitor.contact_id)


def case_of(session: Session, visitor: Visitor, case_id: int) -> Case:
    """One of them. Raises `NotFoundException`, also for a case of somebody else."""
    for case in cases_of(session, visitor):
        if case.id == case_id:
            return case
    raise NotFoundException
