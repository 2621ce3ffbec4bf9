"""Pushes whose HTTP request is still open: who may carry the passive reply."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass

REMEMBERED = 256
"""Settled messages that nobody waited for: their request may only just be about to wait."""


@dataclass
class _Waiter:
    """One open request. It may leave until its reply is being written; then it stays."""

    future: asyncio.Future[str | None]
    claimed: bool = False
    left: bool = False


class WaitingRoom:
    """Open requests by message. Waiting belongs to one event loop; `claim` may come from a thread.

    The platform repeats a push after five seconds: the repetition waits beside the first and
    carries the reply when the first has given up.
    """

    def __init__(self) -> None:
        self._waiters: dict[int, list[_Waiter]] = {}
        self._settled_alone: deque[int] = deque(maxlen=REMEMBERED)
        # Between "the time is up" and "a reply is being written for you" there is no third.
        self._lock = threading.Lock()

    async def wait(self, message_id: int, *, seconds: float) -> str | None:
        """The passive reply of a message, or None when it did not come in time.

        Once a worker has claimed this request for the reply, it waits on until the reply is
        stored: it would be lost otherwise.
        """
        waiter = _Waiter(asyncio.get_running_loop().create_future())
        with self._lock:
            if message_id in self._settled_alone:
                return None
            self._waiters.setdefault(message_id, []).append(waiter)
        try:
            await asyncio.wait([waiter.future], timeout=seconds)
            with self._lock:
                waiter.left = not waiter.claimed
            if waiter.left and not waiter.future.done():
                return None
            return await waiter.future
        finally:
            with self._lock:
                waiters = self._waiters[message_id]
                waiters.remove(waiter)
                if not waiters:
                    del self._waiters[message_id]

    def claim(self, message_id: int) -> bool:
        """Reserve an open request for the reply about to be stored; False when none is open."""
        with self._lock:
            for waiter in reversed(self._waiters.get(message_id, [])):
                if not waiter.left:
                    waiter.claimed = True
                    return True
        return False

    def settle(self, message_id: int, text: str | None) -> None:
        """Hand the stored reply to every open request of the message."""
        with self._lock:
            waiters = list(self._waiters.get(message_id, []))
            if not waiters:
                self._settled_alone.append(message_id)
        for waiter in waiters:
            if not waiter.future.done():
                waiter.future.set_result(text)
