"""Jobs for the worker, put on the business transaction's own connection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import psycopg
from pgqueuer.adapters.persistence.queries import SyncQueries
from pgqueuer.ports.driver import SyncDriver
from psycopg.rows import dict_row
from sqlalchemy.orm import Session

DELIVER = "deliver"
"""Send what waits in the outbox of one contact; payload: the contact's id."""
DELIVER_MANY = "deliver_many"
"""The same for several contacts in one round; payload: their ids, comma-separated."""
TAKE_UP = "take_up"
"""Go on with a contact's unanswered messages; payload: the contact's id."""
TAKE_IN = "take_in"
"""Hand spooled pushes of this machine to the inbox; payload: 0."""


class _TransactionDriver(SyncDriver):
    """PgQueuer's own driver insists on autocommit; ours joins the open transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        cursor = psycopg.RawCursor(self._connection, row_factory=dict_row)
        cursor.execute(query.encode(), args or None)
        return cursor.fetchall()


def enqueue(
    session: Session,
    entrypoint: str,
    payload: int,
    *,
    after: timedelta | None = None,
    once: bool = False,
) -> None:
    """Add one job; it exists exactly when the session's transaction commits.

    With ``once`` it is not added while the same job waits or runs: for ticks, which come again.
    """
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    SyncQueries(_TransactionDriver(connection)).enqueue(
        entrypoint,
        str(payload).encode(),
        execute_after=after,
        dedupe_key=f"{entrypoint}:{payload}" if once else None,
        on_conflict="skip",
    )


def enqueue_rounds(session: Session, contact_ids: Sequence[int], *, size: int) -> None:
    """Jobs that send to these contacts, ``size`` of them in one round."""
    ids = list(dict.fromkeys(contact_ids))
    payloads = [
        ",".join(map(str, ids[start : start + size])).encode() for start in range(0, len(ids), size)
    ]
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    if payloads:
        SyncQueries(_TransactionDriver(connection)).enqueue(
            [DELIVER_MANY] * len(payloads), list(payloads), [0] * len(payloads)
        )
