"""What protects the pages of staff and families in a browser: headers, cookies, the forgery check."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from litestar import Request
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import MutableScopeHeaders, State
from litestar.enums import RequestEncodingType, ScopeType
from litestar.exceptions import PermissionDeniedException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from bot.installation import Installation
from bot.settings import Settings

CSRF_COOKIE = "jingkang_csrf"
_CSRF_HEADER = "x-csrftoken"
_CSRF_FIELD = "_csrf_token"
NOT_PAGES = (
    "^/wechat/",
    "^/healthz",
    "^/readyz",
    "^/metrics",
    "^/console/static/",
    "^/family/static/",
)
"""Paths that no browser posts forms to, and that get no cookie."""

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self';"
    " img-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_NEVER_KEPT = "no-store"


def derived_secret(installation: Installation, purpose: str) -> bytes:
    """A secret of its own for each purpose, the same in every process of the installation."""
    return hmac.new(
        installation.secrets.encryption_keys[0], f"console {purpose}".encode(), hashlib.sha256
    ).digest()


def session_cookie(settings: Settings) -> str:
    """Name of the sign-in cookie. ``__Host-`` pins it to this host and to https."""
    return "jingkang_staff" if settings.development else "__Host-jingkang_staff"


def csrf_config(installation: Installation) -> CSRFConfig:
    """Litestar's own check of forged posts: a signed token in a cookie and in the form."""
    return CSRFConfig(
        secret=derived_secret(installation, "csrf").hex(),
        cookie_name=CSRF_COOKIE,
        cookie_secure=not installation.settings.development,
        cookie_httponly=True,
        header_name=_CSRF_HEADER,
        exclude=list(NOT_PAGES),
    )


async def add_headers(message: Message, scope: Scope) -> None:
    """Give every answer of the application its security headers."""
    if message["type"] != "http.response.start":
        return
    message.setdefault("headers", [])
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if scope["path"].startswith(("/console", "/family")):
        # Pages hold what families wrote: no copy stays in the browser.
        headers.setdefault("cache-control", _NEVER_KEPT)


class OddTokens(ASGIMiddleware):
    """Refuses forgery tokens that are no plain text.

    Litestar's check compares whatever was sent and ends in a server error where it came twice
    or is not ASCII.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request[Any, Any, State] = Request(scope, receive)
        tokens: list[object] = [
            request.headers.get(_CSRF_HEADER, ""),
            request.cookies.get(CSRF_COOKIE, ""),
        ]
        if request.method not in ("GET", "HEAD", "OPTIONS") and request.content_type[0] in (
            RequestEncodingType.URL_ENCODED,
            RequestEncodingType.MULTI_PART,
        ):
            tokens.append((await request.form()).get(_CSRF_FIELD, ""))
        if not all(isinstance(token, str) and token.isascii() for token in tokens):
            raise PermissionDeniedException("odd CSRF token")
        await next_app(scope, receive, send)
