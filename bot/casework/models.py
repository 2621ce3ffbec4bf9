"""Tables of casework."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.casework.stages import CASE_STAGES, TICKET_KINDS, TICKET_STATES, URGENCIES
from bot.db.base import Base, BlindIndex, Id, Moment, one_of
from bot.delivery.models import Contact
from bot.privacy.fields import SealedJson, SealedText

ROLES = ("social_worker", "supervisor", "institution_staff", "administrator", "auditor")
APPLICATION_STATES = ("draft", "submitted", "withdrawn")
LEAD_OUTCOMES = {
    "willing": "愿意申请",
    "not_willing": "不愿意",
    "unreachable": "联系不上",
    "unfounded": "情况不属实",
}
"""What came of asking the patient or guardian about a third party's report."""

RUNNING = "stage NOT IN ('withdrawn', 'refused', 'closed')"
UNSETTLED = "state <> 'settled'"
"""SQL of partial indexes; a read that says it in the same words is served by them."""

receipt_sequence = Sequence("receipt_number_seq", metadata=Base.metadata)


class Staff(Base):
    """A member of staff with an account on the console."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="role"),)

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(unique=True)
    """Lower case."""
    display_name: Mapped[str]
    role: Mapped[str]
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"))
    """Where a member of an institution's staff works; they see its referrals alone."""
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True, server_default="true")
    created_at: Mapped[Moment]


