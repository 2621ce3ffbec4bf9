"""The case after its application: assessment, referral, service, closure; institutions; working time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _pages_up()


def downgrade() -> None:
    _pages_down()


def _pages_up() -> None:
    """What the pages of families and staff keep."""
    op.create_table(
        "family_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_family_session_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_family_session_token_hash")),
    )
    op.create_index(
        op.f("ix_family_session_contact_id"), "family_session", ["contact_id"], unique=False
    )


def _pages_down() -> None:
    op.drop_table("family_session")
