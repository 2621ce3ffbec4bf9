"""Sending what waits in contacts' outboxes: in order, one at a time each, checked again.

Between the call and its record the process may die. The attempt row written before the call
then shows that the message may have arrived: words of a conversation are repeated (twice is
better than never), anything else is shown to staff as unsure. Many contacts are served in one
round: one transaction before the calls, one after them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.db.engine import Database
from bot.delivery import consents, ways, windows
from bot.delivery.models import Contact, OutboxMessage, SendAttempt
from bot.delivery.recipients import only_one
from bot.delivery.ways import Channel, Way
from bot.wechat.errors import TABLE, Action, meaning_of
from bot.wechat.failures import PlatformRefused, PlatformUnreachable, UnsafeContent

log = structlog.get_logger()

MAX_ATTEMPTS = 8
UNREACHED = -1_000_000
"""In place of an errcode: the platform gave no answer."""
UNSAFE = -1_000_001
"""In place of an errcode: we refused ourselves what the platform would refuse."""
REPEATABLE = ("reply", "crisis", "staff_reply", "case_news")
"""Purposes whose message may rather arrive twice than never."""
_BUSY = timedelta(milliseconds=300)


_CLOSED = {
    code
    for code, meaning in TABLE.items()
    if meaning.action in (Action.OTHER_CHANNEL, Action.CONSENT_MISSING)
}
"""Errcodes after which this channel is not tried again for the same message."""


class HandOver(Protocol):
    """What happens to a message that cannot be sent: a ticket for a person."""

    def __call__(self, session: Session, message: OutboxMessage) -> None: ...


@dataclass(frozen=True)
class Verdict:
    """What is to be said at the moment of sending. ``body`` None: nothing any more.

    ``notice`` is what a template may show (``what``, ``when``) where the window is closed.
    """

    body: Mapping[str, Any] | None
    notice: Mapping[str, str] = field(default_factory=dict)


class Rules(Protocol):
    """Messages whose sense can pass between composing and sending, such as reminders."""

    @property
    def purposes(self) -> frozenset[str]: ...

    def recheck(
        self,
        session: Session,
        messages: Sequence[OutboxMessage],
        contacts: Mapping[int, Contact],
        *,
        now: datetime,
    ) -> Mapping[int, Verdict]:
        """By message id; one that is missing is not wanted any more."""

    def sent(self, session: Session, messages: Sequence[OutboxMessage], *, now: datetime) -> None:
        """The platform has taken these messages."""


@dataclass(frozen=True)
class TryLater:
    """Something is still waiting; come back after ``delay``."""

    delay: timedelta


@dataclass(frozen=True)
class Delivery:
    """What sending works with. ``rules`` check messages of their purposes again; ``senders``
    are threads for the calls of one round (None: one after the other)."""

    database: Database
    channel: Channel
    hand_over: HandOver
    clock: Clock
    rules: Rules | None = None
    senders: Executor | None = None


def deliver(
    database: Database,
    *,
    contact_id: int,
    channel: Channel,
    hand_over: HandOver,
    clock: Clock,
    rules: Rules | None = None,
) -> TryLater | None:
    """Send everything that waits for one contact. None when nothing waits any more."""
    delivery = Delivery(database, channel, hand_over, clock, rules)
    return deliver_many(delivery, [contact_id]).get(contact_id)


def deliver_many(delivery: Delivery, contact_ids: Sequence[int]) -> dict[int, TryLater]:
    """Send everything that waits for these contacts; who is to be come back to, and when."""
    with only_one(delivery.database, contact_ids) as ours:
        later = {contact_id: TryLater(_BUSY) for contact_id in set(contact_ids) - set(ours)}
        waiting = list(ours)
        while waiting:
            round_ = _prepare(delivery, waiting)
            if not round_:
                break
            outcomes = _send(delivery, round_)
            pauses, waiting = _record(delivery, round_, outcomes)
            later |= pauses
    return later


@dataclass(frozen=True)
class _Prepared:
    contact_id: int
    message_id: int
    attempt_id: int
    openid: str
    body: Mapping[str, Any]
    way: Way


@dataclass(frozen=True)
class _Outcome:
    errcode: int
    sent: bool
    """False where the message surely did not leave."""


def _prepare(delivery: Delivery, contact_ids: Sequence[int]) -> list[_Prepared]:
    """For each contact the next message that is still wanted, recorded as about to go."""
    prepared: list[_Prepared] = []
    left = list(contact_ids)
    while left:
        now = delivery.clock()
        with delivery.database.transaction() as session:
            found, left = _prepare_some(session, delivery, left, now=now)
        prepared += found
    return prepared


def _prepare_some(
    session: Session, delivery: Delivery, contact_ids: Sequence[int], *, now: datetime
) -> tuple[list[_Prepared], list[int]]:
    """One look at each contact's next message; and the contacts where that one fell away."""
    contacts = {
        contact.id: contact
        for contact in session.scalars(
            select(Contact)
            .where(Contact.id.in_(contact_ids))
            .order_by(Contact.id)
            .with_for_update(key_share=True)
        )
    }
    first = (
        select(func.min(OutboxMessage.id))
        .where(
            OutboxMessage.contact_id.in_(contacts), OutboxMessage.state.in_(("queued", "sending"))
        )
        .group_by(OutboxMessage.contact_id)
    )
    messages = session.scalars(
        select(OutboxMessage).where(OutboxMessage.id.in_(first)).with_for_update()
    ).all()
    attempts = _attempts(session, messages)
    verdicts = _verdicts(session, delivery, messages, contacts, now=now)
    again: list[int] = []
    going: list[tuple[OutboxMessage, Contact, Mapping[str, Any], Way, SendAttempt]] = []
    for message in messages:
        contact = contacts[message.contact_id]
        verdict = verdicts[message.id]
        tries = attempts.get(message.id, ())
        way = None
        if (fate := _fate(message, contact, verdict, len(tries), now=now)) is None:
            way = ways.choose(
                session,
                contact,
                message,
                notice=verdict.notice,
                tried={one for one, errcode in tries if errcode in _CLOSED},
                now=now,
            )
            fate = None if way is not None else ("failed", "no_window")
        if way is None:
            assert fate is not None
            message.state, message.reason, message.settled_at = *fate, now
            if fate[0] != "dropped":
                delivery.hand_over(session, message)
            again.append(contact.id)
            continue
        assert verdict.body is not None
        message.state = "sending"
        attempt = SendAttempt(outbox_message_id=message.id, channel=way.channel, started_at=now)
        session.add(attempt)
        going.append((message, contact, verdict.body, way, attempt))
    session.flush()
    return [
        _Prepared(contact.id, message.id, attempt.id, contact.openid, body, way)
        for message, contact, body, way, attempt in going
    ], again


