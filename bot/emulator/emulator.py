"""The emulated platform as one object: its state, its clock, and how something reaches a phone."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.emulator.cipher import MessageCipher
from bot.emulator.errors import PlatformError
from bot.emulator.model import Channel, Counter, Gone, Person, PhoneMessage, Record
from bot.emulator.pusher import Pusher
from bot.emulator.settings import EmulatorSettings, Mode
from bot.emulator.store import Store

BEIJING = ZoneInfo("Asia/Shanghai")
_SIDES = {"phone": "person", "menu": "person", "note": "note"}


@dataclass
class Callback:
    """How pushes reach the bot. Can be changed while running: a test may rotate the key."""

    url: str
    mode: Mode
    token: str
    aes_key: str
    app_id: str

    def __post_init__(self) -> None:
        self.cipher = MessageCipher(self.aes_key, self.app_id)


class Emulator:
    def __init__(self, settings: EmulatorSettings) -> None:
        self.settings = settings
        self.store = Store(settings.data_path, history=settings.history)
        self.callback = self.configured_callback()
        self.pusher = Pusher(self)
        self._rids = itertools.count(1)
        self._add_templates()

    def configured_callback(self) -> Callback:
        settings = self.settings
        return Callback(
            url=settings.callback_url,
            mode=settings.mode,
            token=settings.token,
            aes_key=settings.aes_key,
            app_id=settings.app_id,
        )

    def _add_templates(self) -> None:
        missing = [t for t in self.settings.templates if self.store.templates.get(t.id) != t]
        if missing:
            self.store.commit(*missing)

    async def reset(self) -> None:
        """Back to the first day: no people, no tokens, no faults, the configured callback."""
        await self.pusher.stop()
        self.store.reset()
        self.callback = self.configured_callback()
        self._add_templates()

    # -- time ------------------------------------------------------------------------------------

    def now(self) -> float:
        """The platform's clock: the real one plus the offset set by a developer."""
        return self.real_now() + self.store.offset.seconds

    def real_now(self) -> float:
        return self.settings.clock().timestamp()

    def pushed_now(self) -> int:
        """What pushes call now: see `Offset`."""
        return int(self.now() if self.store.offset.in_pushes else self.real_now())

    def local(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, BEIJING)

    # -- counting --------------------------------------------------------------------------------

    def spend(self, what: str, limit: int, period: str = "%Y-%m-%d", errcode: int = 45009) -> None:
        """Count one use of `what` in the current period (a strftime pattern, Beijing time).

        Raises PlatformError when `limit` uses were counted already.
        """
        key = f"{what}|{self.local(self.now()).strftime(period)}"
        counter = self.store.counters.get(key)
        if counter is None:
            counter = Counter(key, 0)
            self._forget_counters(key)
        if counter.value >= limit:
            raise PlatformError(errcode)
        counter.value += 1
        self.store.commit(counter)

    def _forget_counters(self, newer: str) -> None:
        """Drop the counters of earlier periods of the same kind."""
        what = newer.partition("|")[0] + "|"
        old = [
            key
            for key in self.store.counters
            if key.startswith(what) and len(key) == len(newer) and key < newer
        ]
        if old:
            self.store.commit(*(Gone("count", key) for key in old))

    def spent(self, what: str, period: str = "%Y-%m-%d") -> int:
        counter = self.store.counters.get(f"{what}|{self.local(self.now()).strftime(period)}")
        return counter.value if counter else 0

    # -- names -----------------------------------------------------------------------------------

    def rid(self) -> str:
        """What the platform appends to the message of an error, to find the call again."""
        return f"{int(self.now()):08x}-{next(self._rids):08x}-{secrets.randbits(32):08x}"

    @staticmethod
    def new_openid() -> str:
        return "o" + secrets.token_urlsafe(21)[:27]

    def allows_page(self, url: str) -> bool:
        """Whether web login may return to `url` (网页授权域名)."""
        parts = urlsplit(url)
        allowed = self.settings.web_domains or ("127.0.0.1", "localhost", "::1")
        return parts.scheme in ("http", "https") and parts.hostname in allowed

    # -- the phone -------------------------------------------------------------------------------

    def show(
        self,
        person: Person,
        *,
        channel: Channel,
        type: str,
        content: dict[str, Any],
        push: int = 0,
        ai: bool = False,
        kf_account: str = "",
        also: tuple[Record, ...] = (),
    ) -> PhoneMessage:
        """Put a line on the person's screen and write it down, together with `also`."""
        store = self.store
        side = _SIDES.get(channel, "account")
        if side == "account":
            person.typing_until = 0.0
        person.received[channel] = person.received.get(channel, 0) + 1
        store.received[channel] = store.received.get(channel, 0) + 1
        message = PhoneMessage(
            seq=store.last_seq + 1,
            openid=person.openid,
            at=self.now(),
            side=side,  # type: ignore[arg-type]
            channel=channel,
            type=type,
            content=content,
            push=push,
            ai=ai,
            kf_account=kf_account,
        )
        store.commit(person, message, *also)
        return message

    # -- life ------------------------------------------------------------------------------------

    async def start(self) -> None:
        await self.pusher.start()

    async def stop(self) -> None:
        await self.pusher.stop()
        self.store.close()
