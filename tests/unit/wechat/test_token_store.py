"""The token store on a real PostgreSQL, shared by real processes."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, text

from bot.db.embedded import start, url_of
from bot.db.engine import sqlalchemy_url
from bot.wechat.failures import TokenUnavailable
from bot.wechat.models import WechatToken
from bot.wechat.token_store import PostgresTokenStore
from bot.wechat.tokens import TokenState
from tests.unit.wechat.platform_stub import PlatformStub, Said

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return url_of(start(tmp_path_factory.mktemp("data")))  # ends with this process


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[Engine]:
    engine = create_engine(sqlalchemy_url(url))
    WechatToken.metadata.create_all(engine, tables=[WechatToken.__table__])
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> PostgresTokenStore:
    return PostgresTokenStore(engine, lock_timeout_seconds=1)


@pytest.fixture
def app_id() -> str:
    return f"wx{next(_numbers):016d}"


def test_keeps_the_whole_state(store: PostgresTokenStore, app_id: str) -> None:
    assert store.read(app_id) == TokenState()
    state = TokenState(
        "t" * 512, NOW + timedelta(hours=2), NOW, 3, NOW + timedelta(seconds=8), 40164
    )
    for saved in (state, replace(state, access_token=None, errcode=None)):
        with store.exclusive(app_id, wait=True) as slot:
            assert slot is not None
            slot.save(saved)
            assert slot.state == saved
        assert store.read(app_id) == saved
    assert store.read("another") == TokenState()


def test_one_at_a_time(store: PostgresTokenStore, app_id: str) -> None:
    with store.exclusive(app_id, wait=True) as first:
        assert first is not None
        with store.exclusive(app_id, wait=False) as second:
            assert second is None
        with store.exclusive("another", wait=False) as other:
            assert other is not None
        with (
            pytest.raises(TokenUnavailable) as caught,
            store.exclusive(app_id, wait=True),
        ):
            pytest.fail("two hold the right to refresh")
        assert caught.value.sent is False
    with store.exclusive(app_id, wait=False) as slot:
        assert slot is not None


def test_who_waited_sees_what_was_saved(store: PostgresTokenStore, app_id: str) -> None:
    entered = threading.Event()
    seen: list[str | None] = []

    def wait() -> None:
        entered.set()
        with store.exclusive(app_id, wait=True) as slot:
            assert slot is not None
            seen.append(slot.state.access_token)

    with store.exclusive(app_id, wait=True) as slot:
        assert slot is not None
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert entered.wait(5)
        slot.save(TokenState("new", NOW))
    waiting.join()
    assert seen == ["new"]


def test_an_exception_saves_nothing_and_gives_the_right_back(
    store: PostgresTokenStore, app_id: str
) -> None:
    def save_and_fail() -> None:
        with store.exclusive(app_id, wait=True) as slot:
            assert slot is not None
            slot.save(TokenState("lost", NOW))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save_and_fail()
    assert store.read(app_id) == TokenState()
    with store.exclusive(app_id, wait=False) as slot:
        assert slot is not None


def test_a_database_that_is_away_means_no_token(app_id: str) -> None:
    engine = create_engine("postgresql+psycopg://127.0.0.1:1/none?connect_timeout=2")
    store = PostgresTokenStore(engine)
    with pytest.raises(TokenUnavailable):
        store.read(app_id)
    with pytest.raises(TokenUnavailable), store.exclusive(app_id, wait=True):
        pytest.fail("there is no database")


@pytest.fixture
def process(url: str, stub: PlatformStub, app_id: str) -> Iterator[Callable[[], subprocess.Popen]]:
    started: list[subprocess.Popen] = []

    def run() -> subprocess.Popen:
        command = [sys.executable, "-m", "tests.unit.wechat.token_process"]
        process = subprocess.Popen(
            [*command, url, stub.origin, app_id], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield run
    for one in started:
        one.kill()
        one.communicate()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_four_cold_processes_fetch_one_token(
    process: Callable[[], subprocess.Popen], engine: Engine, stub: PlatformStub
) -> None:
    processes = [process() for _ in range(4)]
    tokens = [one.communicate(timeout=60)[0].strip() for one in processes]
    assert tokens == ["token-1"] * 4
    assert stub.tokens_issued == 1


def test_the_right_to_refresh_of_a_killed_process_passes_on(
    process: Callable[[], subprocess.Popen], engine: Engine, stub: PlatformStub
) -> None:
    never = threading.Event()
    path = "/cgi-bin/stable_token"
    stub.answer(path, Said(hang=never), {"access_token": "token-b", "expires_in": 7200})
    first = process()
    until(lambda: stub.calls(path))  # it holds the right and waits for the platform
    second = process()
    with engine.connect() as connection:
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype='advisory' AND NOT granted")
        until(lambda: connection.scalar(waiting) == 1)
    first.kill()
    assert second.communicate(timeout=60)[0].strip() == "token-b"
    never.set()
