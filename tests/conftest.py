"""What the tests share: one PostgreSQL for the run, a fresh database for each test, no sockets
to anything but this machine."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.db import embedded
from bot.db.migrate import create_database
from bot.installation import Installation, migrate_installation, open_installation
from bot.settings import Settings

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")
_numbers = itertools.count(1)


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Iterator[None]:
    """A connection to anywhere else is a mistake, and fails at once."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test connects to {address}")
        connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> embedded.Server:
    """The embedded PostgreSQL of this run."""
    started = embedded.start(tmp_path_factory.mktemp("postgres"))  # it stops with this process
    with psycopg.connect(embedded.url_of(started), autocommit=True) as connection:
        # Nothing of these databases has to outlive the machine.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return started


@pytest.fixture(scope="session")
def template(server: embedded.Server, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose migrated database is the template of every test's own."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("installation"), _env_file=None)
    create_database(embedded.url_of(server), "template_jingkang")
    url = embedded.url_of(server, "template_jingkang")
    migrate_installation(settings, url)
    return settings


@pytest.fixture
def database_url(server: embedded.Server, template: Settings) -> Iterator[str]:
    """A fresh, migrated database."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(embedded.url_of(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_jingkang")
        yield embedded.url_of(server, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def clock() -> MovableClock:
    """Starts on a Monday morning in Shanghai."""
    return MovableClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))


@pytest.fixture
def installation(
    database_url: str, template: Settings, clock: MovableClock, tmp_path: Path
) -> Iterator[Installation]:
    """An opened installation on a fresh database, its clock standing still."""
    settings = Settings(data_dir=tmp_path, _env_file=None)
    # The keys are the template's: its index key was made with them.
    (tmp_path / "development-secrets.json").write_bytes(
        (template.data_dir / "development-secrets.json").read_bytes()
    )
    opened = open_installation(settings, url=database_url, clock=clock)
    yield opened
    opened.close()
