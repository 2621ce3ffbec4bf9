"""A small HTTP load generator: keep-alive connections, one request at a time on each.

Raw sockets, so that the client takes little of the machine that it shares with the server.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Result:
    """Times of all requests in seconds, and how long everything took."""

    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.times) / self.seconds

    def quantile(self, share: float) -> float:
        """The time that ``share`` of the requests did not exceed, in milliseconds."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


@dataclass(frozen=True)
class Post:
    """One request: path with query, body."""

    path: str
    body: bytes
    content_type: str = "text/xml"
    headers: tuple[tuple[str, str], ...] = ()


def run(origin: str, lanes: Sequence[Sequence[Post]]) -> Result:
    """Send every lane over its own connection, all lanes at once."""
    return asyncio.run(_run(origin, lanes))


async def _run(origin: str, lanes: Sequence[Sequence[Post]]) -> Result:
    result = Result()
    started = time.perf_counter()
    await asyncio.gather(*(_lane(origin, lane, result) for lane in lanes))
    result.seconds = time.perf_counter() - started
    return result


async def _lane(origin: str, posts: Sequence[Post], result: Result) -> None:
    parts = urlsplit(origin)
    assert parts.hostname is not None
    connection = await asyncio.open_connection(parts.hostname, parts.port)
    for post in posts:
        request = b"".join(_request(parts.netloc, post))
        started = time.perf_counter()
        if connection[0].at_eof() or connection[1].is_closing():
            connection = await asyncio.open_connection(parts.hostname, parts.port)
        connection[1].write(request)
        status, body, keep = await _response(connection[0])
        result.times.append(time.perf_counter() - started)
        result.statuses[status] = result.statuses.get(status, 0) + 1
        result.bodies.append(body)
        if not keep:
            connection[1].close()
            connection = await asyncio.open_connection(parts.hostname, parts.port)
    connection[1].close()


def _request(host: str, post: Post) -> Iterator[bytes]:
    yield f"POST {post.path} HTTP/1.1\r\nHost: {host}\r\n".encode()
    yield f"Content-Type: {post.content_type}\r\nContent-Length: {len(post.body)}\r\n".encode()
    for name, value in post.headers:
        yield f"{name}: {value}\r\n".encode()
    yield b"\r\n" + post.body


async def _response(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ", 2)[1])
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines[1:] if line)
    }
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    version_keeps = lines[0].startswith("HTTP/1.1")
    keep = headers.get("connection", "keep-alive" if version_keeps else "close").lower()
    return status, body, keep != "close"