class Application(Base):
    """A voluntary application for community rehabilitation, by the patient or a caregiver.

    A draft belongs to its contact alone; confirming it makes a case. Source:
    闽民事〔2023〕86号 三(二)5.
    """

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint(one_of("state", APPLICATION_STATES), name="state"),
        # One form at a time; another patient's begins when this one is sent or dropped.
        Index(
            "uq_application_open_draft",
            "contact_id",
            unique=True,
            postgresql_where=text("state = 'draft'"),
        ),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(default="draft")
    answers: Mapped[dict[str, Any]] = mapped_column(SealedJson("application.answers"))
    """Field name to value, see `bot.casework.application_form`."""
    asked: Mapped[str | None]
    """The field that was asked last and not yet answered."""
    asked_in: Mapped[int | None]
    """The message in whose turn it was asked: a question is asked once a turn."""
    paused: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Left for later by the family; the next message is not taken for an answer."""
    misses: Mapped[int] = mapped_column(default=0, server_default="0")
    """Unreadable answers in a row to the asked field."""
    started_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    submitted_at: Mapped[Moment | None]


class Case(Base):
    """A patient's way from application to closure, and the social worker in charge."""

    __tablename__ = "case"
    __table_args__ = (
        CheckConstraint(one_of("stage", CASE_STAGES), name="stage"),
        Index(None, "stage", "submitted_at"),
        Index(None, "assigned_to", "stage"),
        Index(None, "contact_id"),
        Index(None, "telephone_index"),
        Index(None, "patient_name_index"),
        Index("ix_case_running", "updated_at", "id", postgresql_where=text(RUNNING)),
        Index("ix_case_waiting", "examined_at", postgresql_where=text("stage = 'waiting'")),
    )

    id: Mapped[Id]
    receipt_number: Mapped[str] = mapped_column(unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    stage: Mapped[str]
    county_code: Mapped[str]
    """Six digits; administrative division of the patient's home."""
    patient_name: Mapped[str] = mapped_column(SealedText("case.patient_name"))
    patient_name_index: Mapped[BlindIndex]
    telephone: Mapped[str] = mapped_column(SealedText("case.telephone"))
    telephone_index: Mapped[BlindIndex]
    awaits_guardian: Mapped[bool]
    """The guardian's consent is still missing: the applicant is not the guardian."""
    guardian_needed: Mapped[bool] = mapped_column(default=True, server_default="true")
    """False once a social worker found that an adult patient has no guardian."""
    patient_needed: Mapped[bool] = mapped_column(default=True, server_default="true")
    """False for a child under 14: the guardian alone decides (个人信息保护法 31)."""
    examined_at: Mapped[datetime | None]
    """When willingness and situation were last examined: the needs assessment, or a recheck."""
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Counts steps; an action on an older version is refused."""
    submitted_at: Mapped[Moment]
    updated_at: Mapped[Moment]

    application: Mapped[Application] = relationship(lazy="raise")
    contact: Mapped[Contact] = relationship(lazy="raise")
    assignee: Mapped[Staff | None] = relationship(lazy="raise")


class CaseEvent(Base):
    """One step of a case, as family and staff see it on the timeline."""

    __tablename__ = "case_event"
    __table_args__ = (Index(None, "case_id", "id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    at: Mapped[Moment]
    by: Mapped[str]
    step: Mapped[str]
    note: Mapped[str | None] = mapped_column(SealedText("case_event.note"))
    """What staff wrote at this step; an internal note when ``step`` is ``note``."""


class Ticket(Base):
    """A piece of work for staff, with an owner, a due time and a history."""

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint(one_of("kind", TICKET_KINDS), name="kind"),
        CheckConstraint(one_of("state", TICKET_STATES), name="state"),
        CheckConstraint(one_of("urgency", URGENCIES), name="urgency"),
        CheckConstraint("(state = 'claimed') <= (owner_id IS NOT NULL)", name="owner"),
        Index(None, "state", "urgency", "due_at"),
        Index(None, "contact_id"),
        Index(None, "case_id"),
        Index(
            "ix_ticket_queue",
            text("urgency DESC"),
            "due_at",
            "created_at",
            "id",
            postgresql_where=text(UNSETTLED),
        ),
        Index(
            "ix_ticket_unread",
            "due_at",
            postgresql_where=text("state = 'open' AND read_at IS NULL AND escalated_at IS NULL"),
        ),
        Index(
            "ix_ticket_running",
            "due_at",
            postgresql_where=text(
                "state <> 'settled' AND overdue_at IS NULL AND paused_left IS NULL"
            ),
        ),
    )

    id: Mapped[Id]
    source_key: Mapped[str] = mapped_column(unique=True)
    """What it was made from (``inbox:12:ask_human``); made twice, it exists once."""
    kind: Mapped[str]
    urgency: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    county_code: Mapped[str | None]
    summary: Mapped[str] = mapped_column(SealedText("ticket.summary"))
    """What the family wrote or what is to be done, in Chinese."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[Moment]
    due_at: Mapped[Moment]
    """By working time, see `bot.casework.working_time`; urgent tickets by the clock."""
    paused_left: Mapped[timedelta | None]
    """While it waits for the family: the working time that was left when the clock stopped."""
    read_at: Mapped[datetime | None]
    """When a member of staff first opened it."""
    overdue_at: Mapped[datetime | None]
    """When it was found to be past its due time; once."""
    escalated_at: Mapped[datetime | None]
    """When it was shown to the supervisors because nobody had opened it; once."""
    settled_at: Mapped[datetime | None]

    contact: Mapped[Contact | None] = relationship(lazy="raise")
    owner: Mapped[Staff | None] = relationship(lazy="raise")


class Lead(Base):
    """A need reported by a third party (neighbour, village committee, employer).

    Holds the least description possible; nothing happens until a social worker has asked the
    patient or guardian. Source: 闽民事〔2023〕86号 三(二)5.
    """

    __tablename__ = "lead"
    __table_args__ = (
        CheckConstraint(
            f"outcome IS NULL OR {one_of('outcome', tuple(LEAD_OUTCOMES))}", name="outcome"
        ),
    )

    id: Mapped[Id]
    receipt_number: Mapped[str] = mapped_column(unique=True)
    source_key: Mapped[str] = mapped_column(unique=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    reporter_relation: Mapped[str]
    description: Mapped[str] = mapped_column(SealedText("lead.description"))
    created_at: Mapped[Moment]
    outcome: Mapped[str | None]
    """One of `LEAD_OUTCOMES`, once the patient or guardian was asked."""
    findings: Mapped[str | None] = mapped_column(SealedText("lead.findings"))
    """What the asking found, for staff alone."""
    answered_at: Mapped[datetime | None]
