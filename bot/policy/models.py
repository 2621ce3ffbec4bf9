"""Tables of policy: imported documents, cards written by staff, what families asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.casework.models import Staff
from bot.db.base import Base, Id, Moment, one_of
from bot.privacy.fields import SealedJson, SealedText

DOCUMENT_STATES = ("in_force", "withdrawn", "superseded")
CARD_STATES = ("draft", "published", "withdrawn")

_COMPLETE = (
    "state <> 'published' OR (approved_by IS NOT NULL AND region IS NOT NULL"
    " AND answer <> '' AND jsonb_array_length(questions) > 0"
    " AND source_document <> '' AND clause <> ''"
    " AND source_date ~ '^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$'"
    " AND checked IS NOT NULL AND check_again_by > checked"
    " AND (amount = '' OR amount_date IS NOT NULL))"
)


class PolicyDocument(Base):
    """One official document as it was read; importing it again replaces its content."""

    __tablename__ = "policy_document"
    __table_args__ = (
        CheckConstraint(one_of("state", DOCUMENT_STATES), name="state"),
        CheckConstraint("(state = 'superseded') = (superseded_by IS NOT NULL)", name="successor"),
        CheckConstraint("superseded_by <> id", name="own_successor"),
        UniqueConstraint("title", "number"),
    )

    id: Mapped[Id]
    title: Mapped[str]
    number: Mapped[str] = mapped_column(default="")
    """文号; empty where the document has none."""
    region: Mapped[str | None]
    """Division code, empty for the nation; without one it answers nobody."""
    state: Mapped[str] = mapped_column(default="in_force")
    """Only one in force answers; the others are kept to be read."""
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("policy_document.id"))
    content: Mapped[dict[str, Any]]
    """`bot.policy.documents.ParsedDocument.to_dict`."""
    imported_at: Mapped[Moment]
    imported_by: Mapped[str]


class PolicyUpload(Base):
    """A document that somebody uploaded and has not published yet; it answers nothing."""

    __tablename__ = "policy_upload"

    id: Mapped[Id]
    filename: Mapped[str]
    content: Mapped[dict[str, Any]]
    """`bot.policy.documents.ParsedDocument.to_dict`."""
    uploaded_at: Mapped[Moment]
    uploaded_by: Mapped[str]


class PolicyCard(Base):
    """A card that staff wrote: a draft until a second person approves it.

    A published card's words never change in place: a draft that `replaces` it is approved.
    """

    __tablename__ = "policy_card"
    __table_args__ = (
        CheckConstraint(one_of("state", CARD_STATES), name="state"),
        CheckConstraint(_COMPLETE, name="complete"),
        CheckConstraint(
            "approved_by <> author_id AND approved_by <> edited_by", name="second_person"
        ),
        Index(None, "state", "check_again_by"),
    )

    id: Mapped[Id]
    state: Mapped[str] = mapped_column(default="draft")
    questions: Mapped[list[str]] = mapped_column(JSONB())
    answer: Mapped[str]
    conditions: Mapped[str] = mapped_column(default="")
    how: Mapped[str] = mapped_column(default="")
    office: Mapped[str] = mapped_column(default="")
    """Where to go or ask: `bot.policy.cards.Card.where`."""
    region: Mapped[str | None]
    source_document: Mapped[str] = mapped_column(default="")
    source_number: Mapped[str] = mapped_column(default="")
    source_date: Mapped[str] = mapped_column(default="")
    """Day (2023-06-29) or year."""
    clause: Mapped[str] = mapped_column(default="")
    amount: Mapped[str] = mapped_column(default="")
    amount_date: Mapped[date | None] = mapped_column(Date())
    checked: Mapped[date | None] = mapped_column(Date())
    check_again_by: Mapped[date | None] = mapped_column(Date())
    replaces: Mapped[str | None]
    """Id of the card whose place it takes once it is published (`bot.policy.cards.Card.id`)."""
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    edited_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    """Who changed the words last."""
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    question_id: Mapped[int | None] = mapped_column(
        ForeignKey("policy_question.id", ondelete="SET NULL")
    )
    """The unanswered question that it was made for."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    changed_at: Mapped[Moment]

    author: Mapped[Staff] = relationship(foreign_keys=[author_id], lazy="raise")
    approver: Mapped[Staff | None] = relationship(foreign_keys=[approved_by], lazy="raise")


class PolicyQuestion(Base):
    """One question that a family asked about policy, and what became of it."""

    __tablename__ = "policy_question"
    __table_args__ = (
        UniqueConstraint("message_id", "part"),
        Index(None, "asked_at"),
        Index(
            "ix_policy_question_unanswered",
            "asked_at",
            postgresql_where=text("NOT answered"),
        ),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(ForeignKey("inbox_message.id", ondelete="CASCADE"))
    part: Mapped[int]
    """A message may hold several questions: which one, from 0."""
    question: Mapped[str] = mapped_column(SealedText("policy_question.question"))
    """Without names, telephone and identity numbers (`bot.privacy.masking`)."""
    region: Mapped[str | None]
    topic: Mapped[str]
    """A concept of the thesaurus, or empty."""
    answered: Mapped[bool]
    reason: Mapped[str | None]
    """Why not: `bot.policy.answer.Reason`."""
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="SET NULL"))
    asked_at: Mapped[Moment]


class PolicyThread(Base):
    """What one contact was last told about policy, so that "还有呢" has a meaning."""

    __tablename__ = "policy_thread"

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    region: Mapped[str | None]
    """Where the person said to live, when asked."""
    message_id: Mapped[int | None]
    """The message that the state belongs to; only the next one may refer to it."""
    state: Mapped[dict[str, Any]] = mapped_column(SealedJson("policy_thread.state"))
    """`bot.dialogue.policy_thread.Thread`."""


class PolicyEdition(Base):
    """One row: a number that grows with every change of what may answer."""

    __tablename__ = "policy_edition"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