def _fate(
    message: OutboxMessage, contact: Contact, verdict: Verdict, tries: int, *, now: datetime
) -> tuple[str, str] | None:
    """State and reason of a message that must not go out (again), or None."""
    if message.state == "sending" and message.purpose not in REPEATABLE:
        return "unsure", "died"
    if message.not_after is not None and message.not_after < now:
        return "dropped", "stale"
    if verdict.body is None:
        return "dropped", "not_wanted"
    if not contact.subscribed:
        # Words can be dropped; that a reminder reaches nobody is for a person to know.
        return ("dropped" if message.purpose in REPEATABLE else "failed"), "unsubscribed"
    if message.purpose == "reply" and contact.owner == "staff":
        return "dropped", "staff_owns"
    if tries >= MAX_ATTEMPTS:
        return "failed", "gave_up"
    return None


def _verdicts(
    session: Session,
    delivery: Delivery,
    messages: Sequence[OutboxMessage],
    contacts: Mapping[int, Contact],
    *,
    now: datetime,
) -> Mapping[int, Verdict]:
    rules = delivery.rules
    ruled = [one for one in messages if rules is not None and one.purpose in rules.purposes]
    verdicts = {one.id: Verdict(one.body) for one in messages if one not in ruled}
    if rules is not None and ruled:
        checked = rules.recheck(session, ruled, contacts, now=now)
        verdicts |= {one.id: checked.get(one.id, Verdict(None)) for one in ruled}
    return verdicts


def _send(delivery: Delivery, round_: Sequence[_Prepared]) -> list[_Outcome]:
    def call(one: _Prepared) -> _Outcome:
        try:
            ways.send(delivery.channel, one.openid, one.message_id, one.body, one.way)
        except PlatformRefused as refused:
            return _Outcome(refused.code, sent=False)
        except PlatformUnreachable as unreachable:
            # Unknown counts as sent: the window is used, and only words are repeated.
            return _Outcome(UNREACHED, sent=unreachable.sent is not False)
        except UnsafeContent:
            return _Outcome(UNSAFE, sent=False)
        return _Outcome(0, sent=True)

    if delivery.senders is None or len(round_) == 1:
        return [call(one) for one in round_]
    return list(delivery.senders.map(call, round_))


