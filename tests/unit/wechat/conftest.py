"""Fixtures of the tests of the WeChat platform's wrapper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.wechat.client import PlatformClient
from bot.wechat.testing import MemoryTokenStore
from tests.unit.wechat.platform_stub import PlatformStub, running_stub

APP_ID = "wx0000000000000000"
SECRET = "not-a-real-secret"
OPENID = "oTest-000000000000000000-jia"


class Clock:
    """The present, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stub() -> Iterator[PlatformStub]:
    with running_stub() as stub:
        yield stub


@pytest.fixture
def new_client(stub: PlatformStub, clock: Clock) -> Callable[..., PlatformClient]:
    """Clients of the stub; they share one token store unless given another."""
    shared = MemoryTokenStore()

    def make(store: MemoryTokenStore = shared, timeout: float = 5.0) -> PlatformClient:
        return PlatformClient(
            APP_ID, SECRET, api_base=stub.origin, token_store=store, clock=clock, timeout=timeout
        )

    return make


@pytest.fixture
def client(new_client: Callable[..., PlatformClient]) -> PlatformClient:
    return new_client()
