"""Contacts: the WeChat accounts that talk to the bot."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.delivery.models import Contact
from bot.privacy.fields import blind_index

OPENID_PLACE = "contact.openid"


def contact_of(session: Session, *, openid: str, now: datetime, locked: bool = False) -> Contact:
    """The contact of an openid, made when it is new; ``locked`` until the transaction ends."""
    index = blind_index(openid, place=OPENID_PLACE)
    wanted = select(Contact).where(Contact.openid_index == index)
    if locked:
        # Rows that refer to the contact may still be written by others.
        wanted = wanted.with_for_update(key_share=True)
    found = session.scalar(wanted)
    if found is not None:
        return found
    session.execute(
        insert(Contact)
        .values(
            openid=openid,
            openid_index=index,
            conversation_id=uuid.uuid4(),
            subscribed=True,
            first_seen_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Contact.openid_index])
    )
    return session.scalars(wanted).one()
