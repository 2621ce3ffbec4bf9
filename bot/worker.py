"""``jingkang worker``: delivers the outbox and takes up abandoned messages, job by job."""

from __future__ import annotations

import asyncio
import signal
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job
from sqlalchemy.orm import Session

from bot.care import sending as care
from bot.care.sending import Reminders
from bot.casework.tickets import open_ticket
from bot.db.engine import libpq_url
from bot.delivery import jobs, sending
from bot.delivery.models import OutboxMessage
from bot.delivery.outbox import plain_text
from bot.delivery.outcomes import why
from bot.dialogue import inbox, spool
from bot.dialogue.pipeline import Pipeline
from bot.dialogue.rasa import Rasa
from bot.installation import Installation
from bot.platform import platform_client

log = structlog.get_logger()

THREADS = 12
ROUNDS = 3
"""Rounds of many contacts at once."""
SENDERS = 24
"""Calls to the platform at once, over all rounds."""
HEARTBEAT = timedelta(seconds=20)
"""A worker that is silent for so long is taken for dead, and its jobs are done by another."""


async def run(installation: Installation) -> None:
    """Work until SIGTERM or SIGINT; jobs under way are finished."""
    rasa = Rasa(installation.settings.rasa_origin, token=installation.secrets.rasa_token)
    pipeline = Pipeline(installation, rasa)
    platform = platform_client(installation)
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="deliver")
    senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="send")
    rounds = ThreadPoolExecutor(ROUNDS, thread_name_prefix="round")
    delivery = sending.Delivery(
        installation.database, platform, hand_over, installation.clock, Reminders(), senders
    )
    loop = asyncio.get_running_loop()
    url = libpq_url(installation.database.url)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        queue = PgQueuer.from_psycopg_connection(connection)

        @queue.entrypoint(jobs.DELIVER, on_failure="hold")
        async def deliver(job: Job) -> None:
            later = await loop.run_in_executor(pool, _deliver, delivery, _id(job))
            if later is not None:
                raise RetryRequested(later.delay, reason="waiting")

        @queue.entrypoint(jobs.DELIVER_MANY, on_failure="hold")
        async def deliver_many(job: Job) -> None:
            await loop.run_in_executor(rounds, _deliver_many, installation, delivery, job)

        @queue.entrypoint(jobs.TAKE_UP, on_failure="hold")
        async def take_up(job: Job) -> None:
            lease = await asyncio.to_thread(_lease, installation, _id(job))
            if lease is not None:
                await pipeline.work(_id(job), lease)

        @queue.entrypoint(jobs.TAKE_IN, on_failure="hold")
        async def take_in(job: Job) -> None:
            await asyncio.to_thread(spool.take_in, installation)

        for stop in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(stop, queue.shutdown.set)
        log.info("worker_started")
        await queue.run(
            batch_size=THREADS,
            max_concurrent_tasks=2 * THREADS,
            dequeue_timeout=timedelta(seconds=5),
            heartbeat_timeout=HEARTBEAT,
        )
    await rasa.close()
    pool.shutdown()
    rounds.shutdown()
    senders.shutdown()


def _deliver(delivery: sending.Delivery, contact_id: int) -> sending.TryLater | None:
    return sending.deliver_many(delivery, [contact_id]).get(contact_id)


def _deliver_many(installation: Installation, delivery: sending.Delivery, job: Job) -> None:
    """One round; who could not be served now gets a job of their own."""
    assert job.payload is not None
    later = sending.deliver_many(delivery, [int(one) for one in job.payload.split(b",")])
    if later:
        with installation.database.transaction() as session:
            for contact_id, wait in later.items():
                jobs.enqueue(session, jobs.DELIVER, contact_id, after=wait.delay, once=True)


def hand_over(session: Session, message: OutboxMessage) -> None:
    """A message that could not be sent becomes a ticket: somebody may telephone."""
    assert message.settled_at is not None
    if message.purpose in Reminders().purposes:
        care.hand_over(session, message, why=why(message.reason, None) or "")
        return
    urgent = message.purpose == "crisis"
    open_ticket(
        session,
        source_key=f"outbox:{message.id}:undelivered",
        kind="undelivered",
        urgency="urgent" if urgent else "soon",
        summary=plain_text(message.body),
        by="system:delivery",
        now=message.settled_at,
        contact_id=message.contact_id,
    )


def _lease(installation: Installation, contact_id: int) -> uuid.UUID | None:
    with installation.database.transaction() as session:
        contact = inbox.locked_contact(session, contact_id)
        return inbox.take_lease(contact, now=installation.clock())


def _id(job: Job) -> int:
    assert job.payload is not None
    return int(job.payload)
