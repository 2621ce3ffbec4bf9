"""Tables of care: patients and their caregivers, plans and their versions, doses, visits.

What names an illness or a medicine is sealed; times and dates are not, because the clock works on
them. Everything that the clock has to look at is found by a partial index over what is open.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, Id, Moment, one_of
from bot.privacy.fields import SealedJson, SealedText

PLAN_KINDS = ("medication", "injection", "refill", "follow_up", "visit", "lab")
VISIT_KINDS = ("injection", "refill", "follow_up", "visit", "lab")
PLAN_STATES = ("active", "paused", "ended", "cancelled")
DOSE_STATES = ("due", "sent", "snoozed", "taken", "missed", "skipped")
OUTCOMES = ("taken", "vomited", "refused", "skipped")
REASONS = ("no_answer", "outage", "unreachable", "changed", "paused", "stopped", "ended")
VISIT_STATES = ("planned", "confirmed", "cancelled", "took_place", "did_not_take_place")
WORDINGS = ("discreet", "open", "own")
STOPPED_FOR = ("death", "withdrawal")
ESCALATIONS = ("caregiver", "social_worker")
NOTICES = ("ahead", "same_day", "afterwards")
NOTICE_STATES = ("waiting", "released", "sent", "dropped")


class Patient(Base):
    """The person whom reminders are about, with what the family chose for them."""

    __tablename__ = "patient"
    __table_args__ = (
        CheckConstraint(one_of("wording", WORDINGS), name="wording"),
        CheckConstraint(
            f"stopped_for IS NULL OR {one_of('stopped_for', STOPPED_FOR)}", name="stopped_for"
        ),
        CheckConstraint("(stopped_at IS NULL) = (stopped_for IS NULL)", name="stopped"),
        Index(
            "uq_patient_contact_id",
            "contact_id",
            unique=True,
            postgresql_where=text("contact_id IS NOT NULL"),
        ),
        Index(None, "case_id"),
        Index(None, "reminded_contact_id"),
    )

    id: Mapped[Id]
    called: Mapped[str] = mapped_column(SealedText("patient.called"))
    """How the family calls them (妈妈); 我 where they look after themselves."""
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    """Their own WeChat account."""
    reminded_contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    """Who gets the reminders: themselves or a caregiver."""
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id", ondelete="SET NULL"))
    county_code: Mapped[str | None]
    created_at: Mapped[Moment]
    stopped_at: Mapped[Moment | None]
    stopped_for: Mapped[str | None]

    anchors: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Their own times: ``{"after_breakfast": "07:40"}``; missing ones have defaults."""
    timezone: Mapped[str] = mapped_column(default="Asia/Shanghai", server_default="Asia/Shanghai")
    quiet_from: Mapped[str] = mapped_column(default="22:00", server_default="22:00")
    quiet_to: Mapped[str] = mapped_column(default="07:00", server_default="07:00")
    """``HH:MM``; in these hours nothing is said but the reminders asked for."""
    wording: Mapped[str] = mapped_column(default="discreet", server_default="discreet")
    own_wording: Mapped[str | None] = mapped_column(SealedText("patient.own_wording"))
    tell_caregiver_after: Mapped[int | None] = mapped_column(default=60, server_default="60")
    """Minutes after a dose was due without a check-in; None: never."""
    tell_worker_after: Mapped[int | None] = mapped_column(default=3, server_default="3")
    """Times missed in a row; None: never."""


