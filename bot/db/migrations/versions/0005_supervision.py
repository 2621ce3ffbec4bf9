"""Complaints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The steps of bot.casework.complaints.actions at the time of this migration; a test compares both.
STEPS = (
    ("received", "accepted"),
    ("received", "not_accepted"),
    ("accepted", "answered"),
    ("answered", "accepted"),
    ("answered", "closed"),
    ("closed", "accepted"),
)
KINDS = (
    "confinement",
    "safety",
    "fees",
    "false_records",
    "attitude",
    "refusal",
    "unlicensed",
    "privacy",
    "social_worker",
    "bot",
    "other",
)
ENTRY_KINDS = (
    "received",
    "kind",
    "accepted",
    "not_accepted",
    "note",
    "extended",
    "rectification",
    "rectified",
    "answered",
    "satisfied",
    "reopened",
    "not_satisfied",
    "more",
    "no_retaliation",
    "retaliation",
    "closed",
)
PURPOSES = (
    "reply",
    "crisis",
    "staff_reply",
    "case_news",
    "dose_reminder",
    "visit_reminder",
    "care_news",
)


def upgrade() -> None:
    _purposes((*PURPOSES, "complaint"))
    op.add_column(
        "inbox_message",
        sa.Column("confidential", sa.Boolean(), server_default="false", nullable=False),
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source_key", sa.Text()),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("manner", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.BigInteger()),
        sa.Column("about_what", sa.LargeBinary(), nullable=False),
        sa.Column("about_whom", sa.LargeBinary()),
        sa.Column("institution_id", sa.BigInteger()),
        sa.Column("staff_concerned", ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decide_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settle_by", sa.DateTime(timezone=True)),
        sa.Column("extended", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("reopened", sa.BigInteger(), nullable=False),
        sa.Column("satisfied", sa.Boolean()),
        sa.Column("asked_at", sa.DateTime(timezone=True)),
        sa.Column("retaliation", sa.Boolean()),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_complaint"),
        sa.UniqueConstraint("number", name="uq_complaint_number"),
        sa.UniqueConstraint("source_key", name="uq_complaint_source_key"),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            ondelete="SET NULL",
            name="fk_complaint_contact_id_contact",
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name="fk_complaint_institution_id_institution"
        ),
        sa.CheckConstraint(_one_of("kind", KINDS), name=op.f("ck_complaint_kind")),
        sa.CheckConstraint(
            _one_of("manner", ("named", "confidential", "anonymous")),
            name=op.f("ck_complaint_manner"),
        ),
        sa.CheckConstraint(
            _one_of("state", ("received", "accepted", "not_accepted", "answered", "closed")),
            name=op.f("ck_complaint_state"),
        ),
        sa.CheckConstraint(
            "manner <> 'anonymous' OR contact_id IS NULL", name=op.f("ck_complaint_anonymous")
        ),
        sa.CheckConstraint(
            "(state IN ('received', 'not_accepted')) = (settle_by IS NULL)",
            name=op.f("ck_complaint_settle_by"),
        ),
        sa.CheckConstraint("reopened BETWEEN 0 AND 1", name=op.f("ck_complaint_reopened")),
    )
    op.alter_column("complaint", "reopened", server_default="0")
    op.create_index("ix_complaint_open", "complaint", ["state", "received_at"])
    op.create_index("ix_complaint_contact_id", "complaint", ["contact_id"])
    op.create_index("ix_complaint_institution_id", "complaint", ["institution_id"])
    op.create_table(
        "complaint_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("complaint_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.LargeBinary()),
        sa.Column("until", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_complaint_entry"),
        sa.ForeignKeyConstraint(
            ["complaint_id"],
            ["complaint.id"],
            ondelete="CASCADE",
            name="fk_complaint_entry_complaint_id_complaint",
        ),
        sa.CheckConstraint(_one_of("kind", ENTRY_KINDS), name=op.f("ck_complaint_entry_kind")),
    )
    op.create_index("ix_complaint_entry_complaint_id_id", "complaint_entry", ["complaint_id", "id"])
    op.create_table(
        "complaint_draft",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("about_what", sa.LargeBinary()),
        sa.Column("about_whom", sa.LargeBinary()),
        sa.Column("message_ids", ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name="pk_complaint_draft"),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            ondelete="CASCADE",
            name="fk_complaint_draft_contact_id_contact",
        ),
        sa.CheckConstraint(
            _one_of("asked", ("what", "whom", "manner", "later")),
            name=op.f("ck_complaint_draft_asked"),
        ),
    )
    pairs = ", ".join(f"('{source}', '{target}')" for source, target in STEPS)
    op.execute(
        f"""
        CREATE FUNCTION check_complaint_step() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (OLD.state, NEW.state) NOT IN ({pairs}) THEN
                RAISE EXCEPTION 'a complaint does not go from % to %', OLD.state, NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER complaint_step BEFORE UPDATE OF state ON complaint FOR EACH ROW"
        " WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION check_complaint_step()"
    )


def downgrade() -> None:
    for table in ("complaint_draft", "complaint_entry", "complaint"):
        op.drop_table(table)
    op.execute("DROP FUNCTION check_complaint_step")
    op.drop_column("inbox_message", "confidential")
    op.execute("DELETE FROM outbox_message WHERE purpose = 'complaint'")
    _purposes(PURPOSES)


def _purposes(allowed: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_outbox_message_purpose"), "outbox_message", type_="check")
    op.create_check_constraint(
        op.f("ck_outbox_message_purpose"), "outbox_message", _one_of("purpose", allowed)
    )


def _one_of(column: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"
