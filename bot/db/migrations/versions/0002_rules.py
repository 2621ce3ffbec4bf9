"""Rules that the database itself holds: allowed steps of a case, an append-only audit log, the
job queue's tables."""

from __future__ import annotations

from alembic import op
from pgqueuer.adapters.persistence.schema_ddl import render_install, render_uninstall
from pgqueuer.domain.settings import DBSettings

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The steps of bot.casework.stages at the time of this migration; a test compares both.
STEPS = (
    ("submitted", "in_review"),
    ("in_review", "returned"),
    ("returned", "in_review"),
    ("in_review", "accepted_for_assessment"),
    ("submitted", "withdrawn"),
    ("in_review", "withdrawn"),
    ("returned", "withdrawn"),
)


def upgrade() -> None:
    op.execute(render_install(DBSettings()))
    op.execute(
        "CREATE TABLE case_step (source text NOT NULL, target text NOT NULL,"
        " CONSTRAINT pk_case_step PRIMARY KEY (source, target))"
    )
    for source, target in STEPS:
        op.execute(f"INSERT INTO case_step VALUES ('{source}', '{target}')")
    op.execute(
        """
        CREATE FUNCTION check_case_step() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT 1 FROM case_step WHERE source = OLD.stage AND target = NEW.stage
            ) THEN
                RAISE EXCEPTION 'a case cannot go from % to %', OLD.stage, NEW.stage
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'case_step';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        'CREATE TRIGGER case_step BEFORE UPDATE OF stage ON "case" FOR EACH ROW'
        " WHEN (OLD.stage IS DISTINCT FROM NEW.stage) EXECUTE FUNCTION check_case_step()"
    )
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER append_only ON audit_event")
    op.execute('DROP TRIGGER case_step ON "case"')
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("DROP FUNCTION check_case_step()")
    op.execute("DROP TABLE case_step")
    op.execute(render_uninstall(DBSettings()))
