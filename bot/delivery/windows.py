"""Reply windows of the platform: how many messages a contact may still be sent.

Source: the platform's page "Customer Service Messages": 5 messages in 48 hours after the person
wrote; 3 in one minute after a menu click, a follow or a scan (a tap on a message menu counts as
a menu click). Whether both add up is not documented; they are counted apart here, and the
platform's own refusal closes a window at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.delivery.models import Contact

MESSAGE_WINDOW = timedelta(hours=48)
MESSAGE_LIMIT = 5
EVENT_WINDOW = timedelta(minutes=1)
EVENT_LIMIT = 3
# Kept free before the end, for the clock's difference and the way to the platform.
MARGIN = timedelta(seconds=5)

Window = Literal["message", "event"]


@dataclass(frozen=True)
class Allowance:
    """What may still be sent: ``left`` messages until ``until`` (None: nothing is open)."""

    left: int
    until: datetime | None


def person_wrote(contact: Contact, *, now: datetime) -> None:
    """Open the window that a message of the person opens."""
    contact.message_window_at, contact.message_window_used = now, 0


def person_acted(contact: Contact, *, now: datetime) -> None:
    """Open the short window of a menu click, a follow, a scan or a tapped message menu."""
    contact.event_window_at, contact.event_window_used = now, 0


def allowance(contact: Contact, *, now: datetime) -> Allowance:
    """What customer-service messages the platform still takes for this contact."""
    message = _left(contact.message_window_at, contact.message_window_used, MESSAGE_LIMIT)
    event = _left(contact.event_window_at, contact.event_window_used, EVENT_LIMIT)
    ends = []
    if message and (end := _end(contact.message_window_at, MESSAGE_WINDOW)) > now:
        ends.append((end, message))
    if event and (end := _end(contact.event_window_at, EVENT_WINDOW)) > now:
        ends.append((end, event))
    return Allowance(sum(left for _, left in ends), max(end for end, _ in ends) if ends else None)


def use_one(contact: Contact, *, now: datetime) -> Window | None:
    """Count one message against the window that ends first; None when none is open."""
    if (
        _left(contact.event_window_at, contact.event_window_used, EVENT_LIMIT)
        and _end(contact.event_window_at, EVENT_WINDOW) > now
    ):
        contact.event_window_used += 1
        return "event"
    if (
        _left(contact.message_window_at, contact.message_window_used, MESSAGE_LIMIT)
        and _end(contact.message_window_at, MESSAGE_WINDOW) > now
    ):
        contact.message_window_used += 1
        return "message"
    return None


def give_back(contact: Contact, window: Window) -> None:
    """The message surely did not go out: it does not count."""
    if window == "event":
        contact.event_window_used = max(0, contact.event_window_used - 1)
    else:
        contact.message_window_used = max(0, contact.message_window_used - 1)


def close(contact: Contact) -> None:
    """The platform refused: believe it and not the count."""
    contact.message_window_used = MESSAGE_LIMIT
    contact.event_window_used = EVENT_LIMIT


def _left(opened: datetime | None, used: int, limit: int) -> int:
    return max(0, limit - used) if opened else 0


def _end(opened: datetime | None, length: timedelta) -> datetime:
    assert opened is not None
    return opened + length - MARGIN
