"""``jingkang up``: every process of the installation, kept running.

A process that dies is started again, after a pause that grows while it keeps dying. The embedded
database is watched in the same way. SIGTERM ends everything in order; should this process itself
be killed, the kernel ends its children (Linux), so that a new `up` finds the ports free.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import structlog

log = structlog.get_logger()

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
"""Seconds of life after which a process counts as healthy and its pause is forgotten."""
STOP_WITHIN = 15.0
KEEP_LOG = 20 * 1024 * 1024


@dataclass
class Service:
    """One kind of process: its name and its command."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = field(default=0.0)
    restarts: int = 0


class Supervisor:
    """Keeps services and the database running until `stop`."""

    def __init__(
        self,
        services: list[Service],
        *,
        environment: dict[str, str],
        log_dir: Path,
        watch: Callable[[], None] = lambda: None,
    ) -> None:
        self._services = services
        self._environment = environment
        self._log_dir = log_dir
        self._watch = watch
        self._stopping = threading.Event()

    def run(self, *, on_tick: Callable[[], None] = lambda: None) -> None:
        """Supervise until `stop`; then end every process."""
        self._log_dir.mkdir(parents=True, exist_ok=True)
        try:
            while not self._stopping.wait(0.2):
                self._watch()
                for service in self._services:
                    self._tend(service)
                on_tick()
        finally:
            self._end_all()

    def stop(self) -> None:
        self._stopping.set()

    def _tend(self, service: Service) -> None:
        now = time.monotonic()
        if service.process is not None:
            code = service.process.poll()
            if code is None:
                return
            if now - service.started > STEADY_AFTER:
                service.pause = FIRST_PAUSE
            log.warning(
                "process_ended", process=service.name, code=code, again_in=round(service.pause, 1)
            )
            service.process = None
            service.due = now + service.pause
            service.pause = min(service.pause * 2, LONGEST_PAUSE)
            service.restarts += 1
        if now >= service.due:
            service.process = self._start(service)
            service.started = now

    def _start(self, service: Service) -> subprocess.Popen[bytes]:
        with self._log_file(service.name) as output:
            return subprocess.Popen(  # noqa: S603 - our own command line
                service.command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl+C reaches this process alone, which then ends them in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads hold locks it needs
            )

    def _log_file(self, name: str) -> IO[bytes]:
        path = self._log_dir / f"{name}.log"
        if path.exists() and path.stat().st_size > KEEP_LOG:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def _end_all(self) -> None:
        running = [s.process for s in self._services if s.process and s.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_WITHIN
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _die_with_parent() -> None:
    """Linux: ask the kernel for SIGTERM when the supervisor dies, and for no orphan's life."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
        if os.getppid() == 1:
            os._exit(1)
