"""A crowd of families with a plan each, written straight into the tables, and the processes that
remind them: for the benchmark of reminders and for the test that kills at the full hour."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil
import psycopg

from bot.care.content import Content
from bot.care.recurrence import Schedule
from bot.clock import LOCAL
from bot.db import embedded
from bot.emulator.client import EmulatorClient
from bot.installation import database_url, migrate_installation, open_installation
from bot.privacy.fields import blind_index, keyring
from bot.settings import Settings
from tests.system import ROOT, free_ports, wait_until


class Morning:
    """An installation without its web side and Rasa: emulator, worker and scheduler."""

    PROCESSES = ("emulator", "worker", "scheduler")

    def __init__(self, data_dir: Path) -> None:
        (port,) = free_ports(1)
        self.settings = Settings(data_dir=data_dir, emulator_port=port, _env_file=None)
        url = database_url(self.settings)
        migrate_installation(self.settings, url)
        self.installation = open_installation(self.settings, url=url, pool_size=4)
        self.url = embedded.url_of(embedded.start(data_dir), "jingkang")
        self.phones = EmulatorClient(self.settings.emulator_origin)
        self._log = (data_dir / "processes.log").open("ab")
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start the processes; the emulator answers when this returns."""
        for name in self.PROCESSES:
            self._start(name)
        try:
            wait_until(self._emulator_answers, seconds=120, what="the emulator answers")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for one in self._running.values():
            one.terminate()
        for one in self._running.values():
            one.wait(60)
        self.phones.close()
        self._log.close()
        self.installation.close()

    def kill(self, name: str) -> None:
        """``kill -9`` one process; another takes its place at once."""
        self._running[name].kill()
        self._running[name].wait()
        self._start(name)

    def processes(self) -> dict[str, psutil.Process]:
        return {name: psutil.Process(one.pid) for name, one in self._running.items()}

    def row(self, query: str, values: Sequence[object] = ()) -> tuple[float, ...]:
        """The first row of a query on the application's database."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute(query.encode(), values or None).fetchone()
            assert row is not None
            return tuple(row)

    def _start(self, name: str) -> None:
        self._running[name] = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", name],
            cwd=ROOT,
            env={key: value for key, value in os.environ.items() if "JINGKANG_" not in key}
            | {
                "JINGKANG_DATA_DIR": str(self.settings.data_dir),
                "JINGKANG_EMULATOR_PORT": str(self.settings.emulator_port),
            },
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def _emulator_answers(self) -> bool:
        with suppress(httpx.TransportError):
            self.phones.state()
            return True
        return False


def coming_minute(*, seconds_left: float) -> datetime:
    """The first full minute that is at least so far away: plans are ordered by the minute."""
    moment = datetime.now(UTC) + timedelta(seconds=seconds_left + 60)
    return moment.replace(second=0, microsecond=0)


def write_plans(
    url: str, count: int, *, due_at: datetime | None = None, openids: Sequence[str] = ()
) -> None:
    """Add patients with one daily plan each; all due at ``due_at``, or spread over the hours
    after the next twenty. ``openids``: their contacts, who can be written to; else nobody's.

    The keys of the installation must be open.
    """
    moment = due_at or datetime.now(UTC) + timedelta(hours=20)
    schedule = Schedule(
        (moment.astimezone(LOCAL).strftime("%H:%M"),), "daily", datetime.now(LOCAL).date()
    )
    seal = keyring.cipher
    called = seal.seal("妈妈", place="patient.called")
    content = seal.seal_json(
        Content(drug="奥氮平", dose="1片").to_json(), place="plan_version.content"
    )
    nobody = seal.seal("nobody", place="contact.openid")
    with psycopg.connect(url) as connection:
        with connection.cursor().copy(
            "COPY contact (openid, openid_index, conversation_id, subscribed, first_seen_at,"
            " message_window_at) FROM STDIN (FORMAT binary)"
        ) as copy:
            copy.set_types(["bytea", "bytea", "uuid", "bool", "timestamptz", "timestamptz"])
            now = datetime.now(UTC)
            for number in range(count):
                if openids:
                    openid = openids[number]
                    sealed = seal.seal(openid, place="contact.openid")
                    index = blind_index(openid, place="contact.openid")
                else:
                    sealed, index = nobody, secrets.token_bytes(16)
                copy.write_row((sealed, index, uuid.uuid4(), True, now, now))
        connection.execute(
            "INSERT INTO patient (called, reminded_contact_id, created_at, anchors)"
            " SELECT %s, id, now(), '{}' FROM contact"
            " WHERE NOT EXISTS (SELECT FROM patient WHERE reminded_contact_id = contact.id)"
            " ORDER BY id",
            (called,),
        )
        connection.execute(
            "INSERT INTO plan (source_key, patient_id, kind, next_due, created_at, created_by)"
            " SELECT 'crowd:' || id, id, 'medication',"
            " %s + CASE WHEN %s THEN interval '0' ELSE random() * interval '3 hours' END,"
            " now(), 'system:crowd' FROM patient"
            " WHERE NOT EXISTS (SELECT FROM plan WHERE patient_id = patient.id) ORDER BY id",
            (moment, due_at is not None),
        )
        connection.execute(
            "INSERT INTO plan_version (plan_id, number, schedule, content, starts_at,"
            " created_at, created_by)"
            " SELECT id, 1, %s, %s, now() - interval '1 day', now(), 'system:crowd' FROM plan"
            " WHERE NOT EXISTS (SELECT FROM plan_version WHERE plan_id = plan.id)",
            (json.dumps(schedule.to_json() | {"timed": True}), content),
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE contact, patient, plan, plan_version")
