"""Tables of delivery: contacts, the outbox, attempts to send."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.db.base import Base, BlindIndex, Id, Moment, one_of
from bot.privacy.fields import SealedJson, SealedText

CONVERSATION_OWNERS = ("bot", "queued", "staff", "closed")
OUTBOX_STATES = ("composed", "queued", "sending", "sent", "failed", "dropped", "unsure")
PURPOSES = ("reply", "crisis", "staff_reply", "case_news")
CHANNELS = ("passive", "customer_service")


class Contact(Base):
    """One WeChat account (openid) that talks to the bot.

    May be patient, caregiver, both or neither. ``conversation_id`` is the only name under
    which Rasa knows it.
    """

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint(one_of("owner", CONVERSATION_OWNERS), name="owner"),
        CheckConstraint("(owner = 'staff') = (owner_staff_id IS NOT NULL)", name="owner_staff"),
    )

    id: Mapped[Id]
    openid: Mapped[str] = mapped_column(SealedText("contact.openid"))
    openid_index: Mapped[BlindIndex] = mapped_column(unique=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(Uuid, unique=True)
    subscribed: Mapped[bool]
    first_seen_at: Mapped[Moment]
    last_message_at: Mapped[Moment | None]

    owner: Mapped[str] = mapped_column(default="bot", server_default="bot")
    owner_staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    owner_version: Mapped[int] = mapped_column(default=0, server_default="0")

    misses: Mapped[int] = mapped_column(default=0, server_default="0")
    """Messages in a row that the bot did not understand."""

    message_window_at: Mapped[Moment | None]
    message_window_used: Mapped[int] = mapped_column(default=0, server_default="0")
    event_window_at: Mapped[Moment | None]
    event_window_used: Mapped[int] = mapped_column(default=0, server_default="0")

    lease_token: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    lease_until: Mapped[Moment | None]
    """Whoever holds the lease works on this contact's messages; it ends by itself."""


class OutboxMessage(Base):
    """One message to one contact, from composing to its fate."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint(one_of("state", OUTBOX_STATES), name="state"),
        CheckConstraint(one_of("purpose", PURPOSES), name="purpose"),
        CheckConstraint(
            f"channel IS NULL OR {one_of('channel', CHANNELS)}",
            name="channel",
        ),
        # Composing the same reply twice, after a crash, finds the first.
        UniqueConstraint("in_reply_to", "seq"),
        Index(None, "contact_id", "id"),
        Index(
            "ix_outbox_message_waiting",
            "contact_id",
            "id",
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    in_reply_to: Mapped[int | None] = mapped_column(
        ForeignKey("inbox_message.id", ondelete="CASCADE")
    )
    seq: Mapped[int] = mapped_column(default=0)
    purpose: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(SealedJson("outbox_message.body"))
    """``{"text": …}`` and optionally ``"choices": [{"id": "1", "text": …}], "tail": …``."""
    by: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    """Why it was dropped or failed: a word of `bot.delivery.sending`."""
    channel: Mapped[str | None]
    created_at: Mapped[Moment]
    not_after: Mapped[Moment | None]
    """After this moment it is stale and must not be sent."""
    settled_at: Mapped[Moment | None]

    contact: Mapped[Contact] = relationship(lazy="raise")


class SendAttempt(Base):
    """One call to the platform for one message. Without ``errcode`` its outcome is unknown."""

    __tablename__ = "send_attempt"
    __table_args__ = (Index(None, "outbox_message_id"),)

    id: Mapped[Id]
    outbox_message_id: Mapped[int] = mapped_column(
        ForeignKey("outbox_message.id", ondelete="CASCADE")
    )
    channel: Mapped[str]
    started_at: Mapped[Moment]
    ended_at: Mapped[datetime | None]
    errcode: Mapped[int | None]
    """The platform's code, 0 is accepted; or one of `bot.delivery.sending`'s own."""
