"""The access token: fetched once for all processes, early, and never thrown away while it is good.

Source: 获取稳定版接口调用凭据 (stable_token). In its normal mode a repeated call returns the same
token until five minutes before it ends, so a refresh by two processes does no harm there; we still
let one do it, because each call counts against a quota and a failing one would be made by all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.wechat.failures import PlatformFailure, TokenUnavailable

EARLY = timedelta(minutes=5)
"""A token is refreshed this long before it ends; the platform begins to hand out the next then."""

_LAST_MOMENT = timedelta(seconds=10)
"""With less than this left a token may end on its way to the platform."""

_PAUSE_EARLY = timedelta(seconds=20)
"""Between early refreshes: the platform's five minutes may begin a little later than ours."""

_PAUSE_FORCED = timedelta(minutes=10)
"""Between forced refreshes, of which the platform allows 20 a day."""

_LONGEST_PAUSE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class TokenState:
    """What is known of one account's token. Times are aware."""

    access_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    refreshed_at: datetime | None = None
    """When this token was first fetched."""
    failures: int = 0
    retry_at: datetime | None = None
    errcode: int | None = None

    def usable(self, now: datetime) -> bool:
        return (
            self.access_token is not None
            and self.expires_at is not None
            and self.expires_at - now > _LAST_MOMENT
        )

    def fresh(self, now: datetime) -> bool:
        """Usable, and not yet worth asking for another."""
        if not self.usable(now) or self.expires_at is None:
            return False
        if self.retry_at is not None and now < self.retry_at:
            return True
        return self.expires_at - now > EARLY


class TokenSlot(Protocol):
    """The state of one account's token while nobody else can change it."""

    state: TokenState

    def save(self, state: TokenState) -> None: ...


class TokenStore(Protocol):
    """Where all processes keep the tokens.

    A store that cannot be reached raises `TokenUnavailable`.
    """

    def read(self, app_id: str) -> TokenState: ...

    def exclusive(self, app_id: str, *, wait: bool) -> AbstractContextManager[TokenSlot | None]:
        """Hold the one right to refresh this account's token, across processes.

        What `TokenSlot.save` wrote is visible to others when the block ends. None where ``wait``
        is false and somebody else holds it.
        """


@dataclass(frozen=True, slots=True)
class FetchedToken:
    access_token: str = field(repr=False)
    expires_in: int
    """Seconds."""


Fetch = Callable[[bool], FetchedToken]
"""Asks the platform for a token; True forces a new one. Raises `PlatformFailure`."""


class TokenKeeper:
    """One account's token in one process; threads share it."""

    def __init__(
        self, *, app_id: str, store: TokenStore, fetch: Fetch, clock: Callable[[], datetime]
    ) -> None:
        self._app_id = app_id
        self._store = store
        self._fetch = fetch
        self._clock = clock
        self._mutex = threading.Lock()
        self._cached = TokenState()

    def token(self, *, rejected: str | None = None) -> str:
        """A token to call with.

        ``rejected`` is a token that the platform just refused: another one is returned, or
        `TokenUnavailable` raised, never the same. Raises `TokenUnavailable` also where there is
        none and the platform gives none now; it is not asked again before ``retry_at``.
        """
        now = self._clock()
        cached = self._cached
        if _good(cached, rejected, now) and cached.access_token:
            return cached.access_token
        # One thread of this process at a time, and nobody waits while the old token still serves.
        serves = cached.usable(now) and cached.access_token != rejected
        if not self._mutex.acquire(blocking=not serves):
            return cached.access_token or ""
        try:
            return self._shared(rejected)
        finally:
            self._mutex.release()

    def _shared(self, rejected: str | None) -> str:
        now = self._clock()
        state = self._store.read(self._app_id)
        if not _good(state, rejected, now):
            must_wait = not state.usable(now) or state.access_token == rejected
            with self._store.exclusive(self._app_id, wait=must_wait) as slot:
                if slot is not None:
                    state = self._refreshed(slot, rejected)
        if state.access_token is None or state.access_token == rejected:
            raise _unavailable(state)
        if not state.usable(self._clock()):
            raise _unavailable(state)
        self._cached = state
        return state.access_token

    def _refreshed(self, slot: TokenSlot, rejected: str | None) -> TokenState:
        """The state after a refresh, or after seeing that none is needed or allowed now."""
        now = self._clock()
        state = slot.state
        if _good(state, rejected, now):  # another process was faster
            return state
        if state.retry_at is not None and now < state.retry_at:
            return state
        try:
            fetched = self._fetch(False)
            if fetched.access_token == rejected and _may_force(state, now):
                fetched = self._fetch(True)
        except PlatformFailure as failure:
            state = _failed(state, failure.code, self._clock())
        else:
            if fetched.access_token == rejected:
                state = _failed(state, None, self._clock())
            else:
                state = _renewed(state, fetched, now)
        slot.save(state)
        return state


def _good(state: TokenState, rejected: str | None, now: datetime) -> bool:
    return state.fresh(now) and state.access_token != rejected


def _may_force(state: TokenState, now: datetime) -> bool:
    return state.refreshed_at is None or now - state.refreshed_at >= _PAUSE_FORCED


def _renewed(state: TokenState, fetched: FetchedToken, now: datetime) -> TokenState:
    expires_at = now + timedelta(seconds=fetched.expires_in)
    if fetched.access_token == state.access_token:
        # The platform's five minutes have not begun yet: it gave us what we have.
        return TokenState(
            state.access_token, expires_at, state.refreshed_at, retry_at=now + _PAUSE_EARLY
        )
    return TokenState(fetched.access_token, expires_at, refreshed_at=now)


def _failed(state: TokenState, errcode: int | None, now: datetime) -> TokenState:
    pause = min(timedelta(seconds=2 ** min(state.failures, 10)), _LONGEST_PAUSE)
    return replace(state, failures=state.failures + 1, retry_at=now + pause, errcode=errcode)


def _unavailable(state: TokenState) -> TokenUnavailable:
    return TokenUnavailable(errcode=state.errcode, retry_at=state.retry_at)
