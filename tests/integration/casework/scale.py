"""A large office, filled by SQL: 100,000 cases and 200,000 tickets.

    python -m tests.integration.casework.scale [FOLDER]

makes it in an embedded PostgreSQL and times the reads of the desk. The test beside it counts
queries on a small office of the same make.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.casework import due, institutions, listing, queries, steps
from bot.casework.models import Case, Staff
from bot.db import embedded
from bot.db.migrate import create_database
from bot.installation import Installation, migrate_installation, open_installation
from bot.privacy.fields import keyring
from bot.settings import Settings

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OPEN_SHARE = 30
"""Percent of cases that still run; of tickets a third of that."""
TARGET_MS = 300


def fill(session: Session, *, cases: int, tickets: int) -> None:
    """Contacts, applications, cases with their events and consents, tickets, institutions."""

    def sealed(value: str, place: str) -> bytes:
        return keyring.cipher.seal(value, place=place)

    fields = {
        "cases": cases,
        "tickets": tickets,
        "share": OPEN_SHARE,
        "now": NOW,
        "openid": sealed("o-scale", "contact.openid"),
        "answers": keyring.cipher.seal_json(
            {"relation": "parent", "service_forms": ["day"]}, place="application.answers"
        ),
        "name": sealed("测试甲", "case.patient_name"),
        "telephone": sealed("13800000001", "case.telephone"),
        "summary": sealed("测试", "ticket.summary"),
    }
    for statement in _STATEMENTS:
        session.execute(text(statement), fields)


_STATEMENTS = (
    # Stages and places are checked as ever; only the sealing is not repeated row by row.
    """INSERT INTO staff (username, display_name, role, password_hash, created_at)
       SELECT 'scale-' || n, '测试' || n, 'social_worker', '-', :now FROM generate_series(1, 100) n""",
    """INSERT INTO institution (name, admission, admission_number, county_code, address, telephone,
         opening_hours, service_forms, capacity, updated_at)
       SELECT '测试机构' || n, 'filing', '1', '3502' || lpad((n % 10)::text, 2, '0'), '-', '-', '-',
         ARRAY['day'], 50, :now FROM generate_series(1, 300) n""",
    """INSERT INTO institution_county (institution_id, county_code)
       SELECT id, county_code FROM institution""",
    """INSERT INTO contact (openid, openid_index, conversation_id, subscribed, first_seen_at)
       SELECT :openid, decode(lpad(to_hex(n), 32, '0'), 'hex'), gen_random_uuid(), true, :now
       FROM generate_series(1, :cases) n""",
    """INSERT INTO application (contact_id, state, answers, started_at, updated_at, submitted_at)
       SELECT id, 'submitted', :answers, :now, :now, :now FROM contact""",
    """INSERT INTO "case" (receipt_number, application_id, contact_id, stage, county_code,
         patient_name, patient_name_index, telephone, telephone_index, awaits_guardian,
         assigned_to, submitted_at, updated_at, examined_at)
       SELECT 'KF20260101-' || lpad(id::text, 6, '0'), id, contact_id,
         CASE WHEN id % 100 >= :share THEN (ARRAY['closed', 'withdrawn', 'refused'])[1 + id % 3]
              ELSE (ARRAY['submitted', 'in_review', 'accepted_for_assessment', 'assessed',
                          'waiting', 'waiting'])[1 + id % 6] END,
         '3502' || lpad((id % 10)::text, 2, '0'), :name, decode(lpad(to_hex(id), 32, '0'), 'hex'),
         :telephone, decode(lpad(to_hex(id), 32, '0'), 'hex'), false,
         CASE WHEN id % 6 > 0 THEN 1 + id % 100 END,
         CAST(:now AS timestamptz) - id % 400 * interval '1 day',
         CAST(:now AS timestamptz) - id % 300 * interval '1 day',
         CAST(:now AS timestamptz) - id % 70 * interval '1 day'
       FROM application""",
    """INSERT INTO case_event (case_id, at, by, step)
       SELECT "case".id, :now, 'staff:1', 'claim' FROM "case", generate_series(1, 5)""",
    """INSERT INTO consent (contact_id, application_id, purpose, state, said_by, way, text_version,
         decided_at)
       SELECT contact_id, application_id, purpose, 'given', 'self', 'page', '1', :now
       FROM "case", (VALUES ('rehabilitation_patient'), ('rehabilitation_guardian')) p (purpose)""",
    """INSERT INTO binding (case_id, contact_id, role, verified, verified_by, at)
       SELECT id, contact_id, 'caregiver', 'said', 'system:scale', :now FROM "case" """,
    """INSERT INTO ticket (source_key, kind, urgency, state, contact_id, case_id, summary, owner_id,
         created_at, due_at, settled_at)
       SELECT 'scale:' || n,
         (ARRAY['ask_human', 'question', 'complaint', 'caregiver', 'medication'])[1 + n % 5],
         CASE WHEN n % 29 = 0 THEN 'urgent' WHEN n % 3 = 0 THEN 'soon' ELSE 'normal' END,
         CASE WHEN n % 300 >= :share THEN 'settled' WHEN n % 2 = 0 THEN 'open' ELSE 'claimed' END,
         1 + n % :cases, 1 + n % :cases, :summary,
         CASE WHEN n % 300 < :share AND n % 2 = 0 THEN NULL ELSE 1 + n % 100 END,
         CAST(:now AS timestamptz) - n % 300 * interval '1 hour',
         CAST(:now AS timestamptz) + (n % 100 - 50) * interval '1 hour',
         CASE WHEN n % 300 >= :share THEN CAST(:now AS timestamptz) END
       FROM generate_series(1, :tickets) n""",
)


def reads(case_id: int) -> dict[str, Callable[[Session], Any]]:
    """Every read of the desk and of the family's pages."""

    def queue(show: str, page: int = 1) -> Callable[[Session], Any]:
        return lambda session: queries.queue(
            session, show=show, staff_id=7, now=NOW, page=page, size=50
        )

    def case_of(session: Session) -> Case:
        return session.get_one(Case, case_id)

    return {
        **{f"queue {show}": queue(show) for show in queries.SHOWS},
        "queue open, page 100": queue("open", 100),
        "counts": lambda session: queries.counts(session, staff_id=7, now=NOW),
        "search receipt": lambda session: queries.search(session, f"KF20260101-{case_id:06d}"),
        "search telephone": lambda session: queries.search(session, "13800000001"),
        "search name": lambda session: queries.search(session, "测试甲"),
        "case file": lambda session: queries.case_file(session, case_id),
        "ticket file": lambda session: queries.ticket_file(session, case_id),
        "next steps": lambda session: steps.next_steps(
            session, case=case_of(session), staff=session.get_one(Staff, 7), now=NOW
        ),
        "proposals": lambda session: institutions.propose_institutions(
            session, case=case_of(session), now=NOW
        ),
        "cases of a contact": lambda session: listing.cases_of_contact(session, contact_id=5),
    }


