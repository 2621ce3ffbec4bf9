"""A whole installation in processes of its own, as `make run` starts it, for tests."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
import psycopg

from bot.db import embedded
from bot.emulator.client import EmulatorClient

ROOT = Path(__file__).resolve().parent.parent
MODELS = Path(os.environ.get("JINGKANG_MODELS_DIR", ROOT / ".jingkang" / "models"))
START_WITHIN = 180.0

T = TypeVar("T")


def wait_until(condition: Callable[[], T | None], *, seconds: float, what: str) -> T:
    """The first true value of a condition; AssertionError when it never comes."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.05)  # between two looks at the condition


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class System:
    """One running installation."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        web, emulator, rasa, actions = free_ports(4)
        self.web_url = f"http://127.0.0.1:{web}"
        self.emulator_url = f"http://127.0.0.1:{emulator}"
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("JINGKANG_")
        } | {
            "JINGKANG_DATA_DIR": str(data_dir),
            "JINGKANG_MODELS_DIR": str(MODELS),
            "JINGKANG_PORT": str(web),
            "JINGKANG_EMULATOR_PORT": str(emulator),
            "JINGKANG_RASA_PORT": str(rasa),
            "JINGKANG_ACTIONS_PORT": str(actions),
            **settings,
        }
        self.output = data_dir / "up.log"
        self._up: subprocess.Popen[bytes] | None = None
        self._phones: EmulatorClient | None = None

    def start(self) -> None:
        """Start everything and wait until it is ready."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with self.output.open("ab") as output:
            self._up = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "up"],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            self.wait_ready()
        except BaseException:
            self._up.kill()  # its children end with it
            raise

    def wait_ready(self, seconds: float = START_WITHIN) -> None:
        wait_until(lambda: self.ready() or self._check_alive(), seconds=seconds, what="ready")

    def ready(self) -> bool:
        """Everything answers: callback, database, Rasa, emulator."""
        try:
            parts = httpx.get(f"{self.web_url}/readyz", timeout=15, trust_env=False)
            emulator = httpx.get(f"{self.emulator_url}/_emulator/state", trust_env=False)
        except httpx.HTTPError:
            return False
        states = parts.json()
        return emulator.is_success and all(state == "ok" for state in states.values())

    def _check_alive(self) -> None:
        assert self._up is not None
        if self._up.poll() is not None:
            raise AssertionError(f"up ended:\n{self.output.read_text()[-4000:]}")

    def stop(self) -> None:
        """End everything as a person would; asserts that it ends cleanly."""
        assert self._up is not None
        if self._phones is not None:
            self._phones.close()
        self._up.send_signal(signal.SIGTERM)
        assert self._up.wait(40) == 0, self.output.read_text()[-4000:]

    def processes(self, name: str | None = None) -> list[psutil.Process]:
        """The supervised processes, or those of one kind (``web``, ``worker``, …)."""
        assert self._up is not None
        try:
            children = psutil.Process(self._up.pid).children()
        except psutil.NoSuchProcess:
            return []
        found = []
        for child in children:
            try:
                command = child.cmdline()
            except psutil.Error:
                continue
            if not command:
                continue  # killed a moment ago and not yet reaped: it has no command any more
            if (
                name is None
                or command[-1] == name
                or (name == "rasa" and "bot.nlu.serve" in command)
            ):
                found.append(child)
        return found

    def kill(self, name: str) -> bool:
        """``kill -9`` the process of one kind; False when none runs just now."""
        for process in self.processes(name):
            process.kill()
            return True
        return False

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        """A look into the application's database."""
        server = embedded.start(self.data_dir)
        with psycopg.connect(embedded.url_of(server, "jingkang"), autocommit=True) as connection:
            yield connection

    def count(self, query: str) -> int:
        with self.database() as connection:
            row = connection.execute(query.encode()).fetchone()
            assert row is not None
            return int(row[0])

    def command(self, *arguments: str, stdin: str = "") -> str:
        """Run ``jingkang …`` on this installation; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", *arguments],
            env=self.environment,
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def cases(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.command("case", "list", "--json").splitlines()]

    def emulator(self) -> EmulatorClient:
        """The phones; one client, closed when the installation stops."""
        if self._phones is None:
            self._phones = EmulatorClient(self.emulator_url)
        return self._phones
