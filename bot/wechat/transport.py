"""One HTTP call to a platform: bounded in time and size, and honest about what is known after it.

Every call goes to one origin. What `requests` raises never leaves this module, because its texts
hold the address with the access token in it.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from bot.wechat.failures import PlatformRefused, PlatformUnreachable

MAX_JSON = 4 * 2**20
MAX_MEDIA = 32 * 2**20

_LONGEST_CONNECT = 5.0
_CHUNK = 2**16
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer with status 200."""

    body: bytes = field(repr=False)
    content_type: str
    disposition: str


class Transport:
    """Calls one origin (scheme, host, port). Threads may share it.

    ``timeout``: seconds for the whole answer after connecting; connecting takes at most 5 of its
    own. Redirects are not followed: the platform sends none, and they would carry the token away.
    """

    def __init__(self, origin: str, *, timeout: float) -> None:
        parts = urlsplit(origin)
        path = parts.path not in ("", "/") or parts.query or parts.fragment
        if parts.scheme not in ("http", "https") or not parts.hostname or path:
            raise ValueError("the platform's origin is scheme, host and port, without a path")
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.host = parts.hostname
        self._timeout = timeout
        self._per_thread = threading.local()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        files: Mapping[str, Any] | None = None,
        limit: int = MAX_JSON,
    ) -> Answer:
        """Raises `PlatformUnreachable` for anything but a complete answer with status 200."""
        call = path.strip("/")
        headers = {"Content-Type": "application/json; charset=utf-8"} if body else None
        try:
            with self._session().request(
                method,
                f"{self.origin}/{call}",
                params=params,
                data=body,
                files=files,
                headers=headers,
                timeout=(min(self._timeout, _LONGEST_CONNECT), self._timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.status_code != 200:
                    reason = f"status {response.status_code}"
                    raise PlatformUnreachable(reason, call=call, sent=None)
                content = self._content(response, call, limit)
                return Answer(
                    content,
                    response.headers.get("Content-Type", ""),
                    response.headers.get("Content-Disposition", ""),
                )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            sent = False if _before_sending(error) else None
            reason = type(error).__name__
        # Raised outside the handler: the cause's text must not travel along.
        raise PlatformUnreachable(reason, call=call, sent=sent)

    def _content(self, response: requests.Response, call: str, limit: int) -> bytes:
        # Sockets time out between bytes; a server that drips them needs a deadline of our own.
        deadline = time.monotonic() + self._timeout
        content = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            content += chunk
            if len(content) > limit:
                raise PlatformUnreachable("the answer is too large", call=call, sent=None)
            if time.monotonic() > deadline:
                raise PlatformUnreachable("the answer took too long", call=call, sent=None)
        return bytes(content)

    def _session(self) -> requests.Session:
        # A session is not promised to be safe between threads.
        session: requests.Session | None = getattr(self._per_thread, "session", None)
        if session is None:
            session = requests.Session()
            if self.host in _LOOPBACK:
                session.trust_env = False  # the emulator is not behind the office's proxy
            self._per_thread.session = session
        return session


def result_of(answer: Answer, call: str) -> dict[str, Any]:
    """The JSON object of an answer without an errcode.

    Raises `PlatformRefused` for an errcode, `PlatformUnreachable` for anything but a JSON object:
    a page of a proxy or a login portal also has status 200.
    """
    try:
        # strict=False: menus and names come back with raw control characters in them.
        result = json.loads(answer.body.decode("utf-8", "replace"), strict=False)
        code = int(result.get("errcode", 0)) if isinstance(result, dict) else None
    except (ValueError, TypeError, OverflowError, RecursionError):
        code = None
    if code is None:
        raise PlatformUnreachable("the answer is not the JSON expected", call=call, sent=None)
    if code != 0:
        raise PlatformRefused(code, str(result.get("errmsg", "")), call=call)
    return dict(result)


def _before_sending(error: BaseException) -> bool:
    """Whether the connection never came about, so that nothing can have arrived."""
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.InvalidURL)):
        return True
    seen: set[int] = set()
    stack: list[object] = [error]
    while stack:
        cause = stack.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        if isinstance(
            cause,
            (
                urllib3.exceptions.NewConnectionError,
                urllib3.exceptions.ConnectTimeoutError,
                ssl.SSLCertVerificationError,
                ConnectionRefusedError,
            ),
        ):
            return True
        stack += [*cause.args, getattr(cause, "reason", None), cause.__cause__]
    return False
