"""One in flight a recipient, over all workers: advisory locks of the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import text

from bot.db.engine import Database

_SPACE = 0x6F7574  # locks of recipients, apart from others
_TAKE = text(
    "SELECT key FROM unnest(CAST(:keys AS int[])) AS key WHERE pg_try_advisory_lock(:space, key)"
)
_GIVE_BACK = text("SELECT pg_advisory_unlock(:space, key) FROM unnest(CAST(:keys AS int[])) AS key")


@contextmanager
def only_one(database: Database, contact_ids: Sequence[int]) -> Iterator[list[int]]:
    """Hold the locks of those contacts that are free; they end with the connection, whatever
    happens."""
    with database.engine.connect() as pooled:
        connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
        keys = {contact_id % 2**31: contact_id for contact_id in sorted(set(contact_ids))}
        taken = list(connection.scalars(_TAKE, {"space": _SPACE, "keys": list(keys)}))
        try:
            yield [keys[key] for key in taken]
        finally:
            connection.execute(_GIVE_BACK, {"space": _SPACE, "keys": taken})
