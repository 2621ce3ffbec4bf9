"""The audit log under seal: a chain of keyed digests, each over a stretch of rows and the one
before it. A row that is changed, taken out or slipped in later breaks the chain.

The digest is keyed, so that whoever can write to the database alone cannot make it whole again.
Rows are sealed some minutes after they were written: by then every transaction that could still
add one before them has ended.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bot.privacy.fields import keyring
from bot.privacy.models import AuditEvent, AuditSeal

AFTER = timedelta(minutes=10)
"""Longer than any transaction lasts (`bot.db.engine` bounds them)."""
STRETCH = 1000
"""Rows of one seal at most."""
_LOCK = 0x7365616C
_FIRST = b"\0" * 32


@dataclass(frozen=True)
class Verdict:
    """What checking the chain found. ``broken_at`` names the rows of the first seal that is not
    true; None when all are. ``unsealed`` rows are too young to be sealed, or wait for the clock."""

    seals: int
    rows: int
    unsealed: int
    broken_at: tuple[int, int] | None


def seal(session: Session, *, now: datetime) -> int:
    """Seal the next stretch of rows that are old enough; returns how many."""
    if not session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}):
        return 0  # another scheduler is at it
    last = session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
    after = last.last_id if last else 0
    youngest = session.scalar(
        select(func.min(AuditEvent.id)).where(AuditEvent.id > after, AuditEvent.at > now - AFTER)
    )
    query = select(AuditEvent).where(AuditEvent.id > after).order_by(AuditEvent.id).limit(STRETCH)
    if youngest is not None:
        query = query.where(AuditEvent.id < youngest)
    rows = session.scalars(query).all()
    if not rows:
        return 0
    session.add(
        AuditSeal(
            first_id=rows[0].id,
            last_id=rows[-1].id,
            rows=len(rows),
            digest=_digest(last.digest if last else _FIRST, rows),
            sealed_at=now,
        )
    )
    return len(rows)


def verify(session: Session) -> Verdict:
    """Check the whole chain against the log."""
    before, previous_id = _FIRST, 0
    seals = rows = 0
    for one in session.scalars(
        select(AuditSeal).order_by(AuditSeal.id).execution_options(yield_per=100)
    ):
        # From the end of the seal before: a row slipped in between two seals is found too.
        found = session.scalars(
            select(AuditEvent)
            .where(AuditEvent.id > previous_id, AuditEvent.id <= one.last_id)
            .order_by(AuditEvent.id)
        ).all()
        if len(found) != one.rows or _digest(before, found) != one.digest:
            return Verdict(seals, rows, 0, (one.first_id, one.last_id))
        before, previous_id = one.digest, one.last_id
        seals, rows = seals + 1, rows + len(found)
    unsealed = session.scalar(
        select(func.count()).select_from(AuditEvent).where(AuditEvent.id > previous_id)
    )
    return Verdict(seals, rows, unsealed or 0, None)


def _digest(before: bytes, rows: Sequence[AuditEvent]) -> bytes:
    content = hashlib.sha256(before)
    for row in rows:
        fields = [row.id, row.at.timestamp(), row.by, row.action, row.object_type, row.object_id]
        line = json.dumps([*fields, row.details], sort_keys=True, ensure_ascii=False)
        content.update(hashlib.sha256(line.encode()).digest())
    return keyring.cipher.mac(content.digest(), purpose="audit seal")
