"""Table of dialogue: the durable inbox."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, BlindIndex, Id, Moment, one_of
from bot.privacy.fields import SealedJson, SealedText

INBOX_STATES = ("received", "done", "parked", "failed")


class InboxMessage(Base):
    """One message or event of the platform, stored before it is answered.

    ``parked``: answered for now with an honest sentence, to be understood when Rasa is back.
    ``failed``: given up after several attempts, and handed to a person.
    """

    __tablename__ = "inbox_message"
    __table_args__ = (
        CheckConstraint(one_of("state", INBOX_STATES), name="state"),
        Index(None, "contact_id", "id"),
        Index(
            "ix_inbox_message_unfinished",
            "contact_id",
            "id",
            postgresql_where=text("state IN ('received', 'parked')"),
        ),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    dedupe_key: Mapped[BlindIndex] = mapped_column(unique=True)
    kind: Mapped[str]
    """Message type of the platform, or ``event:NAME``."""
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson("inbox_message.payload"))
    meant: Mapped[str | None] = mapped_column(SealedText("inbox_message.meant"))
    """The words that a menu key or a typed number stands for."""
    confidential: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Part of a complaint: left out of the conversation that social workers read."""
    received_at: Mapped[Moment]
    state: Mapped[str] = mapped_column(default="received")
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    done_at: Mapped[Moment | None]

    @property
    def words(self) -> str:
        """The words of a message, or those that it stands for; else empty."""
        if self.meant is not None:
            return self.meant
        if self.kind in ("text", "voice"):
            return str(self.payload.get("content") or self.payload.get("recognition") or "")
        return ""
