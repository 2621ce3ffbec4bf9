"""Medication plans, doses, visits, their reminders, and consent to notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OLD_PURPOSES = ("reply", "crisis", "staff_reply", "case_news")
PURPOSES = (*OLD_PURPOSES, "dose_reminder", "visit_reminder", "care_news")
OLD_CHANNELS = ("passive", "customer_service")
CHANNELS = (*OLD_CHANNELS, "subscription", "template")

# How a dose may go on; a test compares them with what bot.care does.
DOSE_STEPS = (
    ("due", "sent"),
    ("due", "taken"),
    ("due", "missed"),
    ("due", "skipped"),
    ("sent", "snoozed"),
    ("sent", "taken"),
    ("sent", "missed"),
    ("sent", "skipped"),
    ("snoozed", "due"),
    ("snoozed", "taken"),
    ("snoozed", "missed"),
    ("snoozed", "skipped"),
    ("missed", "taken"),
    ("missed", "skipped"),
    # Said otherwise, or taken back.
    ("taken", "skipped"),
    ("taken", "sent"),
    ("taken", "missed"),
    ("skipped", "taken"),
    ("skipped", "sent"),
    ("skipped", "missed"),
)


def upgrade() -> None:
    _allow(PURPOSES, CHANNELS)
    _tables_up()
    op.execute(
        "CREATE TABLE dose_step (source text NOT NULL, target text NOT NULL,"
        " CONSTRAINT pk_dose_step PRIMARY KEY (source, target))"
    )
    for source, target in DOSE_STEPS:
        op.execute(f"INSERT INTO dose_step VALUES ('{source}', '{target}')")
    op.execute(
        """
        CREATE FUNCTION check_dose_step() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT 1 FROM dose_step WHERE source = OLD.state AND target = NEW.state
            ) THEN
                RAISE EXCEPTION 'a dose cannot go from % to %', OLD.state, NEW.state
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'dose_step';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER dose_step BEFORE UPDATE OF state ON dose FOR EACH ROW"
        " WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION check_dose_step()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER dose_step ON dose")
    op.execute("DROP FUNCTION check_dose_step()")
    op.execute("DROP TABLE dose_step")
    _tables_down()
    _allow(OLD_PURPOSES, OLD_CHANNELS)


def _allow(purposes: tuple[str, ...], channels: tuple[str, ...]) -> None:
    """What an outbox message may be for, and how it may travel."""
    for name, check in (
        ("purpose", _one_of("purpose", purposes)),
        ("channel", _one_of("channel", channels)),
    ):
        op.drop_constraint(op.f(f"ck_outbox_message_{name}"), "outbox_message", type_="check")
        op.create_check_constraint(op.f(f"ck_outbox_message_{name}"), "outbox_message", check)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IS NULL OR {column} IN ({listed})"