class Caregiver(Base):
    """One contact who cares for one patient."""

    __tablename__ = "caregiver"
    __table_args__ = (
        UniqueConstraint("patient_id", "contact_id"),
        Index(None, "contact_id"),
        Index(
            "ix_caregiver_next_summary_at",
            "next_summary_at",
            postgresql_where=text("next_summary_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    since: Mapped[Moment]
    next_summary_at: Mapped[Moment | None]
    """When the next weekly summary is due; None: switched off."""


class Plan(Base):
    """One medicine or one kind of appointment of a patient. Narrow: the clock updates it often."""

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint(one_of("kind", PLAN_KINDS), name="kind"),
        CheckConstraint(one_of("state", PLAN_STATES), name="state"),
        CheckConstraint("next_due IS NULL OR state IN ('active', 'paused')", name="next_due"),
        Index(None, "patient_id"),
        # The tick's whole search: its cost follows what is due, not what exists.
        Index("ix_plan_next_due", "next_due", postgresql_where=text("next_due IS NOT NULL")),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    id: Mapped[Id]
    source_key: Mapped[str] = mapped_column(unique=True)
    """What it was made from; made twice, it exists once."""
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="active", server_default="active")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Number of the version in force."""
    next_due: Mapped[Moment | None]
    """When the clock has to look at it; None: nothing to come, or as needed."""
    resume_on: Mapped[date | None] = mapped_column(Date)
    """Day on which a pause ends by itself."""
    created_at: Mapped[Moment]
    created_by: Mapped[str]
    ended_at: Mapped[Moment | None]


class PlanVersion(Base):
    """What was ordered from one moment on. Never changed: a change is a further version."""

    __tablename__ = "plan_version"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    number: Mapped[int]
    schedule: Mapped[dict[str, Any]]
    """`bot.care.recurrence.Schedule.to_json`: times and dates only."""
    content: Mapped[dict[str, Any]] = mapped_column(SealedJson("plan_version.content"))
    """`bot.care.content.Content.to_json`: medicine, doses, place."""
    starts_at: Mapped[Moment]
    """Only occurrences after this moment belong to it."""
    created_at: Mapped[Moment]
    created_by: Mapped[str]
    ordered_by: Mapped[str | None] = mapped_column(SealedText("plan_version.ordered_by"))
    """Who said that the doctor ordered it, and which doctor, in the family's words."""


class Dose(Base):
    """One occurrence of a medicine plan: made when it falls due, once."""

    __tablename__ = "dose"
    __table_args__ = (
        CheckConstraint(one_of("state", DOSE_STATES), name="state"),
        CheckConstraint(f"outcome IS NULL OR {one_of('outcome', OUTCOMES)}", name="outcome"),
        CheckConstraint(f"reason IS NULL OR {one_of('reason', REASONS)}", name="reason"),
        CheckConstraint("(state = 'snoozed') <= (snoozed_until IS NOT NULL)", name="snoozed"),
        CheckConstraint("(state = 'taken') <= (outcome IS NOT NULL)", name="taken"),
        UniqueConstraint("version_id", "local_date", "slot"),
        Index(None, "patient_id", "due_at"),
        Index(None, "plan_id", "due_at"),
        Index(None, "message_id"),
        Index(
            "ix_dose_window_ends_at",
            "window_ends_at",
            postgresql_where=text("state IN ('due', 'sent', 'snoozed')"),
        ),
        Index(
            "ix_dose_snoozed_until",
            "snoozed_until",
            postgresql_where=text("state = 'snoozed'"),
        ),
        Index(
            "ix_dose_escalate_at", "escalate_at", postgresql_where=text("escalate_at IS NOT NULL")
        ),
        Index(
            "ix_dose_untold_outage",
            "contact_id",
            postgresql_where=text("reason = 'outage' AND told_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    """Who is reminded of it."""
    local_date: Mapped[date] = mapped_column(Date)
    slot: Mapped[str]
    """The time as ordered: ``08:00``, ``bedtime``."""
    due_at: Mapped[Moment]
    window_ends_at: Mapped[Moment]
    """After this it is missed, and is never sent."""
    state: Mapped[str]
    outcome: Mapped[str | None]
    reason: Mapped[str | None]
    """Why it was missed or skipped without anybody saying so."""
    snoozed_until: Mapped[Moment | None]
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("outbox_message.id", ondelete="SET NULL")
    )
    """The latest reminder of it; others may share the message."""
    sent_at: Mapped[Moment | None]
    unsure: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether the reminder arrived is unknown; it is not sent again."""
    settled_at: Mapped[Moment | None]
    settled_by: Mapped[str | None]
    escalate_at: Mapped[Moment | None]
    told_at: Mapped[datetime | None]
    """When the summary of an outage named it."""


class CheckIn(Base):
    """What somebody said about a dose. Append-only but for the undoing."""

    __tablename__ = "check_in"
    __table_args__ = (
        CheckConstraint(one_of("outcome", OUTCOMES), name="outcome"),
        Index(None, "dose_id"),
    )

    id: Mapped[Id]
    dose_id: Mapped[int] = mapped_column(ForeignKey("dose.id", ondelete="CASCADE"))
    outcome: Mapped[str]
    by: Mapped[str]
    at: Mapped[Moment]
    before: Mapped[dict[str, Any]]
    """The dose as it was: state, outcome, reason."""
    undone_at: Mapped[Moment | None]


class Escalation(Base):
    """Somebody was told that a dose was missed; told once, because a second row cannot exist."""

    __tablename__ = "escalation"
    __table_args__ = (
        CheckConstraint(one_of("level", ESCALATIONS), name="level"),
        UniqueConstraint("patient_id", "whom", "moment"),
    )

    id: Mapped[Id]
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"))
    level: Mapped[str]
    whom: Mapped[str]
    """``contact:ID`` of a caregiver, or ``social_worker``."""
    moment: Mapped[Moment]
    """The time of day missed; for social workers the last time before the run that was taken."""
    told_at: Mapped[Moment]


class Visit(Base):
    """One appointment: return visit, follow-up, injection, blood test, refill."""

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint(one_of("kind", VISIT_KINDS), name="kind"),
        CheckConstraint(one_of("state", VISIT_STATES), name="state"),
        UniqueConstraint("version_id", "on_date"),
        Index(None, "patient_id", "on_date"),
    )

    id: Mapped[Id]
    source_key: Mapped[str] = mapped_column(unique=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"))
    version_id: Mapped[int | None] = mapped_column(
        ForeignKey("plan_version.id", ondelete="CASCADE")
    )
    """The plan it comes from, where it comes back regularly."""
    kind: Mapped[str]
    on_date: Mapped[date] = mapped_column(Date)
    at_time: Mapped[str | None]
    """``HH:MM`` local; None where only the day is known."""
    content: Mapped[dict[str, Any]] = mapped_column(SealedJson("visit.content"))
    """``{"drug": …, "dose": …, "place": …, "bring": …}``, each optional."""
    state: Mapped[str] = mapped_column(default="planned", server_default="planned")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[Moment]
    created_by: Mapped[str]
    settled_at: Mapped[Moment | None]


class VisitNotice(Base):
    """One reminder of a visit: the day before, the same morning, or as the family said."""

    __tablename__ = "visit_notice"
    __table_args__ = (
        CheckConstraint(one_of("state", NOTICE_STATES), name="state"),
        CheckConstraint(one_of("about", NOTICES), name="about"),
        UniqueConstraint("visit_id", "visit_version", "remind_at"),
        Index(None, "message_id"),
        Index("ix_visit_notice_remind_at", "remind_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"))
    visit_version: Mapped[int]
    """A visit that was moved is reminded of anew."""
    about: Mapped[str]
    remind_at: Mapped[Moment]
    not_after: Mapped[Moment]
    state: Mapped[str] = mapped_column(default="waiting", server_default="waiting")
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("outbox_message.id", ondelete="SET NULL")
    )


class Stock(Base):
    """How much of a plan's medicine was in the house on one day."""

    __tablename__ = "medicine_stock"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_medicine_stock_warn_at", "warn_at", postgresql_where=text("warn_at IS NOT NULL")),
    )

    plan_id: Mapped[int] = mapped_column(
        ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True
    )
    amount: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    unit: Mapped[str]
    counted_on: Mapped[date] = mapped_column(Date)
    warn_days: Mapped[int]
    """Working days before the end at which to warn."""
    lasts_until: Mapped[date] = mapped_column(Date)
    warn_at: Mapped[Moment | None]
    """None when warned."""
