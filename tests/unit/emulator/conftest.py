from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from bot.emulator.api.call import Answer, Call, Upload
from bot.emulator.emulator import Emulator
from bot.emulator.model import Person
from bot.emulator.settings import EmulatorSettings

APP_ID = "wx0000000000000000"
SECRET = "0" * 32
AES_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def emulator(clock: Clock) -> Iterator[Emulator]:
    made = Emulator(
        EmulatorSettings(
            app_id=APP_ID,
            app_secret=SECRET,
            token="a-test-token",
            aes_key=AES_KEY,
            callback_url="http://127.0.0.1:9/never",
            clock=clock,
        )
    )
    yield made
    made.store.close()


@pytest.fixture
def person(emulator: Emulator, clock: Clock) -> Person:
    """A follower who has not said anything yet."""
    made = Person("oPERSON", "测试甲", following=True, followed_at=clock().timestamp())
    emulator.store.commit(made)
    return made


Asking = Callable[..., Answer]


@pytest.fixture
def ask(emulator: Emulator) -> Asking:
    """Ask an interface as the gateway would, without HTTP and without an access token."""

    def asking(
        interface: Callable[[Call], Answer],
        body: Any = None,
        *,
        raw: bytes | None = None,
        upload: Upload | None = None,
        **query: str,
    ) -> Answer:
        content = raw if raw is not None else msgspec.json.encode(body) if body else b""
        return interface(Call(emulator, query, content, upload))

    return asking
