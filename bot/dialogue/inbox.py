"""The durable inbox: what was answered 200 is in here first, once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.casework.people import contact_of
from bot.delivery import outbox, windows
from bot.delivery.models import Contact, OutboxMessage
from bot.dialogue.models import InboxMessage
from bot.privacy.fields import blind_index
from bot.wechat import inbound

LEASE = timedelta(seconds=20)
"""Longer than any turn takes; after it, somebody else may go on with the contact's messages."""

_SHORT_WINDOW = (inbound.Subscribe, inbound.Scan, inbound.MenuClick, inbound.ScanCode)


@dataclass(frozen=True)
class Accepted:
    """A stored push. ``lease`` is ours when we are to work on the contact's messages."""

    message_id: int
    contact_id: int
    repeated: bool
    done: bool
    lease: uuid.UUID | None
    passive_text: str | None = None
    """What the first push of a repeated message was answered with."""


def accept(session: Session, *, push: inbound.AnyInbound, now: datetime) -> Accepted:
    """Store one push, or find it stored already, and lease its contact unless somebody has it.

    The contact stays locked until the transaction ends: what arrives meanwhile waits its turn.
    """
    contact = contact_of(session, openid=push.person, now=now, locked=True)
    message_id = session.scalar(
        insert(InboxMessage)
        .values(
            contact_id=contact.id,
            dedupe_key=blind_index(push.dedupe_key, place="inbox_message.dedupe_key"),
            kind=push.kind,
            payload=inbound.payload_of(push),
            received_at=now,
            state="received",
        )
        .on_conflict_do_nothing(index_elements=[InboxMessage.dedupe_key])
        .returning(InboxMessage.id)
    )
    if message_id is None:
        return _repeated(session, push, contact, now=now)
    if isinstance(push, _SHORT_WINDOW) or (isinstance(push, inbound.Text) and push.menu_choice):
        windows.person_acted(contact, now=now)
    elif not push.is_event:
        windows.person_wrote(contact, now=now)
    if not push.is_event or isinstance(push, inbound.MenuClick):
        contact.last_message_at = now
    return Accepted(
        message_id=message_id,
        contact_id=contact.id,
        repeated=False,
        done=False,
        lease=take_lease(contact, now=now),
    )


def _repeated(
    session: Session, push: inbound.AnyInbound, contact: Contact, *, now: datetime
) -> Accepted:
    key = blind_index(push.dedupe_key, place="inbox_message.dedupe_key")
    found = session.scalars(select(InboxMessage).where(InboxMessage.dedupe_key == key)).one()
    done = found.state != "received"
    return Accepted(
        message_id=found.id,
        contact_id=found.contact_id,
        repeated=True,
        done=done,
        # Whoever worked on it may have died: then this retry takes over.
        lease=None if done else take_lease(contact, now=now),
        passive_text=outbox.passive_text(session, message_id=found.id) if done else None,
    )


def locked_contact(session: Session, contact_id: int) -> Contact:
    """A contact, locked until the transaction ends."""
    return session.scalars(
        select(Contact)
        .where(Contact.id == contact_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def take_lease(contact: Contact, *, now: datetime) -> uuid.UUID | None:
    """Lease a locked contact for this worker, unless somebody else holds it."""
    if contact.lease_until is not None and contact.lease_until >= now:
        return None
    contact.lease_token, contact.lease_until = uuid.uuid4(), now + LEASE
    return contact.lease_token


def end_lease(contact: Contact) -> None:
    """Nobody works on this locked contact any more."""
    contact.lease_token = contact.lease_until = None


@dataclass(frozen=True)
class Stored:
    """A message to be worked on. ``composed``: how many replies to it were written before, in
    other transactions; ``replied``: some of them answer it, and not only for now."""

    message: InboxMessage
    composed: int
    replied: bool


def unfinished(session: Session, contact: Contact, *, limit: int) -> list[Stored]:
    """The oldest unfinished messages of a locked contact, in order."""
    return [
        Stored(*row)
        for row in session.execute(
            select(InboxMessage, _COMPOSED, _REPLIED)
            .where(InboxMessage.contact_id == contact.id, InboxMessage.state == "received")
            .order_by(InboxMessage.id)
            .limit(limit)
        )
    ]


def stored(session: Session, message_id: int) -> tuple[Stored, Contact]:
    """One message with its contact, both locked until the transaction ends."""
    row = session.execute(
        select(InboxMessage, _COMPOSED, _REPLIED, Contact)
        .join(Contact, Contact.id == InboxMessage.contact_id)
        .where(InboxMessage.id == message_id)
        .with_for_update(key_share=True, of=(InboxMessage, Contact))
        .execution_options(populate_existing=True)
    ).one()
    return Stored(*row[:3]), row[3]


_COMPOSED = (
    select(func.coalesce(func.max(OutboxMessage.seq) + 1, 0))
    .where(OutboxMessage.in_reply_to == InboxMessage.id)
    .correlate(InboxMessage)
    .scalar_subquery()
)
# A parked message was answered for now, before `done_at`; its real answer is still to come.
_REPLIED = (
    exists()
    .where(
        OutboxMessage.in_reply_to == InboxMessage.id,
        or_(InboxMessage.done_at.is_(None), OutboxMessage.created_at > InboxMessage.done_at),
    )
    .correlate(InboxMessage)
)


def abandoned(session: Session, *, now: datetime, limit: int = 50) -> list[int]:
    """Contacts with unfinished messages that nobody works on."""
    return list(
        session.scalars(
            select(InboxMessage.contact_id)
            .join(Contact, Contact.id == InboxMessage.contact_id)
            .where(
                InboxMessage.state == "received",
                or_(Contact.lease_until.is_(None), Contact.lease_until < now),
            )
            .distinct()
            .limit(limit)
        )
    )


def parked(session: Session, *, since: datetime, limit: int = 200) -> list[InboxMessage]:
    """Messages that wait to be understood, of contacts who may still want the answer."""
    return list(
        session.scalars(
            select(InboxMessage)
            .where(InboxMessage.state == "parked", InboxMessage.received_at >= since)
            .order_by(InboxMessage.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
