"""Keeping other web sites out of the emulator's own pages and control.

It listens on loopback, but a browser on the same machine would carry a request there for any site.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.exceptions import PermissionDeniedException

from bot.emulator.emulator import Emulator

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


def refuse_strangers(request: Request[Any, Any, Any]) -> None:
    """A foreign Host is DNS rebinding, a cross-site write is request forgery."""
    emulator: Emulator = request.app.state.emulator
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    allowed = {name.strip("[]") for name in emulator.settings.allowed_hosts}
    if host not in allowed:
        raise PermissionDeniedException("unknown host")
    site = request.headers.get("sec-fetch-site", "none")
    if request.method != "GET" and site not in ("none", "same-origin"):
        raise PermissionDeniedException("cross-site request")
