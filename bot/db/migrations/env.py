"""Alembic's environment: one transaction, with time-outs, and one migration at a time."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text

from bot.db.migrate import MIGRATION_LOCK


def run() -> None:
    config = context.config
    engine = create_engine(config.attributes["url"])
    with engine.connect() as connection:
        # Waiting for the lock is fine; holding up a running service is not.
        connection.execute(text(f"SELECT pg_advisory_lock({MIGRATION_LOCK})"))
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=config.attributes.get("metadata"),
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text(f"SELECT pg_advisory_unlock({MIGRATION_LOCK})"))
        connection.commit()
    engine.dispose()


run()
