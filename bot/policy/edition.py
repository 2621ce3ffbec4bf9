"""The number of what may answer now: it grows with every change, so that no process misses one."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.policy.models import PolicyEdition


def current_edition(session: Session) -> int:
    return session.scalars(select(PolicyEdition.number)).one()


def next_edition(session: Session) -> None:
    """Say that what may answer has changed: every process builds its index anew."""
    session.execute(
        update(PolicyEdition)
        .values(number=PolicyEdition.number + 1)
        .execution_options(synchronize_session=False)
    )
