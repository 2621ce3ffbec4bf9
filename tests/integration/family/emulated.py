"""An emulator beside an installation's pages, in a thread of the test."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bot.emulator.client import EmulatorClient
from bot.emulator.run import server
from bot.emulator.settings import EmulatorSettings
from bot.installation import Installation


@contextmanager
def serving(installation: Installation) -> Iterator[EmulatorClient]:
    """The platform of this installation's account; nothing is pushed anywhere."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    secrets = installation.secrets
    running = server(
        EmulatorSettings(
            app_id=secrets.app_id,
            app_secret=secrets.app_secret,
            token=secrets.token,
            aes_key=secrets.aes_keys[0],
            callback_url=f"http://127.0.0.1:{port}/nowhere",
        ),
        port=port,
    )
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        assert thread.is_alive(), "the emulator did not start"
        time.sleep(0.01)  # between two looks at the condition
    client = EmulatorClient(f"http://127.0.0.1:{port}")
    try:
        yield client
    finally:
        client.close()
        running.should_exit = True
        thread.join(10)
