"""Policy: uploads that wait, cards of staff, what families asked, and where a talk about it stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What a published card says; a change of it is a new card that a second person approves.
WORDS = (
    "questions, answer, conditions, how, office, region, source_document, source_number,"
    " source_date, clause, amount, amount_date, replaces, author_id, edited_by, approved_by"
)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _reference(
    name: str, table: str, *, of: str, nullable: bool = False, gone: str | None = None
) -> sa.Column[int]:
    constraint = sa.ForeignKey(f"{table}.id", name=f"fk_{of}_{name}_{table}", ondelete=gone)
    return sa.Column(name, sa.BigInteger(), constraint, nullable=nullable)


def upgrade() -> None:
    _documents()
    op.create_table(
        "policy_upload",
        _id(),
        _text("filename"),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        _moment("uploaded_at"),
        _text("uploaded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_policy_upload"),
    )
    _questions()
    _cards()
    op.create_table(
        "policy_thread",
        _reference("contact_id", "contact", of="policy_thread", gone="CASCADE"),
        _text("region", nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name="pk_policy_thread"),
    )
    op.create_table(
        "policy_edition",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy_edition"),
        sa.CheckConstraint("id = 1", name="ck_policy_edition_single"),
    )
    op.execute("INSERT INTO policy_edition VALUES (1, 1)")


def _documents() -> None:
    op.add_column(
        "policy_document",
        _reference("superseded_by", "policy_document", of="policy_document", nullable=True),
    )
    op.drop_constraint("ck_policy_document_state", "policy_document")
    for name, rule in (
        ("state", "state IN ('in_force', 'withdrawn', 'superseded')"),
        ("successor", "(state = 'superseded') = (superseded_by IS NOT NULL)"),
        ("own_successor", "superseded_by <> id"),
    ):
        op.create_check_constraint(f"ck_policy_document_{name}", "policy_document", rule)


def _questions() -> None:
    op.create_table(
        "policy_question",
        _id(),
        _reference("contact_id", "contact", of="policy_question", gone="CASCADE"),
        _reference("message_id", "inbox_message", of="policy_question", gone="CASCADE"),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        _text("region", nullable=True),
        _text("topic"),
        sa.Column("answered", sa.Boolean(), nullable=False),
        _text("reason", nullable=True),
        _reference("ticket_id", "ticket", of="policy_question", nullable=True, gone="SET NULL"),
        _moment("asked_at"),
        sa.PrimaryKeyConstraint("id", name="pk_policy_question"),
        sa.UniqueConstraint("message_id", "part", name="uq_policy_question_message_id_part"),
    )
    op.create_index("ix_policy_question_asked_at", "policy_question", ["asked_at"])
    op.create_index(
        "ix_policy_question_unanswered",
        "policy_question",
        ["asked_at"],
        postgresql_where=sa.text("NOT answered"),
    )


def _cards() -> None:
    op.create_table(
        "policy_card",
        _id(),
        _text("state"),
        sa.Column("questions", postgresql.JSONB(), nullable=False),
        *(_text(name) for name in ("answer", "conditions", "how", "office")),
        _text("region", nullable=True),
        *(_text(f"source_{name}") for name in ("document", "number", "date")),
        _text("clause"),
        _text("amount"),
        sa.Column("amount_date", sa.Date(), nullable=True),
        sa.Column("checked", sa.Date(), nullable=True),
        sa.Column("check_again_by", sa.Date(), nullable=True),
        _text("replaces", nullable=True),
        _reference("author_id", "staff", of="policy_card"),
        _reference("edited_by", "staff", of="policy_card"),
        _reference("approved_by", "staff", of="policy_card", nullable=True),
        _reference(
            "question_id", "policy_question", of="policy_card", nullable=True, gone="SET NULL"
        ),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        _moment("changed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_policy_card"),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'withdrawn')", name="ck_policy_card_state"
        ),
        sa.CheckConstraint(
            "state <> 'published' OR (approved_by IS NOT NULL AND region IS NOT NULL"
            " AND answer <> '' AND jsonb_array_length(questions) > 0"
            " AND source_document <> '' AND clause <> ''"
            " AND source_date ~ '^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$'"
            " AND checked IS NOT NULL AND check_again_by > checked"
            " AND (amount = '' OR amount_date IS NOT NULL))",
            name="ck_policy_card_complete",
        ),
        sa.CheckConstraint(
            "approved_by <> author_id AND approved_by <> edited_by",
            name="ck_policy_card_second_person",
        ),
    )
    op.create_index(
        "ix_policy_card_state_check_again_by", "policy_card", ["state", "check_again_by"]
    )
    op.execute(
        f"""
        CREATE FUNCTION keep_published_words() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.state = 'draft'
                OR row({", ".join(f"OLD.{word.strip()}" for word in WORDS.split(","))})
                IS DISTINCT FROM
                row({", ".join(f"NEW.{word.strip()}" for word in WORDS.split(","))})
            THEN
                RAISE EXCEPTION 'a card that was approved keeps its words'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'approved_words';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER approved_words BEFORE UPDATE ON policy_card FOR EACH ROW"
        " WHEN (OLD.state = 'published') EXECUTE FUNCTION keep_published_words()"
    )


def downgrade() -> None:
    for table in ("policy_edition", "policy_thread", "policy_card", "policy_question"):
        op.drop_table(table)
    op.execute("DROP FUNCTION keep_published_words()")
    op.drop_table("policy_upload")
    for name in ("own_successor", "successor", "state"):
        op.drop_constraint(f"ck_policy_document_{name}", "policy_document")
    op.execute("UPDATE policy_document SET state = 'withdrawn' WHERE state = 'superseded'")
    op.drop_column("policy_document", "superseded_by")
    op.create_check_constraint(
        "ck_policy_document_state", "policy_document", "state IN ('in_force', 'withdrawn')"
    )
