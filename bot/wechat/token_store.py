"""The token store of an installation: one row, and PostgreSQL's advisory lock around a refresh."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as SATimeoutError

from bot.wechat.failures import TokenUnavailable
from bot.wechat.models import WechatToken
from bot.wechat.tokens import TokenSlot, TokenState

_ROW = WechatToken.__table__.c
_COLUMNS = ("access_token", "expires_at", "refreshed_at", "failures", "retry_at", "errcode")


class PostgresTokenStore:
    """A `TokenStore` in table ``wechat_token``.

    The lock is held for the length of one call to the platform and belongs to its transaction, so
    PostgreSQL releases it when the process that held it dies.
    """

    def __init__(self, engine: Engine, *, lock_timeout_seconds: int = 30) -> None:
        self._engine = engine
        self._lock_timeout = f"{lock_timeout_seconds}s"

    def read(self, app_id: str) -> TokenState:
        with _database_trouble_told(), self._engine.connect() as connection:
            return _read(connection, app_id)

    @contextmanager
    def exclusive(self, app_id: str, *, wait: bool) -> Iterator[TokenSlot | None]:
        key = _lock_key(app_id)
        with _database_trouble_told(), self._engine.begin() as connection:
            if wait:
                connection.execute(
                    text("SELECT set_config('lock_timeout', :value, true)"),
                    {"value": self._lock_timeout},
                )
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
            elif not connection.scalar(
                text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": key}
            ):
                yield None
                return
            yield _Slot(connection, app_id)


class _Slot:
    def __init__(self, connection: Connection, app_id: str) -> None:
        self._connection = connection
        self._app_id = app_id
        self.state = _read(connection, app_id)

    def save(self, state: TokenState) -> None:
        values = {name: getattr(state, name) for name in _COLUMNS}
        statement = insert(WechatToken).values(app_id=self._app_id, **values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["app_id"], set_=values)
        )
        self.state = state


@contextmanager
def _database_trouble_told() -> Iterator[None]:
    """A database that is away, or a lock waited for too long, is "no token now"."""
    try:
        yield
    except (OperationalError, SATimeoutError):
        raise TokenUnavailable("the token store cannot be reached") from None


def _read(connection: Connection, app_id: str) -> TokenState:
    columns = [_ROW[name] for name in _COLUMNS]
    row = connection.execute(select(*columns).where(_ROW.app_id == app_id)).one_or_none()
    return TokenState() if row is None else TokenState(*row)


def _lock_key(app_id: str) -> int:
    """A 64-bit number of our own for this account's lock."""
    digest = hashlib.sha256(f"wechat_token:{app_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
