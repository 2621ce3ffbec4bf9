"""A few lines of the platform on loopback: says what a test tells it to say, and remembers.

Not the emulator: it has no rules of its own but the token's.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Said:
    """An answer that is not plain JSON with status 200."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    hang: threading.Event | None = None
    """Answer only when this is set."""
    drop: bool = False
    """Close the connection after reading the request."""
    drip: bool = False
    """Send one byte at a time, for as long as the reader stays."""


@dataclass
class Heard:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def file(self) -> tuple[str | None, bytes]:
        """Name and content of the one uploaded part."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        part = next(iter(message.iter_parts()))
        return part.get_filename(), part.get_payload(decode=True)


class PlatformStub:
    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: dict[str, list[Any]] = defaultdict(list)
        self.tokens_issued = 0
        self.token_life = 7_200
        self.same_token = False
        self.lock = threading.Lock()
        self.origin = ""

    def answer(self, path: str, *answers: Any) -> None:
        """The next answers of ``path``; the last one is repeated."""
        self.answers[path] = list(answers)

    def calls(self, path: str) -> list[Heard]:
        with self.lock:
            return [heard for heard in self.heard if heard.path == path]

    def reply(self, heard: Heard) -> Any:
        with self.lock:
            self.heard.append(heard)
            answers = self.answers.get(heard.path)
            if answers:
                return answers.pop(0) if len(answers) > 1 else answers[0]
            if heard.path in ("/cgi-bin/stable_token", "/cgi-bin/gettoken"):
                if not (self.same_token and self.tokens_issued):
                    self.tokens_issued += 1
                token = f"token-{self.tokens_issued}"
                return {"access_token": token, "expires_in": self.token_life}
        return {"errcode": 0, "errmsg": "ok"}


@contextmanager
def running_stub() -> Iterator[PlatformStub]:
    stub = PlatformStub()
    stopping = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", 0))
            heard = Heard(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            said = stub.reply(heard)
            if not isinstance(said, Said):
                said = Said(json.dumps(said, ensure_ascii=False).encode())
            if said.hang is not None:
                said.hang.wait()
            if said.drop:
                self.close_connection = True
                return
            try:
                self.send_response(said.status)
                self.send_header("Content-Type", said.content_type)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(10**6 if said.drip else len(said.body)))
                self.end_headers()
                while said.drip and not stopping.wait(0.02):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                self.wfile.write(said.body)
            except OSError:
                self.close_connection = True  # the reader has gone

        do_GET = do_POST = handle_any  # noqa: N815 - names of http.server

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stub
    finally:
        stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
