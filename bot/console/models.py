"""Tables of the console: sign-in, who looks at what, canned replies, absences."""

from __future__ import annotations

from datetime import date

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


class Presence(Base):
    """A member of staff has a conversation open; good for `bot.console.presence.LASTS`."""

    __tablename__ = "presence"

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True
    )
    seen_at: Mapped[Moment]


class CannedReply(Base):
    """A text that staff send often, with places to fill in (`bot.console.canned.VARIABLES`)."""

    __tablename__ = "canned_reply"

    id: Mapped[Id]
    title: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True, server_default="true")
    updated_by: Mapped[str]
    updated_at: Mapped[Moment]


class Absence(Base):
    """A member of staff is away until the end of a day and is given nothing meanwhile."""

    __tablename__ = "absence"

    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True
    )
    until: Mapped[date]
    set_by: Mapped[str]
    set_at: Mapped[Moment]
