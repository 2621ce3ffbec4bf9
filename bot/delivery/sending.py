"""Sending what waits in one contact's outbox: in order, one at a time, checked again.

Between the call and its record the process may die. The attempt row written before the call
then shows that the message may have arrived: words of a conversation are repeated (twice is
better than never), anything else is shown to staff as unsure.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.db.engine import Database
from bot.delivery import windows
from bot.delivery.models import Contact, OutboxMessage, SendAttempt
from bot.wechat.errors import Action, meaning_of
from bot.wechat.failures import PlatformRefused, PlatformUnreachable, UnsafeContent

log = structlog.get_logger()

MAX_ATTEMPTS = 8
UNREACHED = -1_000_000
"""In place of an errcode: the platform gave no answer."""
UNSAFE = -1_000_001
"""In place of an errcode: we refused ourselves what the platform would refuse."""
REPEATABLE = ("reply", "crisis", "staff_reply", "case_news")
"""Purposes whose message may rather arrive twice than never."""
_LOCK_SPACE = 0x6F7574  # advisory locks of recipients, apart from others


class Channel(Protocol):
    """Customer service, as sending uses it: `bot.wechat.client.PlatformClient`."""

    def send_text(self, openid: str, text: str) -> None: ...
    def send_menu(
        self, openid: str, *, head: str, choices: Sequence[tuple[int, str]], tail: str = ""
    ) -> None: ...


class HandOver(Protocol):
    """What happens to a message that cannot be sent: a ticket for a person."""

    def __call__(self, session: Session, message: OutboxMessage) -> None: ...


@dataclass(frozen=True)
class TryLater:
    """Something is still waiting; come back after ``delay``."""

    delay: timedelta


def deliver(
    database: Database,
    *,
    contact_id: int,
    channel: Channel,
    hand_over: HandOver,
    clock: Clock,
) -> TryLater | None:
    """Send everything that waits for one contact. None when nothing waits any more."""
    with _only_one(database, contact_id) as alone:
        if not alone:
            return TryLater(timedelta(milliseconds=300))
        while True:
            prepared = _prepare(database, contact_id, hand_over, clock)
            if prepared is None:
                return None
            later = _send(database, prepared, channel, hand_over, clock)
            if later is not None:
                return later


@dataclass(frozen=True)
class _Prepared:
    message_id: int
    attempt_id: int
    openid: str
    body: dict[str, Any]
    window: windows.Window


def _prepare(
    database: Database, contact_id: int, hand_over: HandOver, clock: Clock
) -> _Prepared | None:
    """Choose the next message that is still wanted, and record that it is about to go."""
    while True:
        now = clock()
        with database.transaction() as session:
            contact = session.get(Contact, contact_id, with_for_update=True)
            message = session.scalar(
                select(OutboxMessage)
                .where(
                    OutboxMessage.contact_id == contact_id,
                    OutboxMessage.state.in_(("queued", "sending")),
                )
                .order_by(OutboxMessage.id)
                .limit(1)
                .with_for_update()
            )
            if contact is None or message is None:
                return None
            refusal = _unwanted(message, contact, now=now)
            if refusal is not None:
                message.state, message.reason, message.settled_at = "dropped", refusal, now
                continue
            if message.state == "sending" and message.purpose not in REPEATABLE:
                message.state, message.reason, message.settled_at = "unsure", "died", now
                hand_over(session, message)
                continue
            if _attempts(session, message) >= MAX_ATTEMPTS:
                message.state, message.reason, message.settled_at = "failed", "gave_up", now
                hand_over(session, message)
                continue
            window = windows.use_one(contact, now=now)
            if window is None:
                message.state, message.reason, message.settled_at = "failed", "no_window", now
                hand_over(session, message)
                continue
            message.state = "sending"
            attempt = SendAttempt(
                outbox_message_id=message.id, channel="customer_service", started_at=now
            )
            session.add(attempt)
            session.flush()
            return _Prepared(message.id, attempt.id, contact.openid, message.body, window)


def _unwanted(message: OutboxMessage, contact: Contact, *, now: datetime) -> str | None:
    """Why a message must not go out any more, or None."""
    if not contact.subscribed:
        return "unsubscribed"
    if message.not_after is not None and message.not_after < now:
        return "stale"
    if message.purpose == "reply" and contact.owner == "staff":
        return "staff_owns"
    return None


def _send(
    database: Database,
    prepared: _Prepared,
    channel: Channel,
    hand_over: HandOver,
    clock: Clock,
) -> TryLater | None:
    body = prepared.body
    errcode, sent = 0, True
    try:
        if choices := body.get("choices"):
            channel.send_menu(
                prepared.openid,
                head=body["text"],
                choices=[(int(choice["id"]), choice["text"]) for choice in choices],
            )
        else:
            channel.send_text(prepared.openid, body["text"])
    except PlatformRefused as refused:
        errcode, sent = refused.code, False
    except PlatformUnreachable as unreachable:
        # Unknown counts as sent: the window is used, and only words are repeated.
        errcode, sent = UNREACHED, unreachable.sent is not False
    except UnsafeContent:
        errcode, sent = UNSAFE, False
    return _record(database, prepared, errcode, sent, hand_over, clock)


def _record(
    database: Database,
    prepared: _Prepared,
    errcode: int,
    sent: bool,
    hand_over: HandOver,
    clock: Clock,
) -> TryLater | None:
    now = clock()
    with database.transaction() as session:
        message = session.get_one(OutboxMessage, prepared.message_id, with_for_update=True)
        contact = session.get_one(Contact, message.contact_id, with_for_update=True)
        attempt = session.get_one(SendAttempt, prepared.attempt_id)
        attempt.ended_at, attempt.errcode = now, errcode
        if errcode == 0:
            message.state, message.channel, message.settled_at = "sent", "customer_service", now
            return None
        if not sent:
            windows.give_back(contact, prepared.window)
        tries = _attempts(session, message)
        if errcode == UNREACHED:
            if sent and message.purpose not in REPEATABLE:
                message.state, message.reason, message.settled_at = "unsure", "no_answer", now
                hand_over(session, message)
                return None
            message.state = "queued"
            return TryLater(_backoff(tries))
        if errcode == UNSAFE:
            message.state, message.reason, message.settled_at = "failed", "unsafe", now
            hand_over(session, message)
            return None
        meaning = meaning_of(errcode)
        log.warning("send_refused", errcode=errcode, meaning=meaning.meaning, message=message.id)
        match meaning.action:
            case Action.ALREADY_SENT:
                message.state, message.channel, message.settled_at = "sent", "customer_service", now
            case Action.RETRY | Action.REFRESH_TOKEN:
                message.state = "queued"
                return TryLater(_backoff(tries))
            case Action.SLOW_DOWN | Action.ALARM:
                # An administrator may mend the cause; the message waits as long as it is wanted.
                message.state = "queued"
                return TryLater(_backoff(tries) + timedelta(minutes=1))
            case Action.OTHER_CHANNEL | Action.CONSENT_MISSING:
                windows.close(contact)
                message.state = "queued"
            case Action.STOP_FOR_PERSON:
                contact.subscribed = False
                message.state, message.reason, message.settled_at = "failed", "unreachable", now
                hand_over(session, message)
            case _:
                message.state, message.reason, message.settled_at = "failed", "refused", now
                hand_over(session, message)
    return None


def _attempts(session: Session, message: OutboxMessage) -> int:
    return (
        session.scalar(select(func.count()).where(SendAttempt.outbox_message_id == message.id)) or 0
    )


def _backoff(tries: int) -> timedelta:
    """Doubling from half a second to two minutes, spread so that retries do not meet."""
    seconds = min(0.5 * 2**tries, 120)
    return timedelta(seconds=seconds * random.uniform(0.7, 1.3))  # noqa: S311 - no secret


@contextmanager
def _only_one(database: Database, contact_id: int) -> Iterator[bool]:
    """Hold the recipient's lock; it ends with the connection, whatever happens."""
    with database.connection() as connection:
        taken = connection.scalar(
            text("SELECT pg_try_advisory_lock(:space, :id)"),
            {"space": _LOCK_SPACE, "id": contact_id % 2**31},
        )
        connection.commit()
        try:
            yield bool(taken)
        finally:
            if taken:
                connection.execute(
                    text("SELECT pg_advisory_unlock(:space, :id)"),
                    {"space": _LOCK_SPACE, "id": contact_id % 2**31},
                )
                connection.commit()


def overdue(session: Session, *, before: datetime, limit: int = 200) -> list[int]:
    """Contacts whose outbox waits since ``before``: their job was lost or held as failed."""
    return list(
        session.scalars(
            select(OutboxMessage.contact_id)
            .where(
                OutboxMessage.state.in_(("queued", "sending")), OutboxMessage.created_at < before
            )
            .distinct()
            .limit(limit)
        )
    )
