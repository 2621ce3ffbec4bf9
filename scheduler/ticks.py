"""The ticks: each looks for what is due and hands it to the worker. Cost follows what is due."""

from __future__ import annotations

from datetime import timedelta

from bot.casework import people
from bot.console import sessions, throttle
from bot.delivery import jobs, sending
from bot.dialogue import inbox, spool
from bot.installation import Installation
from bot.nlu.model import find_model
from bot.privacy import seals

UNSENT_AFTER = timedelta(seconds=90)
STILL_USEFUL = timedelta(hours=12)


def unanswered(installation: Installation) -> int:
    """Messages whose process died before the reply: somebody goes on with them."""
    with installation.database.transaction() as session:
        contacts = inbox.abandoned(session, now=installation.clock())
        for contact_id in contacts:
            jobs.enqueue(session, jobs.TAKE_UP, contact_id, once=True)
    return len(contacts)


def parked(installation: Installation) -> int:
    """Messages that nothing could understand when they came: taken up once a model is there."""
    if find_model(installation.settings) is None:
        return 0
    now = installation.clock()
    with installation.database.transaction() as session:
        messages = inbox.parked(session, since=now - STILL_USEFUL)
        for message in messages:
            message.state = "received"
    return len(messages)


def unsent(installation: Installation) -> int:
    """Messages that wait although their job is gone or was held as failed."""
    with installation.database.transaction() as session:
        contacts = sending.overdue(session, before=installation.clock() - UNSENT_AFTER)
        for contact_id in contacts:
            jobs.enqueue(session, jobs.DELIVER, contact_id, once=True)
    return len(contacts)


def spooled(installation: Installation) -> int:
    """Crises answered while the database was away."""
    if not spool.waits(installation):
        return 0
    with installation.database.transaction() as session:
        jobs.enqueue(session, jobs.TAKE_IN, 0, once=True)
    return 1


def outdated(installation: Installation) -> int:
    """Failed sign-ins, ended sessions and binding codes that nobody needs any more."""
    now = installation.clock()
    with installation.database.transaction() as session:
        throttle.forget_old(session, now=now)
        sessions.forget_ended(session, now=now)
        return people.forget_codes(session, now=now)


def sealed(installation: Installation) -> int:
    """The next stretch of the audit log comes under seal."""
    with installation.database.transaction() as session:
        return seals.seal(session, now=installation.clock())
