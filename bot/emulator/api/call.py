"""One call of the bot, as an interface sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from bot.emulator.emulator import Emulator
from bot.emulator.errors import PlatformError
from bot.emulator.model import Person

T = TypeVar("T")

_ESCAPED = re.compile(rb"(?<!\\)((?:\\\\)*)\\u(?!00[0-7])([0-9a-fA-F]{4})")
_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


@dataclass(frozen=True, slots=True)
class Upload:
    filename: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Call:
    emulator: Emulator
    query: Mapping[str, str]
    body: bytes = b""
    upload: Upload | None = None
    openid: str = ""
    """Whom the call is about, for the developer's list of calls."""

    def read(self, shape: type[T]) -> T:
        """The JSON body as `shape`.

        A character written as `\\uXXXX` is taken literally, as on the platform: a person would
        read the escape (remembered from practice, in no official page). Raises PlatformError
        44002 for no body, 47001 for another shape.
        """
        if not self.body:
            raise PlatformError(44002)
        decoder = _decoders.get(shape)
        if decoder is None:
            decoder = _decoders[shape] = msgspec.json.Decoder(shape)
        body = self.body
        if b"\\u" in body:
            body = _ESCAPED.sub(rb"\1\\\\u\2", body)
        try:
            return decoder.decode(body)  # type: ignore[no-any-return]
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise PlatformError(47001, f"data format error: {error}") from error

    def person(self, openid: str) -> Person:
        """Raises PlatformError 40003 when there is no such person."""
        self.openid = openid
        person = self.emulator.store.people.get(openid)
        if person is None:
            raise PlatformError(40003)
        return person

    def check_app(self, app_id: str, secret: str) -> None:
        """Raises PlatformError 41002, 41004, 40013 or 40125."""
        settings = self.emulator.settings
        if not app_id:
            raise PlatformError(41002)
        if app_id != settings.app_id:
            raise PlatformError(40013)
        if not secret:
            raise PlatformError(41004)
        if secret != settings.app_secret:
            raise PlatformError(40125)


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is not JSON."""

    content: bytes
    mime: str
    filename: str = ""


Answer = dict[str, Any] | File
OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """How an interface is reached. `daily` is how often a day it may be called."""

    method: str
    path: str
    answer: Callable[[Call], Answer]
    authorised: bool = True
    daily: int | None = None
    mime: str = "application/json; encoding=utf-8"