def ticks() -> dict[str, Callable[[Session], Any]]:
    """What the scheduler asks; each does its whole batch."""
    return {
        "tick rechecks": lambda session: due.rechecks(session, now=NOW),
        "tick assessments": lambda session: due.assessments(session, now=NOW),
        "tick overdue": lambda session: due.overdue(session, now=NOW),
        "tick unread": lambda session: due.unread(session, now=NOW),
    }


def measure(installation: Installation, work: dict[str, Callable[[Session], Any]]) -> bool:
    """Print p50 and p95 of each; whether all are within the target."""
    good = True
    for name, read in work.items():
        times = []
        for _ in range(21):  # the first one is for the caches
            with installation.database.transaction() as session:
                began = time.perf_counter()
                read(session)
                times.append((time.perf_counter() - began) * 1000)
                session.rollback()
        p95 = statistics.quantiles(times[1:], n=20)[18]
        good &= p95 <= TARGET_MS
        say(f"{name:24} p50 {statistics.median(times[1:]):7.1f} ms   p95 {p95:7.1f} ms")
    return good


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    server = embedded.start(folder / "postgres")
    create_database(embedded.url_of(server), "scale")
    url = embedded.url_of(server, "scale")
    settings = Settings(data_dir=folder, _env_file=None)
    migrate_installation(settings, url)
    installation = open_installation(settings, url=url, clock=lambda: NOW)
    try:
        with installation.database.transaction() as session:
            session.execute(text("SET LOCAL statement_timeout = 0"))
            if not session.scalar(text('SELECT count(*) FROM "case"')):
                fill(session, cases=100_000, tickets=200_000)
        with installation.database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
        good = measure(installation, reads(4)) & measure(installation, ticks())
    finally:
        installation.close()
    say(f"{'within' if good else 'beyond'} {TARGET_MS} ms")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
