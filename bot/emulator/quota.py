"""How many customer-service messages the account may send to a person, and until when.

Official page Customer_Service_Messages: a message of the person opens 5 for 48 hours; a click on a
menu (also on a message menu), following and scanning open 3 for one minute each. Payment is not
played.

Two things are documented nowhere. A new action of the same kind opens its window anew (an answer in
the platform's community says so). Whether windows of different kinds add up is unknown; here each
message counts against every open window, so a person who writes and then clicks can be sent
max(5, 3) and not 8: a bot that lives with this lives with either.
"""

from __future__ import annotations

from bot.emulator.errors import PlatformError
from bot.emulator.model import Person, Window, WindowKind

_HOURS_48 = 48 * 3600.0
_MINUTE = 60.0
WINDOWS: dict[WindowKind, tuple[int, float]] = {
    "message": (5, _HOURS_48),
    "click": (3, _MINUTE),
    "follow": (3, _MINUTE),
    "scan": (3, _MINUTE),
}


def open_window(person: Person, kind: WindowKind, now: float) -> None:
    left, seconds = WINDOWS[kind]
    person.windows = [w for w in open_windows(person, now) if w.kind != kind]
    person.windows.append(Window(kind, left, now + seconds))


def open_windows(person: Person, now: float) -> list[Window]:
    return [window for window in person.windows if window.until > now]


def take_one(person: Person, now: float) -> None:
    """Use one message of each open window. Raises PlatformError 45015 or 45047."""
    windows = open_windows(person, now)
    if not windows:
        raise PlatformError(45015)
    if not any(window.left for window in windows):
        raise PlatformError(45047)
    person.windows = windows
    for window in windows:
        window.left = max(0, window.left - 1)
