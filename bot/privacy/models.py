"""Tables of privacy: wrapped keys, the consent ledger, the audit log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, Id, Moment, one_of

CONSENT_PURPOSES = ("sensitive_data", "rehabilitation_patient", "rehabilitation_guardian")
CONSENT_STATES = ("given", "reported", "refused", "withdrawn")


class WrappedKey(Base):
    """A key that lives in the database, encrypted with the installation's newest key."""

    __tablename__ = "wrapped_key"

    purpose: Mapped[str] = mapped_column(Text, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Consent(Base):
    """One decision about one purpose, as it was made; a later decision is a later row.

    ``reported`` is a patient's wish told by somebody else: it is heard, and a social worker
    still asks the patient. Source: 闽民事〔2023〕86号 三(二)6 (patient and guardian both);
    个人信息保护法 29 (separate consent to sensitive data).
    """

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(one_of("purpose", CONSENT_PURPOSES), name="purpose"),
        CheckConstraint(one_of("state", CONSENT_STATES), name="state"),
        Index(None, "application_id", "purpose"),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    application_id: Mapped[int | None] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE")
    )
    purpose: Mapped[str]
    state: Mapped[str]
    said_by: Mapped[str]
    """Who said it, as a relation to the patient (``self``, ``mother``, …)."""
    way: Mapped[str]
    """How: ``chat``, ``page`` or ``paper``."""
    text_version: Mapped[str]
    """Version of the text that was shown, see `bot.casework.consent_texts`."""
    decided_at: Mapped[Moment]


class AuditEvent(Base):
    """Who did what to which record, and when. Append-only: the database refuses changes."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "object_type", "object_id"),)

    id: Mapped[Id]
    at: Mapped[Moment]
    by: Mapped[str]
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[int]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Ids, states and numbers only; never a name, a text or a telephone number."""


class AuditSeal(Base):
    """A stretch of the audit log under seal, see `bot.privacy.seals`."""

    __tablename__ = "audit_seal"

    id: Mapped[Id]
    first_id: Mapped[int]
    last_id: Mapped[int] = mapped_column(unique=True)
    rows: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[Moment]