def _tables_up() -> None:
    op.create_table(
        "notice_template",
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("long_term", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint(
            "channel IN ('subscription', 'template')", name=op.f("ck_notice_template_channel")
        ),
        sa.PrimaryKeyConstraint("template_id", name=op.f("pk_notice_template")),
    )
    op.create_table(
        "notice_consent",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("left", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('"left" >= 0', name=op.f("ck_notice_consent_left")),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_notice_consent_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", "template_id", name=op.f("pk_notice_consent")),
    )
    op.create_table(
        "notice_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "event IN ('accepted', 'rejected', 'used', 'none_left')",
            name=op.f("ck_notice_event_event"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_notice_event_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_event")),
        sa.UniqueConstraint(
            "source_key", "template_id", name=op.f("uq_notice_event_source_key_template_id")
        ),
    )
    op.create_index(
        op.f("ix_notice_event_contact_id"), "notice_event", ["contact_id"], unique=False
    )
    op.create_table(
        "patient",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("called", sa.LargeBinary(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("reminded_contact_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("county_code", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_for", sa.Text(), nullable=True),
        sa.Column("anchors", postgresql.JSONB(), nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Asia/Shanghai", nullable=False),
        sa.Column("quiet_from", sa.Text(), server_default="22:00", nullable=False),
        sa.Column("quiet_to", sa.Text(), server_default="07:00", nullable=False),
        sa.Column("wording", sa.Text(), server_default="discreet", nullable=False),
        sa.Column("own_wording", sa.LargeBinary(), nullable=True),
        sa.Column("tell_caregiver_after", sa.BigInteger(), server_default="60", nullable=True),
        sa.Column("tell_worker_after", sa.BigInteger(), server_default="3", nullable=True),
        sa.CheckConstraint(
            "stopped_for IS NULL OR stopped_for IN ('death', 'withdrawal')",
            name=op.f("ck_patient_stopped_for"),
        ),
        sa.CheckConstraint(
            "wording IN ('discreet', 'open', 'own')", name=op.f("ck_patient_wording")
        ),
        sa.CheckConstraint(
            "(stopped_at IS NULL) = (stopped_for IS NULL)", name=op.f("ck_patient_stopped")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_patient_case_id_case"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_patient_contact_id_contact"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["reminded_contact_id"],
            ["contact.id"],
            name=op.f("fk_patient_reminded_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
    )
    op.create_index(op.f("ix_patient_case_id"), "patient", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_patient_reminded_contact_id"), "patient", ["reminded_contact_id"], unique=False
    )
    op.create_index(
        "uq_patient_contact_id",
        "patient",
        ["contact_id"],
        unique=True,
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.create_table(
        "caregiver",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_summary_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_caregiver_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
            name=op.f("fk_caregiver_patient_id_patient"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caregiver")),
        sa.UniqueConstraint(
            "patient_id", "contact_id", name=op.f("uq_caregiver_patient_id_contact_id")
        ),
    )
    op.create_index(op.f("ix_caregiver_contact_id"), "caregiver", ["contact_id"], unique=False)
    op.create_index(
        "ix_caregiver_next_summary_at",
        "caregiver",
        ["next_summary_at"],
        unique=False,
        postgresql_where=sa.text("next_summary_at IS NOT NULL"),
    )
    op.create_table(
        "escalation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "level IN ('caregiver', 'social_worker')", name=op.f("ck_escalation_level")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
            name=op.f("fk_escalation_patient_id_patient"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint(
            "patient_id", "whom", "moment", name=op.f("uq_escalation_patient_id_whom_moment")
        ),
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("next_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resume_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('medication', 'injection', 'refill', 'follow_up', 'visit', 'lab')",
            name=op.f("ck_plan_kind"),
        ),
        sa.CheckConstraint(
            "next_due IS NULL OR state IN ('active', 'paused')", name=op.f("ck_plan_next_due")
        ),
        sa.CheckConstraint(
            "state IN ('active', 'paused', 'ended', 'cancelled')", name=op.f("ck_plan_state")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
            name=op.f("fk_plan_patient_id_patient"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("source_key", name=op.f("uq_plan_source_key")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_plan_next_due",
        "plan",
        ["next_due"],
        unique=False,
        postgresql_where=sa.text("next_due IS NOT NULL"),
    )
    op.create_index(op.f("ix_plan_patient_id"), "plan", ["patient_id"], unique=False)
    op.create_table(
        "medicine_stock",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("warn_days", sa.BigInteger(), nullable=False),
        sa.Column("lasts_until", sa.Date(), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_medicine_stock_amount")),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["plan.id"],
            name=op.f("fk_medicine_stock_plan_id_plan"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_medicine_stock")),
    )
    op.create_index(
        "ix_medicine_stock_warn_at",
        "medicine_stock",
        ["warn_at"],
        unique=False,
        postgresql_where=sa.text("warn_at IS NOT NULL"),
    )
    op.create_table(
        "plan_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("schedule", postgresql.JSONB(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("ordered_by", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_version_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_version_plan_id_number")),
    )
    op.create_table(
        "dose",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unsure", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'snoozed') <= (snoozed_until IS NOT NULL)", name=op.f("ck_dose_snoozed")
        ),
        sa.CheckConstraint(
            "(state = 'taken') <= (outcome IS NOT NULL)", name=op.f("ck_dose_taken")
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('taken', 'vomited', 'refused', 'skipped')",
            name=op.f("ck_dose_outcome"),
        ),
        sa.CheckConstraint(
            "reason IS NULL OR reason IN ('no_answer', 'outage', 'unreachable', 'changed', 'paused', 'stopped', 'ended')",
            name=op.f("ck_dose_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('due', 'sent', 'snoozed', 'taken', 'missed', 'skipped')",
            name=op.f("ck_dose_state"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_dose_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox_message.id"],
            name=op.f("fk_dose_message_id_outbox_message"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
            name=op.f("fk_dose_patient_id_patient"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_dose_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_dose_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dose")),
        sa.UniqueConstraint(
            "version_id", "local_date", "slot", name=op.f("uq_dose_version_id_local_date_slot")
        ),
    )
    op.create_index(
        "ix_dose_escalate_at",
        "dose",
        ["escalate_at"],
        unique=False,
        postgresql_where=sa.text("escalate_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_dose_message_id"), "dose", ["message_id"], unique=False)
    op.create_index(
        op.f("ix_dose_patient_id_due_at"), "dose", ["patient_id", "due_at"], unique=False
    )
    op.create_index(op.f("ix_dose_plan_id_due_at"), "dose", ["plan_id", "due_at"], unique=False)
    op.create_index(
        "ix_dose_snoozed_until",
        "dose",
        ["snoozed_until"],
        unique=False,
        postgresql_where=sa.text("state = 'snoozed'"),
    )
    op.create_index(
        "ix_dose_untold_outage",
        "dose",
        ["contact_id"],
        unique=False,
        postgresql_where=sa.text("reason = 'outage' AND told_at IS NULL"),
    )
    op.create_index(
        "ix_dose_window_ends_at",
        "dose",
        ["window_ends_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('due', 'sent', 'snoozed')"),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("at_time", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('injection', 'refill', 'follow_up', 'visit', 'lab')",
            name=op.f("ck_visit_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'confirmed', 'cancelled', 'took_place', 'did_not_take_place')",
            name=op.f("ck_visit_state"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
            name=op.f("fk_visit_patient_id_patient"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_visit_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("source_key", name=op.f("uq_visit_source_key")),
        sa.UniqueConstraint("version_id", "on_date", name=op.f("uq_visit_version_id_on_date")),
    )
    op.create_index(
        op.f("ix_visit_patient_id_on_date"), "visit", ["patient_id", "on_date"], unique=False
    )
    op.create_table(
        "check_in",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("dose_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('taken', 'vomited', 'refused', 'skipped')",
            name=op.f("ck_check_in_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["dose_id"], ["dose.id"], name=op.f("fk_check_in_dose_id_dose"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
    )
    op.create_index(op.f("ix_check_in_dose_id"), "check_in", ["dose_id"], unique=False)
    op.create_table(
        "visit_notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_version", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "about IN ('ahead', 'same_day', 'afterwards')", name=op.f("ck_visit_notice_about")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'released', 'sent', 'dropped')",
            name=op.f("ck_visit_notice_state"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox_message.id"],
            name=op.f("fk_visit_notice_message_id_outbox_message"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"],
            ["visit.id"],
            name=op.f("fk_visit_notice_visit_id_visit"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_notice")),
        sa.UniqueConstraint(
            "visit_id",
            "visit_version",
            "remind_at",
            name=op.f("uq_visit_notice_visit_id_visit_version_remind_at"),
        ),
    )
    op.create_index(
        op.f("ix_visit_notice_message_id"), "visit_notice", ["message_id"], unique=False
    )
    op.create_index(
        "ix_visit_notice_remind_at",
        "visit_notice",
        ["remind_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _tables_down() -> None:
    op.drop_index(
        "ix_visit_notice_remind_at",
        table_name="visit_notice",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(op.f("ix_visit_notice_message_id"), table_name="visit_notice")
    op.drop_table("visit_notice")
    op.drop_index(op.f("ix_check_in_dose_id"), table_name="check_in")
    op.drop_table("check_in")
    op.drop_index(op.f("ix_visit_patient_id_on_date"), table_name="visit")
    op.drop_table("visit")
    op.drop_index(
        "ix_dose_window_ends_at",
        table_name="dose",
        postgresql_where=sa.text("state IN ('due', 'sent', 'snoozed')"),
    )
    op.drop_index(
        "ix_dose_untold_outage",
        table_name="dose",
        postgresql_where=sa.text("reason = 'outage' AND told_at IS NULL"),
    )
    op.drop_index(
        "ix_dose_snoozed_until", table_name="dose", postgresql_where=sa.text("state = 'snoozed'")
    )
    op.drop_index(op.f("ix_dose_plan_id_due_at"), table_name="dose")
    op.drop_index(op.f("ix_dose_patient_id_due_at"), table_name="dose")
    op.drop_index(op.f("ix_dose_message_id"), table_name="dose")
    op.drop_index(
        "ix_dose_escalate_at",
        table_name="dose",
        postgresql_where=sa.text("escalate_at IS NOT NULL"),
    )
    op.drop_table("dose")
    op.drop_table("plan_version")
    op.drop_index(
        "ix_medicine_stock_warn_at",
        table_name="medicine_stock",
        postgresql_where=sa.text("warn_at IS NOT NULL"),
    )
    op.drop_table("medicine_stock")
    op.drop_index(op.f("ix_plan_patient_id"), table_name="plan")
    op.drop_index(
        "ix_plan_next_due", table_name="plan", postgresql_where=sa.text("next_due IS NOT NULL")
    )
    op.drop_table("plan")
    op.drop_table("escalation")
    op.drop_index(
        "ix_caregiver_next_summary_at",
        table_name="caregiver",
        postgresql_where=sa.text("next_summary_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_caregiver_contact_id"), table_name="caregiver")
    op.drop_table("caregiver")
    op.drop_index(
        "uq_patient_contact_id",
        table_name="patient",
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_patient_reminded_contact_id"), table_name="patient")
    op.drop_index(op.f("ix_patient_case_id"), table_name="patient")
    op.drop_table("patient")
    op.drop_index(op.f("ix_notice_event_contact_id"), table_name="notice_event")
    op.drop_table("notice_event")
    op.drop_table("notice_consent")
    op.drop_table("notice_template")
