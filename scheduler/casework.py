"""Ticks of casework: what the office has to do because time has passed.

Nothing is kept here between two ticks, so that nothing is lost while no scheduler runs: the next
tick finds what became due in the meantime.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.casework import due
from bot.installation import Installation

TASKS: tuple[Callable[..., int], ...] = (
    due.rechecks,
    due.assessments,
    due.trainings,
    due.calendar_year,
)


def tasks(installation: Installation) -> int:
    """Rechecks, assessments, trainings and the calendar: tasks some days before they are due."""
    return sum(_until_done(installation, task) for task in TASKS)


def late_tickets(installation: Installation) -> int:
    """Tickets past their due time, and tickets that nobody has opened."""
    return _until_done(installation, due.overdue) + _until_done(installation, due.unread)


def _until_done(installation: Installation, task: Callable[..., int]) -> int:
    """Batches, a transaction each, until nothing is left: also after days without a scheduler."""
    now = installation.clock()
    total = 0
    while True:
        with installation.database.transaction() as session:
            done = task(session, now=now)
        total += done
        if done < due.BATCH:
            return total
