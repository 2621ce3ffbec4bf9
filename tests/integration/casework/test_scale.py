"""However large the office: a fixed number of queries a page, served by indexes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.casework import queries
from bot.installation import Installation
from tests.integration.casework import scale

MOST_QUERIES = {
    "case file": 6,
    "ticket file": 2,
    "next steps": 9,
    "proposals": 8,
    "search receipt": 1,
    "search telephone": 1,
    "search name": 1,
    "counts": 1,
    "cases of a contact": 1,
}
QUEUE_QUERIES = 3


@pytest.fixture
def office(installation: Installation) -> Installation:
    with installation.database.transaction() as session:
        scale.fill(session, cases=300, tickets=600)
    with installation.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    return installation


@contextmanager
def statements(installation: Installation) -> Iterator[list[str]]:
    """Every statement that is sent meanwhile."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(installation.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(installation.database.engine, "before_cursor_execute", note)


def test_queries_are_counted(office: Installation) -> None:
    for name, read in scale.reads(4).items():
        with statements(office) as sent, office.database.transaction() as session:
            read(session)
        assert 0 < len(sent) <= MOST_QUERIES.get(name, QUEUE_QUERIES), (name, len(sent), sent)


def test_the_queue_is_read_in_the_order_of_its_indexes(office: Installation) -> None:
    """Asked not to sort, the planner can: what is sorted is one page, not the office."""
    plans: list[str] = []

    def explain(_c: Any, cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT work."):
            explained = cursor.connection.execute(f"EXPLAIN {statement}", values)
            plans.append("\n".join(row[0] for row in explained))

    with office.database.transaction() as session:
        for method in ("seqscan", "bitmapscan", "sort"):
            session.execute(text(f"SET LOCAL enable_{method} = off"))
        event.listen(office.database.engine, "before_cursor_execute", explain)
        queries.queue(session, show="open", staff_id=1, now=scale.NOW, page=1, size=50)
        event.remove(office.database.engine, "before_cursor_execute", explain)
    assert "ix_ticket_queue" in plans[0]
    assert "ix_case_running" in plans[0]


@pytest.mark.parametrize("show", queries.SHOWS)
def test_pages_of_the_queue_are_disjoint_and_complete(office: Installation, show: str) -> None:
    with office.database.transaction() as session:
        seen = []
        for page in range(1, 40):
            rows = queries.queue(session, show=show, staff_id=7, now=scale.NOW, page=page, size=10)
            seen += [(row.ticket_id, row.case_id if row.ticket_id is None else 0) for row in rows]
            if len(rows) < 10:
                break
        counted = queries.counts(session, staff_id=7, now=scale.NOW)[show]
    assert len(seen) == len(set(seen)) == counted > 0
