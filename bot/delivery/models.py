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
PURPOSES = (
    "reply",
    "crisis",
    "staff_reply",
    "case_news",
    "dose_reminder",
    "visit_reminder",
    "care_news",
    "complaint",
)
CHANNELS = ("passive", "customer_service", "subscription", "template")
NOTICE_CHANNELS = ("subscription", "template")
NOTICE_EVENTS = ("accepted", "rejected", "used", "none_left")


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


class NoticeTemplate(Base):
    """A template of the account for one purpose: the way to a person whose window is closed.

    Templates are chosen in the platform's console; here stands which field holds what.
    """

    __tablename__ = "notice_template"
    __table_args__ = (CheckConstraint(one_of("channel", NOTICE_CHANNELS), name="channel"),)

    template_id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    purpose: Mapped[str]
    """Purpose of the messages that it may carry, see `PURPOSES`."""
    fields: Mapped[dict[str, Any]]
    """Field of the template to what it shows: ``{"thing1": "what", "time2": "when"}``."""
    long_term: Mapped[bool] = mapped_column(default=False, server_default="false")


class NoticeConsent(Base):
    """How often a contact may still be sent one subscription notice."""

    __tablename__ = "notice_consent"
    __table_args__ = (CheckConstraint('"left" >= 0', name="left"),)

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    template_id: Mapped[str] = mapped_column(primary_key=True)
    left: Mapped[int] = mapped_column(default=0, server_default="0")
    """One-time consents not yet used; a long-term template needs one and uses none."""
    updated_at: Mapped[Moment]


class NoticeEvent(Base):
    """The ledger: each consent given, refused or used, as the platform told or as we sent."""

    __tablename__ = "notice_event"
    __table_args__ = (
        CheckConstraint(one_of("event", NOTICE_EVENTS), name="event"),
        UniqueConstraint("source_key", "template_id"),
        Index(None, "contact_id"),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    template_id: Mapped[str]
    event: Mapped[str]
    source_key: Mapped[str]
    """``inbox:12`` or ``attempt:7``: heard twice, it counts once."""
    at: Mapped[Moment]
