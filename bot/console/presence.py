"""Who else has a conversation open just now."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.casework.models import Staff
from bot.console.models import Presence

LASTS = timedelta(seconds=45)
"""An open page says every fifteen seconds that it is there; a closed one says nothing."""


def look(session: Session, *, contact_id: int, staff_id: int, now: datetime) -> list[str]:
    """Note that somebody looks; returns the names of the others who do."""
    row = insert(Presence).values(contact_id=contact_id, staff_id=staff_id, seen_at=now)
    session.execute(
        row.on_conflict_do_update(
            index_elements=[Presence.contact_id, Presence.staff_id], set_={"seen_at": now}
        )
    )
    return list(
        session.scalars(
            select(Staff.display_name)
            .join(Presence, Presence.staff_id == Staff.id)
            .where(
                Presence.contact_id == contact_id,
                Presence.staff_id != staff_id,
                Presence.seen_at > now - LASTS,
            )
            .order_by(Staff.display_name)
        )
    )