def _record(
    delivery: Delivery, round_: Sequence[_Prepared], outcomes: Sequence[_Outcome]
) -> tuple[dict[int, TryLater], list[int]]:
    """Write down what became of a round; who is to be tried later, and for whom more waits."""
    now = delivery.clock()
    later: dict[int, TryLater] = {}
    with delivery.database.transaction() as session:
        contacts = {
            one.id: one
            for one in session.scalars(
                select(Contact)
                .where(Contact.id.in_([one.contact_id for one in round_]))
                .order_by(Contact.id)
                .with_for_update(key_share=True)
            )
        }
        messages = {
            one.id: one
            for one in session.scalars(
                select(OutboxMessage)
                .where(OutboxMessage.id.in_([one.message_id for one in round_]))
                .order_by(OutboxMessage.id)
                .with_for_update()
            )
        }
        attempts = {
            one.id: one
            for one in session.scalars(
                select(SendAttempt).where(SendAttempt.id.in_([one.attempt_id for one in round_]))
            )
        }
        for one, outcome in zip(round_, outcomes, strict=True):
            message, contact = messages[one.message_id], contacts[one.contact_id]
            attempt = attempts[one.attempt_id]
            attempt.ended_at, attempt.errcode = now, outcome.errcode
            pause = _settle(session, delivery, message, contact, one.way, outcome, now=now)
            if pause is not None:
                later[contact.id] = TryLater(pause)
        if (rules := delivery.rules) is not None:
            taken = [one for one in messages.values() if one.state == "sent"]
            if ruled := [one for one in taken if one.purpose in rules.purposes]:
                rules.sent(session, ruled, now=now)
        session.flush()
        waiting = session.scalars(
            select(OutboxMessage.contact_id)
            .where(
                OutboxMessage.contact_id.in_(contacts.keys() - later.keys()),
                OutboxMessage.state.in_(("queued", "sending")),
            )
            .distinct()
        ).all()
    return later, list(waiting)


def _settle(
    session: Session,
    delivery: Delivery,
    message: OutboxMessage,
    contact: Contact,
    way: Way,
    outcome: _Outcome,
    *,
    now: datetime,
) -> timedelta | None:
    """The message's state after one call; how long to wait before it is tried again."""

    def end(state: str, reason: str | None = None) -> None:
        message.state, message.reason, message.settled_at = state, reason, now
        if state == "sent":
            message.channel = way.channel
        else:
            delivery.hand_over(session, message)

    if outcome.errcode == 0:
        end("sent")
        return None
    if not outcome.sent and way.window is not None:
        windows.give_back(contact, way.window)
    if outcome.errcode == UNREACHED:
        if outcome.sent and message.purpose not in REPEATABLE:
            end("unsure", "no_answer")
            return None
        message.state = "queued"
        return _backoff(_tries(session, message))
    if outcome.errcode == UNSAFE:
        end("failed", "unsafe")
        return None
    meaning = meaning_of(outcome.errcode)
    log.warning(
        "send_refused", errcode=outcome.errcode, meaning=meaning.meaning, message=message.id
    )
    match meaning.action:
        case Action.ALREADY_SENT:
            end("sent")
        case Action.RETRY | Action.REFRESH_TOKEN:
            message.state = "queued"
            return _backoff(_tries(session, message))
        case Action.SLOW_DOWN | Action.ALARM:
            # An administrator may mend the cause; the message waits as long as it is wanted.
            message.state = "queued"
            return _backoff(_tries(session, message)) + timedelta(minutes=1)
        case Action.OTHER_CHANNEL | Action.CONSENT_MISSING:
            _close(session, contact, message, way, now=now)
            message.state = "queued"
        case Action.STOP_FOR_PERSON:
            contact.subscribed = False
            end("failed", "unreachable")
        case _:
            end("failed", "refused")
    return None


def _close(
    session: Session, contact: Contact, message: OutboxMessage, way: Way, *, now: datetime
) -> None:
    """The platform refused this way for now: believe it and not our count."""
    if way.window is not None:
        windows.close(contact)
    elif way.channel == "subscription":
        consents.none_left(
            session,
            contact_id=contact.id,
            template_id=way.template_id,
            source_key=f"outbox:{message.id}:refused",
            now=now,
        )


def _attempts(
    session: Session, messages: Sequence[OutboxMessage]
) -> dict[int, list[tuple[str, int | None]]]:
    """Channel and errcode of what was tried before, by message."""
    if not messages:
        return {}
    found: dict[int, list[tuple[str, int | None]]] = {}
    for message_id, channel, errcode in session.execute(
        select(SendAttempt.outbox_message_id, SendAttempt.channel, SendAttempt.errcode).where(
            SendAttempt.outbox_message_id.in_([one.id for one in messages])
        )
    ):
        found.setdefault(message_id, []).append((channel, errcode))
    return found


def _tries(session: Session, message: OutboxMessage) -> int:
    return (
        session.scalar(select(func.count()).where(SendAttempt.outbox_message_id == message.id)) or 0
    )


def _backoff(tries: int) -> timedelta:
    """Doubling from half a second to two minutes, spread so that retries do not meet."""
    seconds = min(0.5 * 2**tries, 120)
    return timedelta(seconds=seconds * random.uniform(0.7, 1.3))  # noqa: S311 - no secret


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
