"""``jingkang scheduler``: a few periodic ticks.

APScheduler is only the clock: its jobs live in memory, and what is due lives in the database, so
several schedulers may run and any may die.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from bot.installation import Installation
from scheduler import casework, complaints, reminders, ticks

log = structlog.get_logger()

TICKS: tuple[tuple[Callable[[Installation], int], timedelta], ...] = (
    (ticks.unanswered, timedelta(seconds=2)),
    (ticks.parked, timedelta(seconds=10)),
    (ticks.unsent, timedelta(seconds=20)),
    (ticks.spooled, timedelta(seconds=5)),
    (ticks.outdated, timedelta(hours=1)),
    (reminders.doses, timedelta(seconds=1)),
    (reminders.snoozed, timedelta(seconds=2)),
    (reminders.visits, timedelta(seconds=10)),
    (reminders.closed, timedelta(seconds=10)),
    (reminders.escalated, timedelta(seconds=10)),
    (reminders.outage, timedelta(minutes=1)),
    (reminders.weekly, timedelta(minutes=1)),
    (reminders.refills, timedelta(minutes=5)),
    (ticks.sealed, timedelta(minutes=1)),
    (complaints.trouble, timedelta(hours=1)),
    (casework.late_tickets, timedelta(seconds=30)),
    (casework.tasks, timedelta(minutes=10)),
    (complaints.silent, timedelta(hours=1)),
    (complaints.emptied, timedelta(minutes=5)),
)


def run(installation: Installation) -> None:
    """Tick until SIGTERM or SIGINT."""
    stopped = threading.Event()
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: stopped.set())
    clock = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(len(TICKS))},
        # A late tick runs once, now: the database knows what is due.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="Asia/Shanghai",
    )
    for tick, every in TICKS:
        clock.add_job(
            _guarded(installation, tick),
            "interval",
            seconds=every.total_seconds(),
            id=tick.__name__,
        )
    clock.start()
    log.info("scheduler_started")
    stopped.wait()
    clock.shutdown(wait=True)


def _guarded(installation: Installation, tick: Callable[[Installation], int]) -> Callable[[], None]:
    """A tick that fails is logged and comes again: the next may find the database back."""

    def run_tick() -> None:
        try:
            done = tick(installation)
        except SQLAlchemyError as error:
            log.warning("tick_failed", tick=tick.__name__, error=type(error).__name__)
        except Exception:
            log.exception("tick_failed", tick=tick.__name__)
        else:
            if done:
                log.info("tick", tick=tick.__name__, found=done)

    return run_tick
