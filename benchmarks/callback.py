"""How many pushes a process takes: ours, stored before it is answered, beside WeRoBot's echo,
which keeps nothing. Both in AES mode, one server process each, the same load."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import httpx

from benchmarks import load
from benchmarks.pushes import Platform
from benchmarks.table import Row
from tests.system import ROOT, System, free_ports, wait_until

LANES = 20
MESSAGES = 100

_WEROBOT = """
import sys, werobot
token, key, app_id, port = sys.argv[1:]
robot = werobot.WeRoBot(token=token, encoding_aes_key=key, app_id=app_id, enable_session=False)
robot.handler(lambda message: message.content)
robot.config["HOST"], robot.config["PORT"] = "127.0.0.1", int(port)
from tornado.ioloop import IOLoop
from tornado.web import Application
from werobot.contrib.tornado import make_handler
Application([(r"/", make_handler(robot))]).listen(int(port), "127.0.0.1")
IOLoop.current().start()
"""


def measure(system: System) -> Iterator[Row]:
    """Shortcut replies (a bare number, answered without Rasa), and the peer's echo."""
    platform = Platform.of_installation(system.data_dir)
    ours = load.run(
        system.web_url,
        [[platform.text(f"rate-{lane}", "帮助") for _ in range(MESSAGES)] for lane in range(LANES)],
    )
    answered = sum(1 for body in ours.bodies if platform.open_reply(body))
    yield Row("shortcut replies, AES, stored", f"{ours.rate:.0f} a second", "")
    yield Row("… of them answered in the passive reply", f"{answered / len(ours.bodies):.1%}", "")
    (port,) = free_ports(1)
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _WEROBOT,
            platform.token,
            platform.aes_key,
            platform.app_id,
            str(port),
        ],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        origin = f"http://127.0.0.1:{port}"
        wait_until(lambda: _listens(origin), seconds=30, what="WeRoBot")
        theirs = load.run(
            origin,
            [
                [platform.text(f"rate-{lane}", "帮助", "/") for _ in range(MESSAGES)]
                for lane in range(LANES)
            ],
        )
    finally:
        process.terminate()
        process.wait(10)
    yield Row("WeRoBot echo, AES, in memory", f"{theirs.rate:.0f} a second", "")
    yield Row("throughput, ours / WeRoBot", f"{ours.rate / theirs.rate:.2f}", "≥ 1")


def _listens(origin: str) -> bool:
    try:
        httpx.get(origin, timeout=2)
    except httpx.HTTPError:
        return False
    return True
