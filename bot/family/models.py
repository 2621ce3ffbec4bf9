"""Tables of the family pages: who has signed in through WeChat."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.db.base import Base, BlindIndex, Id, Moment
from bot.delivery.models import Contact


class FamilySession(Base):
    """One phone that WeChat has named the contact of. Only the hash of its token is kept."""

    __tablename__ = "family_session"
    __table_args__ = (Index(None, "contact_id"),)

    id: Mapped[Id]
    token_hash: Mapped[BlindIndex] = mapped_column(unique=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    created_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]

    contact: Mapped[Contact] = relationship(lazy="raise")
