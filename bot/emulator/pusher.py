"""Telling the callback what happened, as patiently and as impatiently as the platform does.

Five seconds for an answer, then the connection is cut and the same thing is sent again: one attempt
and three more, with the same MsgId. The official page says 总共重试三次; that they follow at once
after a wrong status was observed (see the pages named in the project's notes on the platform).
Pushes wait for nobody: two messages of one person may be under way together.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx

from bot.emulator import faults
from bot.emulator.cipher import signature
from bot.emulator.model import Attempt, Push
from bot.emulator.signal import Signal
from bot.emulator.wire import Junk, Reply, read_answer, to_xml

if TYPE_CHECKING:
    from bot.emulator.emulator import Emulator

ATTEMPTS = 4
FAILURE_NOTE = "该公众号提供的服务出现故障，请稍后再试"
FIRST_MSG_ID = 24_000_000_000_000_000
"""Above 2**53, as on the platform: whoever keeps ids in floating point notices."""

_REORDER_PATIENCE = 3.0
_ANSWERED_EVENTS = frozenset(
    ["subscribe", "SCAN", "CLICK", "scancode_waitmsg", "scancode_push", "location_select"]
)


class Pusher:
    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._finished = Signal()
        self._client: httpx.AsyncClient | None = None

    # -- life ------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Go on with what was not answered when the emulator ended."""
        for push in list(self._emulator.store.pushes.values()):
            if push.outcome == "pending":
                self._spawn(push)

    async def stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    # -- for those who push ----------------------------------------------------------------------

    def prepare(self, openid: str, fields: dict[str, Any], *, numbered: bool = False) -> Push:
        """A push that is not under way yet; commit it, then `send` it.

        `numbered` gives it a MsgId, which messages have and events have not. Missing common fields
        are filled in.
        """
        emulator = self._emulator
        push_id = emulator.store.last_push + 1
        common = {
            "ToUserName": emulator.settings.account_id,
            "FromUserName": openid,
            "CreateTime": emulator.pushed_now(),
        }
        whole = {**common, **fields}
        if numbered:
            whole.setdefault("MsgId", FIRST_MSG_ID + push_id)
        event = whole.get("Event", "")
        return Push(
            id=push_id,
            openid=openid,
            made_at=emulator.now(),
            fields=whole,
            answerable=whole.get("MsgType") != "event" or event in _ANSWERED_EVENTS,
        )

    def send(self, push: Push) -> None:
        self._spawn(push)
        if faults.take(self._emulator.store, "duplicate", openid=push.openid):
            twin = self.prepare(push.openid, push.fields)
            self._emulator.store.commit(twin)
            self._spawn(twin)

    def tell(self, openid: str, fields: dict[str, Any]) -> Push:
        """Push an event that leaves nothing on the phone."""
        push = self.prepare(openid, fields)
        self._emulator.store.commit(push)
        self.send(push)
        return push

    async def wait(self, push_id: int) -> None:
        """Until every attempt of this push that will be made has been made."""
        task = self._tasks.get(push_id)
        if task is not None:
            await asyncio.wait([task])

    async def wait_idle(self, seconds: float) -> bool:
        """Until no push is under way; False when the time passed first."""
        until = time.monotonic() + seconds
        while self._tasks:
            patience = until - time.monotonic()
            if patience <= 0:
                return False
            await self._finished.wait(patience)
        return True

    @property
    def under_way(self) -> int:
        return len(self._tasks)

    def _spawn(self, push: Push) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(push))
        self._tasks[push.id] = task
        task.add_done_callback(lambda _: self._end(push.id))

    def _end(self, push_id: int) -> None:
        self._tasks.pop(push_id, None)
        self._finished.notify()

    # -- delivery --------------------------------------------------------------------------------

    async def _deliver(self, push: Push) -> None:
        store = self._emulator.store
        if fault := faults.take(store, "push_delay", openid=push.openid):
            await asyncio.sleep(fault.seconds)
        if faults.take(store, "reorder", openid=push.openid):
            await self._let_another_overtake(push)
        while True:
            attempt, reply = await self._attempt(push)
            push.attempts.append(attempt)
            if attempt.outcome in ("reply", "accepted"):
                push.outcome = "answered"
                self._show_reply(push, reply)
                return
            if attempt.outcome == "junk" or len(push.attempts) >= ATTEMPTS:
                push.outcome = "failed"
                self._show_failure(push)
                return
            store.commit(push)
            if attempt.outcome == "connection":
                await asyncio.sleep(self._emulator.settings.retry_pause)

    async def _let_another_overtake(self, push: Push) -> None:
        """Wait until a later push of the same person is finished, but not for ever."""
        store = self._emulator.store
        until = time.monotonic() + _REORDER_PATIENCE
        while (patience := until - time.monotonic()) > 0:
            if any(
                later.id > push.id and later.openid == push.openid and later.outcome != "pending"
                for later in store.pushes.values()
            ):
                return
            await self._finished.wait(patience)

    async def _attempt(self, push: Push) -> tuple[Attempt, Reply | None]:
        begun = time.perf_counter()
        attempt = Attempt(at=self._emulator.now(), milliseconds=0, outcome="accepted")
        reply: Reply | None = None
        try:
            async with asyncio.timeout(self._emulator.settings.push_timeout):
                response = await self._post(push)
            attempt.status = response.status_code
            if response.status_code != 200:
                attempt.outcome = "status"
            elif faults.take(self._emulator.store, "lose_answer", openid=push.openid):
                attempt.outcome = "lost"
            else:
                reply = self._read(push, response.content)
                attempt.outcome = "reply" if reply else "accepted"
        except (TimeoutError, httpx.TimeoutException):
            attempt.outcome = "timeout"
        except httpx.HTTPError as error:
            attempt.outcome = "connection"
            attempt.detail = f"{type(error).__name__}: {error}"
        except Junk as junk:
            attempt.outcome = "junk"
            attempt.detail = str(junk)
        attempt.milliseconds = round((time.perf_counter() - begun) * 1000)
        return attempt, reply

    async def _post(self, push: Push) -> httpx.Response:
        if self._client is None:
            self._client = httpx.AsyncClient(
                trust_env=False,
                timeout=self._emulator.settings.push_timeout,
                # Below the keep-alive of common servers, so that a connection they closed is not
                # mistaken for a bot that does not answer.
                limits=httpx.Limits(
                    max_connections=200, max_keepalive_connections=50, keepalive_expiry=2.0
                ),
            )
        url, body = self._sign(push)
        return await self._client.post(
            url, content=body, headers={"content-type": "text/xml", "user-agent": "Mozilla/4.0"}
        )

    def _sign(self, push: Push) -> tuple[str, bytes]:
        callback = self._emulator.callback
        stamp, nonce = str(self._emulator.pushed_now()), str(secrets.randbelow(10**10))
        query = {
            "signature": signature(callback.token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "openid": push.openid,
        }
        body = plain = to_xml(push.fields)
        if callback.mode != "plain":
            sealed = callback.cipher.encrypt(plain)
            query["encrypt_type"] = "aes"
            query["msg_signature"] = signature(callback.token, stamp, nonce, sealed)
            shown = (
                push.fields
                if callback.mode == "compatible"
                else {"ToUserName": push.fields.get("ToUserName", "")}
            )
            body = to_xml({**shown, "Encrypt": sealed})
        joint = "&" if "?" in callback.url else "?"
        return f"{callback.url}{joint}{urlencode(query)}", body.encode()

    def _read(self, push: Push, body: bytes) -> Reply | None:
        callback = self._emulator.callback
        return read_answer(
            body,
            mode=callback.mode,
            cipher=callback.cipher,
            token=callback.token,
            person=push.openid,
            account=self._emulator.settings.account_id,
            articles=1 if push.fields.get("MsgType") != "event" else 8,
        )

    # -- what the person sees of it --------------------------------------------------------------

    def _show_reply(self, push: Push, reply: Reply | None) -> None:
        emulator = self._emulator
        person = emulator.store.people.get(push.openid)
        visible = (
            reply is not None
            and reply.type != "transfer_customer_service"
            and push.answerable
            and person is not None
            and person.following
        )
        if visible:
            assert reply is not None
            assert person is not None
            emulator.show(
                person,
                channel="passive",
                type=reply.type,
                content=reply.content,
                push=push.id,
                also=(push,),
            )
        else:
            emulator.store.commit(push)

    def _show_failure(self, push: Push) -> None:
        emulator = self._emulator
        person = emulator.store.people.get(push.openid)
        if push.answerable and person is not None and person.following:
            emulator.show(
                person,
                channel="note",
                type="failure",
                content={"content": FAILURE_NOTE},
                push=push.id,
                also=(push,),
            )
        else:
            emulator.store.commit(push)

    async def verify(self) -> tuple[bool, str]:
        """Ask the callback to repeat a word, as the platform does when the address is entered."""
        callback = self._emulator.callback
        stamp, nonce, echo = (
            str(self._emulator.pushed_now()),
            str(secrets.randbelow(10**10)),
            str(secrets.randbelow(10**19)),
        )
        query = {
            "signature": signature(callback.token, stamp, nonce),
            "echostr": echo,
            "timestamp": stamp,
            "nonce": nonce,
        }
        joint = "&" if "?" in callback.url else "?"
        try:
            async with httpx.AsyncClient(
                trust_env=False, timeout=self._emulator.settings.push_timeout
            ) as client:
                response = await client.get(f"{callback.url}{joint}{urlencode(query)}")
        except httpx.HTTPError as error:
            return False, f"{type(error).__name__}: {error}"
        if response.status_code != 200:
            return False, f"HTTP {response.status_code}"
        if response.text != echo:
            return False, "the answer is not the echostr"
        return True, "ok"
