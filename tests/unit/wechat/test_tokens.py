"""The access token: one refresh for all, early, and calm when the platform has trouble."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.wechat.failures import PlatformRefused, PlatformUnreachable, TokenUnavailable
from bot.wechat.testing import MemoryTokenStore
from bot.wechat.tokens import FetchedToken, TokenKeeper, TokenState
from tests.unit.wechat.conftest import APP_ID, Clock


class Platform:
    """Gives tokens as stable_token does: the same one until five minutes before its end."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.life = timedelta(hours=2)
        self.early = timedelta(minutes=5)
        self.number = 0
        self.ends = clock.now
        self.calls: list[bool] = []
        self.failure: Exception | None = None
        self.gate: threading.Event | None = None
        self.entered = threading.Event()

    def __call__(self, force: bool) -> FetchedToken:
        self.calls.append(force)
        self.entered.set()
        if self.gate is not None:
            assert self.gate.wait(10)
        if self.failure is not None:
            raise self.failure
        now = self.clock.now
        if force or self.ends - now <= self.early:
            self.number += 1
            self.ends = now + self.life
        return FetchedToken(f"token-{self.number}", int((self.ends - now).total_seconds()))


@pytest.fixture
def platform(clock: Clock) -> Platform:
    return Platform(clock)


@pytest.fixture
def process(clock: Clock, platform: Platform) -> Callable[[], TokenKeeper]:
    """Keepers as of several processes: one store, separate memories."""
    store = MemoryTokenStore()
    return lambda: TokenKeeper(app_id=APP_ID, store=store, fetch=platform, clock=clock)


class SlowToSee(MemoryTokenStore):
    """Eight processes see that there is no good token before the first of them does anything."""

    def __init__(self) -> None:
        super().__init__()
        self.barrier = threading.Barrier(8)

    def read(self, app_id: str) -> TokenState:
        state = super().read(app_id)
        self.barrier.wait(10)
        return state


def test_eight_cold_processes_fetch_one_token(platform: Platform, clock: Clock) -> None:
    store = SlowToSee()
    keepers = [
        TokenKeeper(app_id=APP_ID, store=store, fetch=platform, clock=clock) for _ in range(8)
    ]
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda keeper: keeper.token(), keepers))
        assert tokens == ["token-1"] * 8
        assert platform.calls == [False]
        # The same when all are refused the token they share.
        platform.ends = clock.now
        tokens = list(pool.map(lambda keeper: keeper.token(rejected="token-1"), keepers))
    assert tokens == ["token-2"] * 8
    assert platform.calls == [False, False]


def test_is_refreshed_five_minutes_early(
    process: Callable[[], TokenKeeper], platform: Platform, clock: Clock
) -> None:
    keeper = process()
    keeper.token()
    clock.pass_by(hours=1, minutes=54)
    assert keeper.token() == "token-1"
    assert len(platform.calls) == 1
    clock.pass_by(minutes=1)
    assert keeper.token() == "token-2"
    assert process().token() == "token-2"
    assert len(platform.calls) == 2


def test_nobody_waits_for_an_early_refresh(
    process: Callable[[], TokenKeeper], platform: Platform, clock: Clock
) -> None:
    refreshing, other = process(), process()
    refreshing.token()
    other.token()
    clock.pass_by(hours=1, minutes=56)
    platform.gate = threading.Event()
    platform.entered.clear()
    with ThreadPoolExecutor(1) as pool:
        refresh = pool.submit(refreshing.token)
        assert platform.entered.wait(10)
        assert other.token() == "token-1"  # another process
        assert refreshing.token() == "token-1"  # another thread of the same
        platform.gate.set()
        assert refresh.result(10) == "token-2"
    assert other.token() == "token-2"


def test_a_refused_token_does_not_throw_away_the_fresh_one_of_another(
    process: Callable[[], TokenKeeper], platform: Platform, clock: Clock
) -> None:
    first, second = process(), process()
    old = first.token()
    second.token()
    clock.pass_by(minutes=11)
    platform.ends = clock.now  # the platform drops token-1
    assert first.token(rejected=old) == "token-2"
    assert second.token(rejected=old) == "token-2"
    assert len(platform.calls) == 2


def test_a_token_refused_although_the_platform_stands_by_it_is_forced_once(
    process: Callable[[], TokenKeeper], platform: Platform, clock: Clock
) -> None:
    keeper = process()
    old = keeper.token()
    clock.pass_by(minutes=11)
    assert keeper.token(rejected=old) == "token-2"
    assert platform.calls == [False, False, True]
    # Soon after a change it is not forced again: 20 times a day are allowed.
    clock.pass_by(minutes=1)
    with pytest.raises(TokenUnavailable):
        keeper.token(rejected="token-2")
    assert platform.calls == [False, False, True, False]
    with pytest.raises(TokenUnavailable):
        keeper.token(rejected="token-2")
    assert len(platform.calls) == 4


def test_trouble_is_met_with_growing_pauses_shared_by_all(
    process: Callable[[], TokenKeeper], platform: Platform, clock: Clock
) -> None:
    platform.failure = PlatformRefused(40164, "invalid ip, not in whitelist rid: 1-2", call="x")
    pauses = []
    for _ in range(10):
        with pytest.raises(TokenUnavailable) as caught:
            process().token()
        assert caught.value.sent is False
        assert caught.value.errcode == 40164
        assert caught.value.retry_at is not None
        pauses.append((caught.value.retry_at - clock.now).total_seconds())
        asked = len(platform.calls)
        with pytest.raises(TokenUnavailable):
            process().token()
        assert len(platform.calls) == asked  # not asked again before retry_at
        clock.now = caught.value.retry_at
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 120, 120, 120]
    platform.failure = None
    assert process().token() == "token-1"


def test_a_failing_early_refresh_leaves_the_token_in_use(
    process: Callable[[], TokenKeeper], platform: Platform, clock: Clock
) -> None:
    keeper = process()
    keeper.token()
    clock.pass_by(hours=1, minutes=56)
    platform.failure = PlatformUnreachable("ReadTimeout", call="x", sent=None)
    assert keeper.token() == "token-1"
    assert keeper.token() == "token-1"
    assert len(platform.calls) == 2
    clock.pass_by(minutes=4)
    with pytest.raises(TokenUnavailable):
        keeper.token()


def test_a_platform_that_gives_the_same_token_early_is_not_asked_all_the_time(
    process: Callable[[], TokenKeeper], platform: Platform, clock: Clock
) -> None:
    platform.early = timedelta(minutes=4, seconds=45)
    keeper = process()
    keeper.token()
    clock.pass_by(hours=1, minutes=55)
    for _ in range(5):
        assert keeper.token() == process().token() == "token-1"
    assert len(platform.calls) == 2
    clock.pass_by(seconds=20)
    assert keeper.token() == "token-2"


def test_short_lived_tokens(
    process: Callable[[], TokenKeeper], platform: Platform, clock: Clock
) -> None:
    platform.life = timedelta(seconds=30)
    keeper = process()
    for _ in range(6):
        keeper.token()
        clock.pass_by(seconds=15)
    assert platform.number >= 3


def test_a_token_in_its_last_seconds_is_not_used(clock: Clock) -> None:
    state = TokenState("token", clock.now + timedelta(seconds=10))
    assert not state.usable(clock.now)
    assert state.usable(clock.now - timedelta(seconds=1))
    assert not TokenState().usable(clock.now)
