"""A backup comes back whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.backup import BackupFailed, backup, restore
from bot.casework.people import contact_of
from bot.db import embedded
from bot.installation import Installation, open_installation
from tests.conftest import MovableClock


@pytest.fixture
def empty_database(server: embedded.Server) -> Iterator[Callable[[], str]]:
    """A database with nothing in it."""
    made: list[str] = []

    def make() -> str:
        name = f"restored_{len(made)}"
        with psycopg.connect(embedded.url_of(server), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        made.append(name)
        return embedded.url_of(server, name)

    yield make
    with psycopg.connect(embedded.url_of(server), autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_everything_is_there_on_another_machine(
    installation: Installation,
    empty_database: Callable[[], str],
    clock: MovableClock,
    tmp_path: Path,
) -> None:
    with installation.database.transaction() as session:
        contact_of(session, openid="o-1", now=clock())
    file = tmp_path / "today.backup"
    assert backup(installation.database.url, file) == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0
    assert b"o-1" not in file.read_bytes()
    with pytest.raises(BackupFailed, match="never overwrites"):
        backup(installation.database.url, file)

    url = empty_database()
    restore(url, file)
    restored = open_installation(installation.settings, url=url, clock=clock)
    with restored.database.transaction() as session:
        assert contact_of(session, openid="o-1", now=clock()).openid == "o-1"
    restored.close()
    with pytest.raises(BackupFailed, match="not empty"):
        restore(url, file)


def test_a_broken_file_restores_nothing(
    installation: Installation, empty_database: Callable[[], str], tmp_path: Path
) -> None:
    file = tmp_path / "today.backup"
    backup(installation.database.url, file)
    broken = tmp_path / "half.backup"
    broken.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    url = empty_database()
    for path in (broken, tmp_path / "missing.backup"):
        with pytest.raises(BackupFailed):
            restore(url, path)
    restore(url, file)  # still empty


def test_where_nothing_can_be_written(installation: Installation, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="cannot be written"):
        backup(installation.database.url, tmp_path / "no" / "folder" / "today.backup")
