"""What the emulated account looks like and where its state lives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from bot.emulator.catalogue import DEFAULT_TEMPLATES
from bot.emulator.model import Template

Mode = Literal["plain", "compatible", "safe"]
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class EmulatorSettings:
    """One emulated service account.

    `aes_key` is the 43-character EncodingAESKey. `data_path` None keeps everything in memory.
    `clock` returns an aware time. `history` is how many messages each phone keeps. `web_domains` are the hosts web login may return to
    (the platform's 网页授权域名); empty allows every loopback host.
    """

    app_id: str
    app_secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    callback_url: str
    mode: Mode = "safe"
    data_path: Path | None = None
    clock: Clock = system_clock
    account_id: str = "gh_emulator0001"
    account_name: str = "精康"
    public_url: str = ""
    """Where phones and the bot reach the emulator; empty: where it is served."""
    templates: tuple[Template, ...] = DEFAULT_TEMPLATES
    web_domains: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    push_timeout: float = 5.0
    """Seconds the platform waits for an answer (official page of passive replies: five)."""
    retry_pause: float = 1.0
    """Seconds before another attempt when the callback could not be reached at all."""
    history: int = 500
