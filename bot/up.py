"""What `jingkang up` starts, and what it tells while it does."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time

import httpx

from bot.db import embedded
from bot.installation import database_url, migrate_installation
from bot.logs import configure
from bot.nlu import train
from bot.settings import Settings, SettingsError
from bot.supervisor import Service, Supervisor

WATCH_EVERY = 2.0


def run(settings: Settings) -> int:
    """Start everything and keep it running until SIGTERM or Ctrl+C."""
    configure()
    settings.secrets  # noqa: B018 - a missing one stops the start here
    _ports_must_be_free(settings)
    _say("数据库 / database …")
    url = database_url(settings)
    migrate_installation(settings, url)
    if train.needed(settings):
        _say("训练对话模型 / training the dialogue model (about a minute) …")
        if train.run(settings) != 0:
            raise SettingsError("The dialogue model could not be trained; see the lines above.")
    demo = _demo_login(settings, url) if settings.development else None
    services = [Service(name, [sys.executable, "-m", "bot.cli", name]) for name in _names(settings)]
    environment = os.environ | {
        "JINGKANG_DATABASE_URL": url,
        "JINGKANG_DATA_DIR": str(settings.data_dir),
    }
    supervisor = Supervisor(
        services,
        environment=environment,
        log_dir=settings.data_dir / "logs",
        watch=_DatabaseWatch(settings),
    )
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: supervisor.stop())
    _say("启动各进程 / starting the processes …")
    supervisor.run(on_tick=_Announcement(settings, demo))
    _say("已停止 / stopped.")
    return 0


def _names(settings: Settings) -> list[str]:
    names = ["web", "worker", "scheduler", "actions"]
    if not settings.rasa_url:
        names.append("rasa")
    if settings.development:
        names.append("emulator")
    return names


class _DatabaseWatch:
    """Starts the embedded database again when it died."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._due = 0.0

    def __call__(self) -> None:
        if self._settings.database_url or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + WATCH_EVERY
        embedded.revive(self._settings.data_dir)


class _Announcement:
    """Prints the addresses once everything answers."""

    def __init__(self, settings: Settings, demo: tuple[str, str] | None) -> None:
        self._settings = settings
        self._demo = demo
        self._started = time.monotonic()
        self._due = 0.0
        self._said = False
        self._last = ""

    def __call__(self) -> None:
        if self._said or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + 1.0
        waiting = self._waiting_for()
        if waiting:
            if waiting != self._last:
                _say(f"等待 / waiting for {waiting} …")
                self._last = waiting
            return
        self._said = True
        seconds = round(time.monotonic() - self._started)
        lines = [f"就绪 / ready after {seconds} s", ""]
        if self._settings.development:
            lines.append(f"  家属手机 (WeChat emulator)  {self._settings.emulator_origin}/")
        lines.append(f"  社工工作台 (console)         http://{_host(self._settings)}/console")
        if self._demo:
            lines.append(f"  演示账号 (demo login)        {self._demo[0]} / {self._demo[1]}")
        lines += ["", "  Ctrl+C 停止 / stops everything."]
        _say("\n".join(lines))

    def _waiting_for(self) -> str:
        with contextlib.suppress(httpx.HTTPError, ValueError):
            parts = httpx.get(
                f"http://{_host(self._settings)}/readyz", timeout=4, trust_env=False
            ).json()
            return ", ".join(part for part, state in parts.items() if state != "ok")
        return "web"


def _host(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return f"{host}:{settings.port}"


def _demo_login(settings: Settings, url: str) -> tuple[str, str]:
    """The demo's staff: only ever under the emulator."""
    from bot import demo
    from bot.installation import open_installation

    installation = open_installation(settings, url=url)
    try:
        return demo.ensure_staff(installation)
    finally:
        installation.close()


def _ports_must_be_free(settings: Settings) -> None:
    wanted = {"JINGKANG_PORT": settings.port, "JINGKANG_ACTIONS_PORT": settings.actions_port}
    if not settings.rasa_url:
        wanted["JINGKANG_RASA_PORT"] = settings.rasa_port
    if settings.development:
        wanted["JINGKANG_EMULATOR_PORT"] = settings.emulator_port
    for name, port in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise SettingsError(
                    f"Port {port} is in use, perhaps by another `make run`: "
                    f"stop that, or set {name} to a free one."
                ) from error


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command line speaks
