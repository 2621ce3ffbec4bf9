"""``/wechat/callback``: what the platform pushes, and the answer within its five seconds.

What is signed is answered 200; what is not, 401 or 403; what cannot be read, 400 or 413. When
the database is away the push is answered 429, so that the platform repeats it: it repeats
anything that is not 200, and nothing is accepted that is not stored. A crisis is answered even
then (`bot.dialogue.spool` keeps it).
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

import structlog
from litestar import Request, Response, get, post
from litestar.datastructures import State
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.dialogue import spool
from bot.dialogue.pipeline import Pipeline, Taken
from bot.dialogue.waiting import WaitingRoom
from bot.installation import Installation
from bot.wechat import inbound
from bot.wechat.crypto import CallbackCrypto, CallbackQuery, NotFromPlatform, Opened, ReplayGuard
from bot.wechat.markup import Unreadable
from bot.wechat.reading import read_push
from bot.wechat.replies import SUCCESS, text_reply

log = structlog.get_logger()

MAX_BODY = 1024 * 1024
ANSWER_WITHIN = 4.3
"""Seconds until a push is answered at the latest; the platform hangs up after five."""


class Callback:
    """Takes pushes in. One per process."""

    def __init__(
        self, installation: Installation, pipeline: Pipeline, waiting: WaitingRoom
    ) -> None:
        secrets = installation.secrets
        self._installation = installation
        self._pipeline = pipeline
        self._waiting = waiting
        self._crypto = CallbackCrypto(
            token=secrets.token,
            app_id=secrets.app_id,
            aes_keys=secrets.aes_keys,
            allow_plain=not installation.settings.wechat_encrypted_only,
        )
        self._replays = ReplayGuard()
        self._tasks: set[asyncio.Task[None]] = set()

    def echo(self, query: CallbackQuery) -> str:
        """Answer to the platform's check of the address. Raises `NotFromPlatform`."""
        return self._crypto.verify_echo(query)

    def open(self, body: bytes, query: CallbackQuery) -> tuple[Opened, inbound.AnyInbound]:
        """Prove and read a push. Raises `NotFromPlatform` or `Unreadable`."""
        now = self._installation.clock()
        opened = self._crypto.open(body, query, now=now)
        push = read_push(opened.message)
        self._replays.admit(opened, now=now)
        return opened, push

    async def answer(self, opened: Opened, push: inbound.AnyInbound) -> str:
        """Store the push and answer it: with the reply when it is ready in time.

        Raises `sqlalchemy.exc.SQLAlchemyError` when the database stays away.
        """
        deadline = time.monotonic() + ANSWER_WITHIN
        try:
            taken = await self._pipeline.take(push)
        except SQLAlchemyError:
            reply = spool.answer_without_database(self._installation, push)
            if reply is None:
                raise
            return self._sealed(reply, opened, push)
        if taken.work_left:
            self._start(taken)
        if taken.settled:
            text = taken.text
        else:
            text = await self._waiting.wait(
                taken.accepted.message_id, seconds=max(0.0, deadline - time.monotonic())
            )
        return self._sealed(text, opened, push)

    def _start(self, taken: Taken) -> None:
        accepted = taken.accepted
        assert accepted.lease is not None
        task = asyncio.create_task(
            self._pipeline.work(accepted.contact_id, accepted.lease, begun=taken.progress.for_rasa)
        )
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The lease runs out and the worker takes the message up.
            log.error("work_ended", error=repr(error))

    async def finish(self) -> None:
        """Let the turns under way end, when the process is asked to stop."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=ANSWER_WITHIN)

    def _sealed(self, text: str | None, opened: Opened, push: inbound.AnyInbound) -> str:
        now: datetime = self._installation.clock()
        body = SUCCESS if text is None else text_reply(push, text, now=now)
        return self._crypto.seal(body, opened, now=now)


@get("/wechat/callback", sync_to_thread=False)
def verify_address(request: Request[Any, Any, State], state: State) -> Response[str]:
    """The platform checks that this address is ours (GET with echostr)."""
    try:
        echo = state.callback.echo(CallbackQuery.of(request.query_params))
    except NotFromPlatform as refused:
        return _plain("", refused.status)
    return _plain(echo, 200)


@post("/wechat/callback", status_code=200)
async def receive(request: Request[Any, Any, State], state: State) -> Response[str]:
    """The platform pushes a message or an event."""
    callback: Callback = state.callback
    started = time.monotonic()
    try:
        body = await _body(request)
    except _TooLarge:
        return _plain("", 413)
    try:
        opened, push = callback.open(body, CallbackQuery.of(request.query_params))
    except NotFromPlatform as refused:
        metrics.refused.labels(reason="not_from_platform").inc()
        return _plain("", refused.status)
    except Unreadable:
        metrics.refused.labels(reason="unreadable").inc()
        return _plain("", 400)
    try:
        answer = await callback.answer(opened, push)
    except SQLAlchemyError as error:
        log.error("push_not_stored", error=type(error).__name__)
        return _plain("", 429)
    metrics.answered.observe(time.monotonic() - started)
    return _plain(answer, 200, "application/json" if opened.json else "application/xml")


class _TooLarge(Exception):
    pass


async def _body(request: Request[Any, Any, State]) -> bytes:
    """The body, refused as soon as it is known to be too large, unread where it says so."""
    try:
        announced = int(request.headers.get("content-length") or 0)
    except ValueError:
        announced = 0
    if announced > MAX_BODY:
        raise _TooLarge
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise _TooLarge
        parts.append(part)
    return b"".join(parts)


def _plain(text: str, status: int, media_type: str = "text/plain") -> Response[str]:
    return Response(content=text, status_code=status, media_type=media_type)
