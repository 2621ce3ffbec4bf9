"""Temporary media and codes to scan.

Official pages: media/upload, media/get, qrcode/create, showqrcode. The picture of a code is no QR
code a camera could read: nobody can scan a loopback address. The phone page scans it by name.
"""

from __future__ import annotations

import hashlib
import secrets
from html import escape
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from bot.emulator.api.call import Call, File, Interface
from bot.emulator.errors import PlatformError
from bot.emulator.media import check_upload, keep_media, live_media
from bot.emulator.model import QrCode

MAX_TEMPORARY = 2_592_000
MAX_PERMANENT = 100_000
_CELLS = 21


def upload(call: Call) -> dict[str, Any]:
    kind = call.query.get("type", "")
    if call.upload is None:
        raise PlatformError(41005)
    check_upload(kind, call.upload.content, call.upload.filename)
    media = keep_media(
        call.emulator,
        kind,
        call.upload.content,
        mime=call.upload.mime,
        filename=call.upload.filename,
    )
    name = "thumb_media_id" if kind == "thumb" else "media_id"
    return {"type": kind, name: media.id, "created_at": int(media.made_at)}


def download(call: Call) -> dict[str, Any] | File:
    media_id = call.query.get("media_id", "")
    if not media_id:
        raise PlatformError(41006)
    media = live_media(call.emulator, media_id)
    if media.type in ("video", "shortvideo"):
        return {"video_url": f"{call.emulator.settings.public_url}/picture/{media.id}"}
    return File(call.emulator.store.read_file(media.id), media.mime, media.filename or "media")


# -- codes -----------------------------------------------------------------------------------------


class _Scene(Struct):
    scene_id: int | None = None
    scene_str: str | None = None


class _Info(Struct):
    scene: _Scene


class _Request(Struct):
    action_name: str
    action_info: _Info
    expire_seconds: int = 60


def create_code(call: Call) -> dict[str, Any]:
    request = call.read(_Request)
    permanent = "LIMIT" in request.action_name
    worded = "STR" in request.action_name
    if request.action_name not in (
        "QR_SCENE",
        "QR_STR_SCENE",
        "QR_LIMIT_SCENE",
        "QR_LIMIT_STR_SCENE",
    ):
        raise PlatformError(40051)
    number, words = request.action_info.scene.scene_id, request.action_info.scene.scene_str
    if worded:
        if words is None or not 1 <= len(words) <= 64:
            raise PlatformError(40053)
        scene = words
    else:
        largest = MAX_PERMANENT if permanent else 2**32 - 1
        if number is None or not 1 <= number <= largest:
            raise PlatformError(40053)
        scene = str(number)
    if not permanent and not 1 <= request.expire_seconds <= MAX_TEMPORARY:
        raise PlatformError(40053)
    emulator = call.emulator
    ticket = "gQ" + secrets.token_urlsafe(64)
    url = f"{emulator.settings.public_url}/q/{secrets.token_urlsafe(12)}"
    expires_at = 0.0 if permanent else emulator.now() + request.expire_seconds
    emulator.store.commit(QrCode(ticket, scene, not worded, url, expires_at))
    answer = {"ticket": ticket, "url": url}
    return answer if permanent else {**answer, "expire_seconds": request.expire_seconds}


def show_code(call: Call) -> File:
    code = call.emulator.store.qrcodes.get(call.query.get("ticket", ""))
    if code is None:
        raise PlatformError(40035)
    return File(draw_code(code).encode(), "image/svg+xml")


def draw_code(code: QrCode) -> str:
    """A picture that looks like a code, differs from code to code and says which one it is."""
    bits = int.from_bytes(
        hashlib.shake_256(code.ticket.encode()).digest(_CELLS * _CELLS // 8 + 1), "big"
    )
    cells = "".join(
        f'<rect x="{x}" y="{y}" width="1" height="1"/>'
        for y in range(_CELLS)
        for x in range(_CELLS)
        if bits >> (y * _CELLS + x) & 1 and not _in_corner(x, y)
    )
    corners = "".join(
        f'<path d="M{x} {y}h7v7h-7z M{x + 1} {y + 1}v5h5v-5z M{x + 2} {y + 2}h3v3h-3z"/>'
        for x, y in ((0, 0), (_CELLS - 7, 0), (0, _CELLS - 7))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 {_CELLS + 4} {_CELLS + 8}" '
        'width="430" height="494" fill="#1d2b28">'
        f'<rect x="-2" y="-2" width="{_CELLS + 4}" height="{_CELLS + 8}" fill="#fff"/>'
        f'{cells}{corners}<text x="{_CELLS / 2}" y="{_CELLS + 2.6}" font-size="1.6" '
        f'text-anchor="middle" font-family="sans-serif">模拟二维码 · {escape(code.scene)}</text>'
        f'<text x="{_CELLS / 2}" y="{_CELLS + 4.6}" font-size="1.1" text-anchor="middle" '
        'font-family="sans-serif" fill="#5b6b67">在手机页面「扫码」里选择它</text></svg>'
    )


def _in_corner(x: int, y: int) -> bool:
    near, far = 8, _CELLS - 9
    return (x < near and y < near) or (x > far and y < near) or (x < near and y > far)


def disposition(filename: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(filename)}"


INTERFACES = (
    Interface(method="POST", path="/cgi-bin/media/upload", answer=upload, daily=100_000),
    Interface(method="GET", path="/cgi-bin/media/get", answer=download, daily=200_000),
    Interface(method="POST", path="/cgi-bin/qrcode/create", answer=create_code, daily=100_000),
    Interface(method="GET", path="/cgi-bin/showqrcode", answer=show_code, authorised=False),
)
