"""Temporary media: kept for three days, limited by kind (official page of media/upload)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from bot.emulator.emulator import Emulator
from bot.emulator.errors import PlatformError
from bot.emulator.model import Gone, Media

_DAYS_3 = 3 * 86400
_MEGA = 1024 * 1024


@dataclass(frozen=True)
class _Kind:
    max_bytes: int
    too_large: int
    suffixes: tuple[str, ...]


KINDS = {
    "image": _Kind(10 * _MEGA, 40009, ("jpg", "jpeg", "png", "gif", "bmp")),
    "voice": _Kind(2 * _MEGA, 40010, ("amr", "mp3")),
    "video": _Kind(10 * _MEGA, 40011, ("mp4",)),
    "thumb": _Kind(64 * 1024, 40012, ("jpg", "jpeg")),
}

SILENT_VOICE = b"#!AMR\n" + b"\x7c" * 100
"""Two seconds of silence: an AMR file whose frames all say "no data" (RFC 4867)."""


def keep_media(
    emulator: Emulator, kind: str, content: bytes, *, mime: str, filename: str = ""
) -> Media:
    forget_old_media(emulator)
    media = Media(
        id=secrets.token_urlsafe(48),
        type=kind,
        mime=mime,
        size=len(content),
        made_at=emulator.now(),
        filename=filename,
    )
    emulator.store.keep_file(media.id, content)
    emulator.store.commit(media)
    return media


def check_upload(kind: str, content: bytes, filename: str) -> None:
    """Raises PlatformError when the platform would refuse this file."""
    rules = KINDS.get(kind)
    if rules is None:
        raise PlatformError(40004)
    if not content:
        raise PlatformError(44002)
    if filename.rpartition(".")[2].lower() not in rules.suffixes:
        raise PlatformError(40004)
    if len(content) > rules.max_bytes:
        raise PlatformError(rules.too_large)


def live_media(emulator: Emulator, media_id: str) -> Media:
    """Raises PlatformError 40007 for an unknown or expired id."""
    media = emulator.store.media.get(media_id)
    if media is None or media.made_at + _DAYS_3 <= emulator.now():
        raise PlatformError(40007)
    return media


def forget_old_media(emulator: Emulator) -> None:
    before = emulator.now() - _DAYS_3
    old = [media.id for media in emulator.store.media.values() if media.made_at <= before]
    if old:
        emulator.store.commit(*(Gone("media", media_id) for media_id in old))
