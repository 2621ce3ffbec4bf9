"""An emulator in a process of its own, to be killed: `serving.py PORT CALLBACK DATA_PATH`."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.emulator.run import run
from bot.emulator.settings import EmulatorSettings

if __name__ == "__main__":
    port, callback_url, data_path = sys.argv[1:]
    run(
        EmulatorSettings(
            app_id="wx0000000000000000",
            app_secret="0" * 32,
            token="a-test-token",
            aes_key="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
            callback_url=callback_url,
            mode="plain",
            data_path=Path(data_path),
        ),
        port=int(port),
    )
