"""How long a family waits: callback → Rasa → action → database → passive reply, beside bare Rasa.

Bare Rasa is the same trained model with its own REST channel, an in-memory tracker store, and an
action server that does nothing.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from benchmarks import load
from benchmarks.pushes import Platform
from benchmarks.table import Row
from bot.rasa_process import ENVIRONMENT, rasa_environment
from tests.system import MODELS, ROOT, System, free_ports, wait_until

SENTENCES = ("到哪一步了", "你能帮我做什么", "谢谢你啊", "在吗", "你是真人吗")
MESSAGES = {1: 200, 20: 60}
"""Messages of each conversation, by how many conversations there are."""


def measure(system: System) -> Iterator[Row]:
    """Latency at 1 and 20 conversations, ours and bare Rasa's, and their ratio."""
    platform = Platform.of_installation(system.data_dir)
    with _bare_rasa() as bare:
        for conversations, messages in MESSAGES.items():
            texts = [SENTENCES[n % len(SENTENCES)] for n in range(messages)]
            ours = load.run(
                system.web_url,
                [
                    [platform.text(f"bench-{conversations}-{who}", text) for text in texts]
                    for who in range(conversations)
                ],
            )
            silent = sum(1 for body in ours.bodies if not platform.open_reply(body))
            theirs = load.run(
                bare,
                [
                    [_rest(f"bare-{conversations}-{who}", text) for text in texts]
                    for who in range(conversations)
                ],
            )
            name = f"{conversations} conversation(s)"
            yield Row(f"{name}: whole path p50", f"{ours.quantile(0.5):.0f} ms", "< 150 ms")
            yield Row(f"{name}: whole path p99", f"{ours.quantile(0.99):.0f} ms", "< 1500 ms")
            yield Row(f"{name}: not answered in the passive reply", f"{silent}", "0")
            yield Row(f"{name}: bare Rasa p50", f"{theirs.quantile(0.5):.0f} ms", "")
            yield Row(f"{name}: bare Rasa p99", f"{theirs.quantile(0.99):.0f} ms", "")
            ratio = ours.seconds / theirs.seconds
            yield Row(f"{name}: time a message, ours / bare Rasa", f"{ratio:.2f}", "≤ 1.3")


def _rest(sender: str, text: str) -> load.Post:
    body = json.dumps({"sender": sender, "message": text}).encode()
    return load.Post("/webhooks/rest/webhook", body, "application/json")


class _Idle(BaseHTTPRequestHandler):
    """An action server that does nothing."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b'{"events": [], "responses": [{"text": "ok"}]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def _bare_rasa() -> Iterator[str]:
    actions = ThreadingHTTPServer(("127.0.0.1", 0), _Idle)
    threading.Thread(target=actions.serve_forever, daemon=True).start()
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory() as folder:
        endpoints, credentials = Path(folder, "endpoints.yml"), Path(folder, "credentials.yml")
        address = f"http://127.0.0.1:{actions.server_address[1]}/webhook"
        endpoints.write_text(json.dumps({"action_endpoint": {"url": address}}))
        credentials.write_text(json.dumps({"rest": {}}))
        model = max(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
        process = subprocess.Popen(
            [
                str(ENVIRONMENT / "bin" / "python"),
                "-m",
                "bot.nlu.serve",
                *("--model", str(model), "--endpoints", str(endpoints)),
                *("--credentials", str(credentials), "--port", str(port)),
            ],
            env=rasa_environment() | {"JINGKANG_RASA_TOKEN": "bench"},
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            origin = f"http://127.0.0.1:{port}"
            wait_until(lambda: _answers(origin), seconds=120, what="bare Rasa")
            yield origin
        finally:
            process.terminate()
            process.wait(20)
            actions.shutdown()


def _answers(origin: str) -> bool:
    try:
        body = {"sender": "warm", "message": "你好"}
        answer = httpx.post(f"{origin}/webhooks/rest/webhook", json=body, timeout=30)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and bool(answer.json())
