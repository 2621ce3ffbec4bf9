"""The audit row that every write leaves in its own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.privacy.models import AuditEvent


def record(
    session: Session,
    *,
    by: str,
    action: str,
    on: tuple[str, int],
    now: datetime,
    **details: Any,
) -> None:
    """Add the audit row of one action.

    ``by`` is ``staff:ID``, ``contact:ID`` or ``system:NAME``; ``on`` is table and row id;
    ``details`` hold ids, states and numbers only.
    """
    session.add(
        AuditEvent(
            at=now, by=by, action=action, object_type=on[0], object_id=on[1], details=details
        )
    )
