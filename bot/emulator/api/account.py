"""Who a person is, what is left of the day's quotas, and the platform's own addresses."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from bot.emulator.api.call import OK, Call, Interface
from bot.emulator.api.tokens import LIFETIME
from bot.emulator.emulator import Emulator
from bot.emulator.errors import PlatformError
from bot.emulator.model import Gone

CLEARS_A_MONTH = 10
_CLEARS = "clear_quota"


def user_info(call: Call) -> dict[str, Any]:
    """No nickname and no picture since 2021-12-27 (official page of user/info)."""
    person = call.person(call.query.get("openid", ""))
    if not person.following:
        return {"subscribe": 0, "openid": person.openid, "tagid_list": []}
    scanned = bool(person.scene)
    info: dict[str, Any] = {
        "subscribe": 1,
        "openid": person.openid,
        "nickname": "",
        "sex": 0,
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": int(person.followed_at),
        "language": "zh_CN",
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE" if scanned else "ADD_SCENE_SEARCH",
        "qr_scene": int(person.scene) if person.scene.isdecimal() else 0,
        "qr_scene_str": "" if person.scene.isdecimal() else person.scene,
    }
    if person.unionid:
        info["unionid"] = person.unionid
    return info


class _Clear(Struct):
    appid: str = ""


def clear_quota(call: Call) -> dict[str, Any]:
    if call.read(_Clear).appid != call.emulator.settings.app_id:
        raise PlatformError(40013)
    return _clear(call.emulator)


def clear_quota_v2(call: Call) -> dict[str, Any]:
    """The same with the secret instead of a token; both share ten clearings a month."""
    call.check_app(call.query.get("appid", ""), call.query.get("appsecret", ""))
    return _clear(call.emulator)


def _clear(emulator: Emulator) -> dict[str, Any]:
    emulator.spend(_CLEARS, CLEARS_A_MONTH, "%Y-%m", errcode=48006)
    counted = [key for key in emulator.store.counters if not key.startswith(f"{_CLEARS}|")]
    emulator.store.commit(*(Gone("count", key) for key in counted))
    return OK


def addresses(_call: Call) -> dict[str, Any]:
    return {"ip_list": ["127.0.0.1"]}


class _Check(Struct):
    action: str = ""
    check_operator: str = "DEFAULT"


def check_callback(call: Call) -> dict[str, Any]:
    """What the platform's network sees of the callback's host: here, the loopback."""
    request = call.read(_Check)
    if request.action not in ("all", "dns", "ping"):
        raise PlatformError(40035)
    host = urlsplit(call.emulator.callback.url).hostname
    seen: dict[str, Any] = {}
    if request.action in ("all", "dns"):
        seen["dns"] = [{"ip": host, "real_operator": "LOOPBACK"}]
    if request.action in ("all", "ping"):
        operator = {"ip": host, "from_operator": request.check_operator}
        seen["ping"] = [{**operator, "package_loss": "0%", "time": "0.1ms"}]
    return seen


def get_ticket(call: Call) -> dict[str, Any]:
    """A jsapi ticket. Nothing here can check what is signed with it: pages run in a browser."""
    if call.query.get("type") != "jsapi":
        raise PlatformError(40035)
    return {**OK, "ticket": secrets.token_urlsafe(64), "expires_in": int(LIFETIME)}


INTERFACES = (
    Interface(method="GET", path="/cgi-bin/user/info", answer=user_info, daily=5_000_000),
    Interface(method="POST", path="/cgi-bin/clear_quota", answer=clear_quota),
    Interface(
        method="POST", path="/cgi-bin/clear_quota/v2", answer=clear_quota_v2, authorised=False
    ),
    Interface(method="GET", path="/cgi-bin/get_api_domain_ip", answer=addresses),
    Interface(method="GET", path="/cgi-bin/getcallbackip", answer=addresses),
    Interface(method="POST", path="/cgi-bin/callback/check", answer=check_callback),
    Interface(method="GET", path="/cgi-bin/ticket/getticket", answer=get_ticket, daily=1_000_000),
)
