"""Stand-ins for tests: a token store in memory, and pushes as the platform makes them."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bot.wechat.crypto import CallbackCrypto, CallbackQuery, Opened, sign
from bot.wechat.markup import read
from bot.wechat.tokens import TokenSlot, TokenState


class MemoryTokenStore:
    """A `TokenStore` for the threads of one process."""

    def __init__(self) -> None:
        self._states: dict[str, TokenState] = defaultdict(TokenState)
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def read(self, app_id: str) -> TokenState:
        return self._states[app_id]

    @contextmanager
    def exclusive(self, app_id: str, *, wait: bool) -> Iterator[TokenSlot | None]:
        lock = self._locks[app_id]
        if not lock.acquire(blocking=wait):
            yield None
            return
        try:
            yield _MemorySlot(self._states, app_id)
        finally:
            lock.release()


class _MemorySlot:
    def __init__(self, states: dict[str, TokenState], app_id: str) -> None:
        self._states = states
        self._app_id = app_id
        self.state = states[app_id]

    def save(self, state: TokenState) -> None:
        self.state = self._states[self._app_id] = state


def signed_query(*, token: str, now: datetime, nonce: str, **extra: str) -> CallbackQuery:
    """The query of an unencrypted push or of the address check."""
    timestamp = str(int(now.timestamp()))
    return CallbackQuery(
        signature=sign(token, timestamp, nonce), timestamp=timestamp, nonce=nonce, **extra
    )


def sealed_push(
    message: str, *, token: str, app_id: str, aes_key: str, now: datetime, nonce: str
) -> tuple[str, CallbackQuery]:
    """Body and query of ``message`` as the platform pushes it in 安全 mode."""
    crypto = CallbackCrypto(token=token, app_id=app_id, aes_keys=[aes_key])
    # Both directions seal alike; only the envelope differs.
    sealed = crypto.seal(message, Opened(b"", "", "", key=0), now=now, nonce=nonce)
    _, fields = read(sealed.encode())
    body = f"<xml><Encrypt><![CDATA[{fields.raw('Encrypt')}]]></Encrypt></xml>"
    query = signed_query(
        token=token,
        now=now,
        nonce=nonce,
        encrypt_type="aes",
        msg_signature=fields.text("MsgSignature"),
    )
    return body, query
