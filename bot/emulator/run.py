"""Serving the emulator."""

from __future__ import annotations

from dataclasses import replace

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.emulator.api.gateway import DROP
from bot.emulator.app import create_app
from bot.emulator.settings import EmulatorSettings


class _DroppingProtocol(HttpToolsProtocol):
    """Lets a fault cut the connection: an application has no other way to say nothing at all."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {DROP: self.transport.abort}  # type: ignore[dict-item]


def run(settings: EmulatorSettings, host: str = "127.0.0.1", port: int = 8001) -> None:
    """Serve until SIGINT or SIGTERM. One process: the state is in its memory."""
    server(settings, host, port).run()


def server(settings: EmulatorSettings, host: str = "127.0.0.1", port: int = 8001) -> uvicorn.Server:
    """What `run` serves with, for whoever wants to stop it by hand."""
    if not settings.public_url:
        settings = replace(settings, public_url=f"http://{host}:{port}")
    return uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            host=host,
            port=port,
            http=_DroppingProtocol,
            access_log=False,
            log_level="warning",
            # Long polls of open phone pages must not hold up the end of the process.
            timeout_graceful_shutdown=2,
        )
    )
