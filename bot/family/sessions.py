"""Signed-in phones: a random token in a cookie, its hash in the database.

A token that we did not give out is never adopted; every sign-in makes a new one.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from bot.casework.people import OPENID_PLACE, contact_of
from bot.delivery.models import Contact
from bot.family.models import FamilySession
from bot.privacy.fields import blind_index
from bot.settings import Settings

LIFETIME = timedelta(hours=12)
"""WeChat signs somebody in again without a question, so a session need not be long."""
_TOKEN_BYTES = 32
_LONGEST_TOKEN = 200


@dataclass(frozen=True)
class Visitor:
    """Who is behind a request: one WeChat account, which may be bound to no case at all."""

    contact_id: int

    @property
    def by(self) -> str:
        """The actor as actions and the audit log name it."""
        return f"contact:{self.contact_id}"


def cookie_name(settings: Settings) -> str:
    """Name of the sign-in cookie. ``__Host-`` pins it to this host and to https."""
    return "jingkang_family" if settings.development else "__Host-jingkang_family"


def start(session: Session, *, openid: str, now: datetime) -> str:
    """Sign a phone in; returns the token for its cookie.

    Somebody who has never written to the account becomes a contact that cannot be written to.
    """
    index = blind_index(openid, place=OPENID_PLACE)
    known = session.scalar(select(Contact.id).where(Contact.openid_index == index)) is not None
    contact = contact_of(session, openid=openid, now=now)
    if not known:
        contact.subscribed = False
    _forget_ended(session, now=now)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        FamilySession(
            token_hash=_hash(token),
            contact_id=contact.id,
            created_at=now,
            ends_at=now + LIFETIME,
        )
    )
    return token


def find(session: Session, *, token: str, now: datetime) -> Visitor | None:
    """Who holds this token, as long as it is good."""
    if len(token) > _LONGEST_TOKEN:
        return None
    contact_id = session.scalar(
        select(FamilySession.contact_id).where(
            FamilySession.token_hash == _hash(token),
            FamilySession.revoked_at.is_(None),
            FamilySession.ends_at > now,
        )
    )
    return None if contact_id is None else Visitor(contact_id)


def end(session: Session, *, token: str, now: datetime) -> None:
    """Sign one phone out."""
    session.execute(
        update(FamilySession)
        .where(FamilySession.token_hash == _hash(token), FamilySession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def _forget_ended(session: Session, *, now: datetime) -> None:
    past = now - timedelta(days=1)
    session.execute(
        delete(FamilySession).where(
            or_(FamilySession.ends_at < past, FamilySession.revoked_at < past)
        )
    )


def _hash(token: str) -> bytes:
    # The token is random and long: a plain hash cannot be searched backwards.
    return hashlib.sha256(token.encode(errors="replace")).digest()
