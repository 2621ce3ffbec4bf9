"""Slows down the guessing of passwords, without letting anybody lock somebody else out.

Attempts are counted per account *and* address, so that failures elsewhere do not close the
account to its owner. A colleague in the same office shares the address: therefore a browser
that has signed in before carries a signed mark, and its attempts are counted by that mark alone.
Attempts over many names from one address are counted too, again without touching marked
browsers.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from bot.console.models import SignInFailure
from bot.privacy.fields import blind_index

PERIOD = timedelta(minutes=15)
PER_ACCOUNT = 8
"""Failures of one account from one address, or from one known browser, in `PERIOD`."""
PER_ADDRESS = 60
"""Failures of all accounts from one address in `PERIOD`."""
_PLACE = "sign_in_failure.key"


@dataclass(frozen=True)
class Attempt:
    """A recorded attempt: a failure until `succeeded` says otherwise."""

    rows: tuple[int, ...]
    keys: tuple[bytes, ...]


def begin(
    session: Session, *, username: str, address: str, browser: str | None, now: datetime
) -> Attempt | None:
    """Record an attempt before the password is looked at; None when there were too many.

    ``browser`` is the mark of a browser that has signed in as this account before
    (`browser_of`). Attempts at the same time are counted one after the other.
    """
    counted = [
        (blind_index(name, place=_PLACE), limit)
        for name, limit in _names(username, address, browser)
    ]
    for key, limit in counted:
        session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key.hex()}
        )
        failures = session.scalar(
            select(func.count()).where(SignInFailure.key == key, SignInFailure.at > now - PERIOD)
        )
        if (failures or 0) >= limit:
            return None
    rows = [SignInFailure(key=key, at=now) for key, _ in counted]
    session.add_all(rows)
    session.flush()
    return Attempt(tuple(row.id for row in rows), tuple(key for key, _ in counted))


def succeeded(session: Session, attempt: Attempt) -> None:
    """The password was right: the attempt was none, and the account's count begins anew."""
    session.execute(delete(SignInFailure).where(SignInFailure.id.in_(attempt.rows)))
    session.execute(delete(SignInFailure).where(SignInFailure.key == attempt.keys[0]))


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete failures that count no more."""
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - PERIOD))


def new_mark(username: str, *, secret: bytes) -> str:
    """A mark for a browser that has just signed in."""
    name = secrets.token_urlsafe(12)
    return f"{name}.{_signature(name, username, secret)}"


def browser_of(mark: str | None, username: str, *, secret: bytes) -> str | None:
    """The browser that a mark names, or None when it is not ours or of another account."""
    name, _, signature = (mark or "").partition(".")
    if not name or not signature.isascii():
        return None
    if not hmac.compare_digest(signature, _signature(name, username, secret)):
        return None
    return name


def _names(username: str, address: str, browser: str | None) -> list[tuple[str, int]]:
    if browser is not None:
        return [(f"browser\0{browser}", PER_ACCOUNT)]
    network = _network(address)
    return [
        (f"account\0{username}\0{network}", PER_ACCOUNT),
        (f"address\0{network}", PER_ADDRESS),
    ]


def _network(address: str) -> str:
    """The address; of IPv6 the half that belongs to one line."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return parsed.packed[:8].hex()
    return str(parsed)


def _signature(name: str, username: str, secret: bytes) -> str:
    return hmac.new(secret, f"{name}\0{username}".encode(), hashlib.sha256).hexdigest()
