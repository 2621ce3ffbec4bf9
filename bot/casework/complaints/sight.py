"""Who may see a complaint: said here once, asked by every read and every step.

Never a member of an institution's staff, never whom it is about, never the social worker in
charge of the complainant's case: only supervisors whom it does not concern.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, all_, and_, exists, false, literal, not_

from bot.casework.complaints.models import Complaint
from bot.casework.models import Case, Staff

HANDLERS = ("supervisor",)
"""Roles that handle complaints."""


def may_see(viewer: Staff) -> ColumnElement[bool]:
    """SQL condition on `Complaint`: what this member of staff may know of."""
    if viewer.role not in HANDLERS or not viewer.active or viewer.institution_id is not None:
        return false()
    in_charge = exists().where(
        Case.contact_id == Complaint.contact_id, Case.assigned_to == viewer.id
    )
    return and_(
        literal(viewer.id) != all_(Complaint.staff_concerned),
        not_(and_(Complaint.kind == "social_worker", in_charge)),
    )
