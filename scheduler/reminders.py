"""Ticks of reminders: what is due is released, closed and told on; all of it may run twice at once."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from bot.care import closing, release, summaries
from bot.installation import Installation


class Batch(Protocol):
    """A batch action of `bot.care`; returns how many rows it found."""

    def __call__(self, session: Session, *, now: datetime) -> int: ...


MOST = 400
"""Batches in one tick; what is left waits for the next."""


def doses(installation: Installation) -> int:
    """Medicine and regular visits whose time has come."""
    return _batches(installation, release.release_due)


def snoozed(installation: Installation) -> int:
    """Reminders that were put off until now."""
    return _batches(installation, release.release_snoozed)


def visits(installation: Installation) -> int:
    """Visits tomorrow, today, and whether they took place."""
    return _batches(installation, release.release_notices)


def closed(installation: Installation) -> int:
    """Doses whose window is over."""
    return _batches(installation, closing.close_windows)


def escalated(installation: Installation) -> int:
    """Caregivers to be told."""
    return _batches(installation, closing.tell_caregivers)


def outage(installation: Installation) -> int:
    """Families to be told what an outage cost them."""
    return _batches(installation, summaries.after_outage)


def weekly(installation: Installation) -> int:
    """Weekly summaries."""
    return _batches(installation, summaries.weekly)


def refills(installation: Installation) -> int:
    """Medicine that runs low."""
    return _batches(installation, summaries.refills)


def _batches(installation: Installation, batch: Batch) -> int:
    """Batch after batch, each in its own transaction, until nothing is due."""
    done = 0
    for _ in range(MOST):
        with installation.database.transaction() as session:
            found = batch(session, now=installation.clock())
        done += found
        if not found:
            break
    return done
