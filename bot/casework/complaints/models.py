"""Tables of complaints."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.casework.complaints.words import ENTRY_KINDS, KINDS, MANNERS, STATES
from bot.db.base import Base, BlindIndex, Id, Moment, one_of
from bot.privacy.fields import SealedText


class Complaint(Base):
    """One complaint. An anonymous one knows no contact: nothing leads back to who wrote it."""

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint(one_of("kind", tuple(KINDS)), name="kind"),
        CheckConstraint(one_of("manner", tuple(MANNERS)), name="manner"),
        CheckConstraint(one_of("state", tuple(STATES)), name="state"),
        CheckConstraint("manner <> 'anonymous' OR contact_id IS NULL", name="anonymous"),
        CheckConstraint(
            "(state IN ('received', 'not_accepted')) = (settle_by IS NULL)", name="settle_by"
        ),
        # One reopening by right.
        CheckConstraint("reopened BETWEEN 0 AND 1", name="reopened"),
        Index("ix_complaint_open", "state", "received_at"),
        Index(None, "contact_id"),
        Index(None, "institution_id"),
    )

    id: Mapped[Id]
    source_key: Mapped[str | None] = mapped_column(unique=True)
    """What it was made from, once; none for an anonymous one."""
    number: Mapped[str] = mapped_column(unique=True)
    """``TS`` and digits: with the code it is followed by whoever holds both."""
    code_index: Mapped[BlindIndex]
    kind: Mapped[str]
    manner: Mapped[str]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    about_what: Mapped[str] = mapped_column(SealedText("complaint.about_what"))
    about_whom: Mapped[str | None] = mapped_column(SealedText("complaint.about_whom"))
    """Where, when and who, in the person's words."""
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"))
    staff_concerned: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), default=list, server_default="{}"
    )
    """Members of staff whom it is about: they never see it."""
    urgent: Mapped[bool] = mapped_column(default=False, server_default="false")
    state: Mapped[str]
    received_at: Mapped[Moment]
    decide_by: Mapped[Moment]
    settle_by: Mapped[Moment | None]
    extended: Mapped[bool] = mapped_column(default=False, server_default="false")
    answered_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(default=0, server_default="0")
    satisfied: Mapped[bool | None]
    asked_at: Mapped[datetime | None]
    """When the complainant was asked whether anybody made it hard for them since."""
    retaliation: Mapped[bool | None]
    """What they answered."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    entries: Mapped[list[ComplaintEntry]] = relationship(
        lazy="raise", order_by="ComplaintEntry.id", viewonly=True
    )

    @property
    def due_at(self) -> datetime | None:
        """Until when the next step has to be taken; None when nobody waits for one."""
        if self.state == "received":
            return self.decide_by
        return self.settle_by if self.state == "accepted" else None


class ComplaintEntry(Base):
    """One step or note of a complaint, in order."""

    __tablename__ = "complaint_entry"
    __table_args__ = (
        CheckConstraint(one_of("kind", tuple(ENTRY_KINDS)), name="kind"),
        Index(None, "complaint_id", "id"),
    )

    id: Mapped[Id]
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id", ondelete="CASCADE"))
    at: Mapped[Moment]
    by: Mapped[str]
    """``staff:ID``, ``system:NAME``, or ``complainant``."""
    kind: Mapped[str]
    text: Mapped[str | None] = mapped_column(SealedText("complaint_entry.text"))
    until: Mapped[date | None]
    """The last day for what was asked of the institution, or the new last day."""


class ComplaintDraft(Base):
    """A complaint being told in chat: what was said, and what is asked. One a contact."""

    __tablename__ = "complaint_draft"
    __table_args__ = (
        CheckConstraint(one_of("asked", ("what", "whom", "manner", "later")), name="asked"),
    )

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    asked: Mapped[str]
    about_what: Mapped[str | None] = mapped_column(SealedText("complaint_draft.about_what"))
    about_whom: Mapped[str | None] = mapped_column(SealedText("complaint_draft.about_whom"))
    message_ids: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), default=list, server_default="{}"
    )
    """The messages it was told in: emptied when it is to be anonymous."""
    updated_at: Mapped[Moment]
