"""The durable inbox: what was answered 200 is in here first, once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.casework.people import contact_of
from bot.delivery import outbox, windows
from bot.delivery.models import Contact
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
    """Store one push, or find it stored already, and try to lease its contact."""
    contact = contact_of(session, openid=push.person, now=now)
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
    session.flush()
    return Accepted(
        message_id=message_id,
        contact_id=contact.id,
        repeated=False,
        done=False,
        lease=take_lease(session, contact_id=contact.id, now=now),
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
        lease=None if done else take_lease(session, contact_id=found.contact_id, now=now),
        passive_text=outbox.passive_text(session, message_id=found.id) if done else None,
    )


def take_lease(session: Session, *, contact_id: int, now: datetime) -> uuid.UUID | None:
    """Lease a contact for this worker, unless somebody else holds it."""
    token = uuid.uuid4()
    taken = session.execute(
        update(Contact)
        .where(
            Contact.id == contact_id,
            or_(Contact.lease_until.is_(None), Contact.lease_until < now),
        )
        .values(lease_token=token, lease_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )
    return token if taken.rowcount else None  # type: ignore[attr-defined]


def give_back(session: Session, *, contact_id: int, lease: uuid.UUID) -> None:
    """End a lease without working on it."""
    session.execute(
        update(Contact)
        .where(Contact.id == contact_id, Contact.lease_token == lease)
        .values(lease_token=None, lease_until=None)
    )


def next_message(
    session: Session, *, contact_id: int, lease: uuid.UUID, now: datetime
) -> InboxMessage | None:
    """The contact's oldest unfinished message, with the lease renewed; or the lease ended.

    The contact's row stays locked until the transaction ends, so that a push arriving now
    either is seen here or finds the lease free.
    """
    contact = session.get(Contact, contact_id, with_for_update=True, populate_existing=True)
    if contact is None or contact.lease_token != lease:
        return None
    message = session.scalar(
        select(InboxMessage)
        .where(InboxMessage.contact_id == contact_id, InboxMessage.state == "received")
        .order_by(InboxMessage.id)
        .limit(1)
    )
    if message is None:
        contact.lease_token = contact.lease_until = None
    else:
        contact.lease_until = now + LEASE
    return message


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
