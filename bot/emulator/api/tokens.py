"""Access tokens: the old interface, the stable one, and what makes a token good.

Official pages: service/api/base/api_getaccesstoken and api_getstableaccesstoken. The two kinds know
nothing of each other. Fetching an old-style token replaces the previous one, which stays good for
five more minutes; so does each renewal of a stable one. A second forced renewal therefore ends the
token before the last at once, which the page recommends against a leak.
"""

from __future__ import annotations

import secrets
from typing import Any

from msgspec import Struct

from bot.emulator.api.call import Call, Interface
from bot.emulator.emulator import Emulator
from bot.emulator.errors import PlatformError
from bot.emulator.model import AccessToken, Gone, TokenPool

LIFETIME = 7200.0
OVERLAP = 300.0
TOKENS_A_DAY = 2_000
STABLE_A_DAY = 500_000
STABLE_A_MINUTE = 10_000
FORCED_A_DAY = 20
FORCED_APART = 30.0
_LENGTH = 512
"""The room that the platform tells everybody to keep: who keeps less loses the end."""


class _StableRequest(Struct):
    grant_type: str = ""
    appid: str = ""
    secret: str = ""
    force_refresh: bool = False


def get_token(call: Call) -> dict[str, Any]:
    if call.query.get("grant_type") != "client_credential":
        raise PlatformError(40002)
    call.check_app(call.query.get("appid", ""), call.query.get("secret", ""))
    call.emulator.spend("/cgi-bin/token", TOKENS_A_DAY)
    return _given(call.emulator, _renew(call.emulator, "token"))


def get_stable_token(call: Call) -> dict[str, Any]:
    request = call.read(_StableRequest)
    if request.grant_type != "client_credential":
        raise PlatformError(40002)
    call.check_app(request.appid, request.secret)
    emulator = call.emulator
    emulator.spend("/cgi-bin/stable_token", STABLE_A_MINUTE, "%Y-%m-%d %H:%M", errcode=45011)
    emulator.spend("/cgi-bin/stable_token", STABLE_A_DAY)
    now = emulator.now()
    current = newest(emulator, "stable")
    if request.force_refresh:
        if current is None or now - current.made_at >= FORCED_APART:
            emulator.spend("forced renewal", FORCED_A_DAY)
            current = _renew(emulator, "stable")
    elif current is None or current.expires_at - now <= OVERLAP:
        current = _renew(emulator, "stable")
    return _given(emulator, current)


def _given(emulator: Emulator, token: AccessToken) -> dict[str, Any]:
    return {
        "access_token": token.value,
        "expires_in": round(token.expires_at - emulator.now()),
    }


def newest(emulator: Emulator, pool: TokenPool) -> AccessToken | None:
    """The token of this kind that was not replaced, unless it has expired."""
    now = emulator.now()
    for token in emulator.store.tokens.values():
        if token.pool == pool and not token.replaced_until and token.expires_at > now:
            return token
    return None


def _renew(emulator: Emulator, pool: TokenPool) -> AccessToken:
    now = emulator.now()
    fresh = AccessToken(
        value="99_" + secrets.token_urlsafe(_LENGTH)[: _LENGTH - 3],
        pool=pool,
        made_at=now,
        expires_at=now + LIFETIME,
    )
    changed: list[AccessToken | Gone] = [fresh]
    for token in emulator.store.tokens.values():
        if token.pool != pool:
            continue
        if token.replaced_until:
            # Kept for a while so that its late use is answered "expired" and not "unknown".
            token.replaced_until = min(token.replaced_until, now)
            stale = token.expires_at + LIFETIME < now
            changed.append(Gone("token", token.value) if stale else token)
        else:
            token.replaced_until = min(now + OVERLAP, token.expires_at)
            changed.append(token)
    emulator.store.commit(*changed)
    return fresh


def check_token(emulator: Emulator, value: str | None) -> None:
    """Raises PlatformError 41001, 40001 (unknown or replaced) or 42001 (expired)."""
    if not value:
        raise PlatformError(41001)
    token = emulator.store.tokens.get(value)
    if token is None:
        raise PlatformError(40001)
    now = emulator.now()
    if token.expires_at <= now:
        raise PlatformError(42001)
    if token.replaced_until and token.replaced_until <= now:
        raise PlatformError(40001)


def end_tokens(emulator: Emulator, *, expired: bool) -> int:
    """End every token now, as by lapse of time or as by somebody else's renewal."""
    now = emulator.now()
    tokens = list(emulator.store.tokens.values())
    for token in tokens:
        if expired:
            token.expires_at = min(token.expires_at, now)
        else:
            token.replaced_until = now
    if tokens:
        emulator.store.commit(*tokens)
    return len(tokens)


INTERFACES = (
    Interface(method="GET", path="/cgi-bin/token", answer=get_token, authorised=False),
    Interface(
        method="POST", path="/cgi-bin/stable_token", answer=get_stable_token, authorised=False
    ),
)
