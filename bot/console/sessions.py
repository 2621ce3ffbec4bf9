"""Signed-in browsers: a random token in a cookie, its hash in the database.

A token that we did not give out is never adopted; every sign-in makes a new one.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from bot.casework.models import Staff
from bot.console.models import StaffSession

IDLE = timedelta(minutes=30)
"""A session ends after so long without use."""
LIFETIME = timedelta(hours=12)
"""And after so long in any case: the next working day begins with signing in."""
TOUCH_EVERY = timedelta(minutes=1)
"""Use is recorded this exactly, so that not every page view writes."""
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class SignedIn:
    """Who is behind a request."""

    staff_id: int
    session_id: int
    display_name: str
    role: str

    @property
    def by(self) -> str:
        """The actor as actions and the audit log name it."""
        return f"staff:{self.staff_id}"


def start(session: Session, *, staff_id: int, now: datetime) -> str:
    """Sign a browser in; returns the token for its cookie."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        StaffSession(
            token_hash=_hash(token),
            staff_id=staff_id,
            created_at=now,
            last_used_at=now,
            ends_at=now + LIFETIME,
        )
    )
    return token


def find(session: Session, *, token: str, now: datetime, used: bool) -> SignedIn | None:
    """Who holds this token, as long as it is good. ``used``: a person did something with it."""
    row = session.execute(
        select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(
            StaffSession.token_hash == _hash(token),
            StaffSession.revoked_at.is_(None),
            StaffSession.ends_at > now,
            StaffSession.last_used_at > now - IDLE,
            Staff.active,
        )
    ).one_or_none()
    if row is None:
        return None
    found, staff = row
    if used and now - found.last_used_at > TOUCH_EVERY:
        found.last_used_at = now
    return SignedIn(
        staff_id=staff.id,
        session_id=found.id,
        display_name=staff.display_name,
        role=staff.role,
    )


def end(session: Session, *, token: str, now: datetime) -> None:
    """Sign one browser out."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.token_hash == _hash(token), StaffSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def revoke_all(session: Session, *, staff_id: int, now: datetime) -> int:
    """Sign out every browser of one member of staff; returns how many."""
    done = session.execute(
        update(StaffSession)
        .where(
            StaffSession.staff_id == staff_id,
            StaffSession.revoked_at.is_(None),
            StaffSession.ends_at > now,
        )
        .values(revoked_at=now)
    )
    assert isinstance(done, CursorResult)
    return done.rowcount


def forget_ended(session: Session, *, now: datetime) -> None:
    """Delete sessions that ended a day ago or longer."""
    past = now - timedelta(days=1)
    session.execute(
        delete(StaffSession).where(or_(StaffSession.ends_at < past, StaffSession.revoked_at < past))
    )


def _hash(token: str) -> bytes:
    # The token is random and long: a plain hash cannot be searched backwards.
    return hashlib.sha256(token.encode(errors="replace")).digest()
