"""Tables of the console: sign-in sessions and failed sign-ins."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.casework.models import Staff
from bot.db.base import Base, BlindIndex, Id, Moment


class StaffSession(Base):
    """One signed-in browser. Only the hash of its token is kept."""

    __tablename__ = "staff_session"
    __table_args__ = (Index(None, "staff_id"),)

    id: Mapped[Id]
    token_hash: Mapped[BlindIndex] = mapped_column(unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    created_at: Mapped[Moment]
    last_used_at: Mapped[Moment]
    """Ends after `bot.console.sessions.IDLE` without use."""
    ends_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]

    staff: Mapped[Staff] = relationship(lazy="raise")


class SignInFailure(Base):
    """A failed sign-in, counted per account name and per address."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index(None, "key", "at"),)

    id: Mapped[Id]
    key: Mapped[BlindIndex]
    at: Mapped[Moment]
