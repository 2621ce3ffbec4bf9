"""Web login (OAuth 2.0): codes and what they are exchanged for.

Official page: service/api/webdev/access/api_snsaccesstoken. A code serves once and for five minutes.
Pages opened in the snapshot mode get a virtual person, who must never be bound to anything.
That an expired code is answered 42003 is from the global list; some report 40029 for it.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from bot.emulator.api.call import Call, Interface
from bot.emulator.api.tokens import LIFETIME
from bot.emulator.emulator import Emulator
from bot.emulator.errors import PlatformError
from bot.emulator.model import Person, WebCode, WebToken

CODE_SECONDS = 300.0
REFRESH_SECONDS = 30 * 86400.0
_VIRTUAL = "virtual:"
SCOPES = ("snsapi_base", "snsapi_userinfo")


def give_code(emulator: Emulator, person: Person, scope: str, *, virtual: bool = False) -> WebCode:
    """A code for the person, or for the virtual one of a page opened as a snapshot."""
    prefix = _VIRTUAL if virtual else ""
    code = WebCode(secrets.token_urlsafe(24), prefix + person.openid, scope, made_at=emulator.now())
    emulator.store.commit(code)
    return code


def _virtual_openid(openid: str) -> str:
    return "oVIRTUAL" + hashlib.sha256(openid.encode()).hexdigest()[:20]


def _identity(emulator: Emulator, owner: str) -> dict[str, Any]:
    if owner.startswith(_VIRTUAL):
        return {"openid": _virtual_openid(owner.removeprefix(_VIRTUAL)), "is_snapshotuser": 1}
    person = emulator.store.people.get(owner)
    if person is not None and person.unionid:
        return {"openid": owner, "unionid": person.unionid}
    return {"openid": owner}


def exchange(call: Call) -> dict[str, Any]:
    query, emulator = call.query, call.emulator
    call.check_app(query.get("appid", ""), query.get("secret", ""))
    if query.get("grant_type") != "authorization_code":
        raise PlatformError(40002)
    if not query.get("code"):
        raise PlatformError(41008)
    code = emulator.store.codes.get(query["code"])
    if code is None:
        raise PlatformError(40029)
    if code.used:
        raise PlatformError(40163)
    if code.made_at + CODE_SECONDS <= emulator.now():
        raise PlatformError(42003)
    code.used = True
    call.openid = code.openid
    now = emulator.now()
    token = WebToken(
        value="88_" + secrets.token_urlsafe(64),
        refresh="88_" + secrets.token_urlsafe(64),
        openid=code.openid,
        scope=code.scope,
        expires_at=now + LIFETIME,
        refresh_until=now + REFRESH_SECONDS,
    )
    emulator.store.commit(code, token)
    return _given(emulator, token)


def refresh(call: Call) -> dict[str, Any]:
    query, emulator = call.query, call.emulator
    if query.get("appid") != emulator.settings.app_id:
        raise PlatformError(40013)
    for token in emulator.store.web_tokens.values():
        if token.refresh == query.get("refresh_token"):
            if token.refresh_until <= emulator.now():
                raise PlatformError(42002)
            token.expires_at = emulator.now() + LIFETIME
            emulator.store.commit(token)
            return _given(emulator, token)
    raise PlatformError(40030)


def _given(emulator: Emulator, token: WebToken) -> dict[str, Any]:
    return {
        "access_token": token.value,
        "expires_in": int(LIFETIME),
        "refresh_token": token.refresh,
        "scope": token.scope,
        **_identity(emulator, token.openid),
    }


def _web_token(call: Call) -> WebToken:
    token = call.emulator.store.web_tokens.get(call.query.get("access_token", ""))
    if token is None:
        raise PlatformError(40001)
    if token.expires_at <= call.emulator.now():
        raise PlatformError(42001)
    if call.query.get("openid") != _identity(call.emulator, token.openid)["openid"]:
        raise PlatformError(40003)
    return token


def check(call: Call) -> dict[str, Any]:
    _web_token(call)
    return {"errcode": 0, "errmsg": "ok"}


def user_info(call: Call) -> dict[str, Any]:
    token = _web_token(call)
    if token.scope != "snsapi_userinfo":
        raise PlatformError(48001)
    identity = _identity(call.emulator, token.openid)
    virtual = "is_snapshotuser" in identity
    person = call.emulator.store.people.get(token.openid)
    return {
        "nickname": "微信用户" if virtual or person is None else person.name,
        "sex": 0,
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "privilege": [],
        **identity,
    }


# These interfaces answer JSON as text/plain without a charset (seen in practice): a client that
# trusts the header turns a Chinese nickname into nonsense.
_PLAIN = "text/plain"

INTERFACES = (
    Interface(
        method="GET",
        path="/sns/oauth2/access_token",
        answer=exchange,
        authorised=False,
        mime=_PLAIN,
    ),
    Interface(
        method="GET",
        path="/sns/oauth2/refresh_token",
        answer=refresh,
        authorised=False,
        mime=_PLAIN,
    ),
    Interface(method="GET", path="/sns/userinfo", answer=user_info, authorised=False, mime=_PLAIN),
    Interface(method="GET", path="/sns/auth", answer=check, authorised=False, mime=_PLAIN),
)
