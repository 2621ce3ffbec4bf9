from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import httpx
import pytest

from bot.emulator.client import EmulatorClient
from bot.emulator.run import server
from bot.emulator.settings import EmulatorSettings

APP_ID = "wx0000000000000000"
SECRET = "0" * 32
TOKEN = "a-test-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
PATIENCE = 0.4


@dataclass
class Heard:
    """One request of the platform at the callback."""

    method: str
    query: dict[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        return {e.tag: e.text or "" for e in ElementTree.fromstring(self.body)}


Answer = bytes | str | int
"""A body, or an HTTP status without one."""


@dataclass
class FakeBot:
    """The smallest possible callback: it answers what the test says, and remembers."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    answer: Callable[[Heard], Answer] = lambda _: b""
    ended: threading.Event = field(default_factory=threading.Event)

    def replies(self, *answers: Answer | Callable[[Heard], Answer]) -> None:
        """Answer with these in turn; the last one for good."""
        left = list(answers)

        def answer(heard: Heard) -> Answer:
            now = left.pop(0) if len(left) > 1 else left[0]
            return now(heard) if callable(now) else now

        self.answer = answer

    def never(self, _: Heard) -> Answer:
        """Keep the platform waiting for as long as the test lasts."""
        self.ended.wait(30)
        return b""

    @property
    def fields(self) -> list[dict[str, str]]:
        return [heard.fields for heard in self.heard]


def passive(text: str, **changed: str) -> Callable[[Heard], Answer]:
    """A passive reply with this text to whoever wrote."""

    def answer(heard: Heard) -> Answer:
        fields = heard.fields
        parts = {
            "ToUserName": fields["FromUserName"],
            "FromUserName": fields["ToUserName"],
            "CreateTime": "1",
            "MsgType": "text",
            "Content": text,
        } | changed
        return "<xml>" + "".join(f"<{k}>{v}</{k}>" for k, v in parts.items()) + "</xml>"

    return answer


@pytest.fixture(scope="session")
def _listening() -> Iterator[FakeBot]:
    bot = FakeBot(url="")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            length = int(self.headers.get("content-length", 0))
            parts = urlsplit(self.path)
            heard = Heard(self.command, dict(parse_qsl(parts.query)), self.rfile.read(length))
            bot.heard.append(heard)
            answer = bot.answer(heard)
            body = b"" if isinstance(answer, int) else answer
            content = body.encode() if isinstance(body, str) else body
            try:
                self.send_response(answer if isinstance(answer, int) else 200)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True  # the platform lost its patience

        do_GET = do_POST = _handle  # noqa: N815 (names of http.server)

        def log_message(self, *_: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass

    listening = Quiet(("127.0.0.1", 0), Handler)
    bot.url = f"http://127.0.0.1:{listening.server_port}/wechat/callback"
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield bot
    listening.shutdown()
    listening.server_close()
    thread.join()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def _serving(_listening: FakeBot) -> Iterator[EmulatorClient]:
    port = free_port()
    serving = server(
        EmulatorSettings(
            app_id=APP_ID,
            app_secret=SECRET,
            token=TOKEN,
            aes_key=AES_KEY,
            callback_url=_listening.url,
            mode="plain",
            push_timeout=PATIENCE,
            retry_pause=0.05,
        ),
        port=port,
    )
    thread = threading.Thread(target=serving.run)
    thread.start()
    client = EmulatorClient(f"http://127.0.0.1:{port}")
    wait_until_served(client)
    yield client
    client.close()
    serving.should_exit = True
    thread.join()


def wait_until_served(client: EmulatorClient) -> None:
    for _ in range(200):
        try:
            client.state()
        except httpx.TransportError:
            threading.Event().wait(0.05)  # between two looks
        else:
            return
    raise AssertionError("the emulator does not answer")


@pytest.fixture
def bot(_listening: FakeBot) -> Iterator[FakeBot]:
    """The callback; answers with nothing until told otherwise."""
    _listening.answer = lambda _: b""
    _listening.ended = threading.Event()
    _listening.heard.clear()
    yield _listening
    _listening.ended.set()


@pytest.fixture
def phone(_serving: EmulatorClient, bot: FakeBot) -> EmulatorClient:
    """A freshly reset emulator in plain mode, which loses patience after PATIENCE seconds."""
    _serving.reset()
    bot.heard.clear()
    return _serving


@pytest.fixture
def person(phone: EmulatorClient) -> str:
    """The openid of a follower."""
    return phone.add_person("测试甲", following=True).openid


@dataclass
class Api:
    """Calls the platform's interfaces as a bot would."""

    base_url: str
    token: str = ""

    def get_token(self) -> str:
        answer = httpx.post(
            f"{self.base_url}/cgi-bin/stable_token",
            json={"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET},
            trust_env=False,
        ).json()
        self.token = answer["access_token"]
        return self.token

    def raw(self, path: str, body: Any = None, **query: str) -> httpx.Response:
        if not self.token:
            self.get_token()
        query.setdefault("access_token", self.token)
        method = "GET" if body is None else "POST"
        return httpx.request(
            method, f"{self.base_url}{path}", json=body, params=query, trust_env=False
        )

    def call(self, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.raw(path, body, **query).json()
        return answer

    def send_text(self, openid: str, text: str = "hello") -> dict[str, Any]:
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        return self.call("/cgi-bin/message/custom/send", body)


@pytest.fixture
def api(phone: EmulatorClient) -> Api:
    return Api(phone.base_url)
