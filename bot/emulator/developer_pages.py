"""The developer's side of the platform: what was pushed and called, and what shall go wrong."""

from __future__ import annotations

import json
from typing import Any, get_args

from litestar import Router, get, post
from litestar.datastructures import State as AppState
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from bot.emulator import view
from bot.emulator.api.gateway import INTERFACES
from bot.emulator.api.tokens import end_tokens
from bot.emulator.control import order_fault
from bot.emulator.emulator import Emulator
from bot.emulator.guard import SECURITY_HEADERS, refuse_strangers
from bot.emulator.model import AccessToken, FaultKind, Gone, Offset
from bot.emulator.shapes import NewFault

_SHOWN = 60
_Form = URLEncodedBody[dict[str, str]]

FAULTS: dict[FaultKind, str] = {
    "errcode": "接口返回错误码",
    "delay": "接口变慢（秒）",
    "html": "接口返回网页",
    "status": "接口返回 HTTP 状态",
    "drop_before": "接口断线，未受理",
    "drop_after": "接口断线，已受理",
    "duplicate": "推送重复",
    "reorder": "推送乱序",
    "push_delay": "推送变慢（秒）",
    "lose_answer": "丢失回复，重新推送",
    "job_failure": "模板消息送达失败",
}
OUTCOMES = {
    "reply": "有回复",
    "accepted": "已收到",
    "junk": "回复无法识别",
    "status": "状态码不是 200",
    "timeout": "超时",
    "connection": "连接失败",
    "lost": "回复丢失（模拟）",
    "pending": "进行中",
    "answered": "完成",
    "failed": "失败",
}


def _emulator(state: AppState) -> Emulator:
    emulator: Emulator = state.emulator
    return emulator


@get("/platform")
async def platform(state: AppState, told: FromQuery[str] = "") -> Template:
    emulator = _emulator(state)
    return Template(
        "platform.html",
        context={
            **_live(emulator),
            "told": told,
            "kinds": FAULTS,
            "paths": sorted({interface.path for interface in INTERFACES}),
        },
    )


@get("/platform/live")
async def live(state: AppState) -> Template:
    """The part of the page that changes by itself."""
    return Template("live.html", context=_live(_emulator(state)))


def _live(emulator: Emulator) -> dict[str, Any]:
    store = emulator.store
    now = emulator.now()
    return {
        "account_name": emulator.settings.account_name,
        "callback": emulator.callback,
        "clock": emulator.local(now),
        "offset": store.offset,
        "tokens": [_token(emulator, token) for token in reversed(store.tokens.values())][:6],
        "faults": list(store.faults.values()),
        "fault_names": FAULTS,
        "outcomes": OUTCOMES,
        "pushes": list(reversed(store.pushes.values()))[:_SHOWN],
        "calls": list(reversed(store.calls))[:_SHOWN],
        "names": {person.openid: person.name for person in store.people.values()},
        "people": [
            (person, view.quota_text(emulator, person))
            for person in list(store.people.values())[-_SHOWN:]
        ],
        "spent": [
            (interface.path, emulator.spent(interface.path), interface.daily)
            for interface in INTERFACES
            if emulator.spent(interface.path)
        ],
        "templates": store.templates,
        "pretty": lambda fields: json.dumps(fields, ensure_ascii=False, indent=1),
        "clock_of": lambda at: emulator.local(at).strftime("%H:%M:%S"),
    }


def _token(emulator: Emulator, token: AccessToken) -> dict[str, str]:
    now = emulator.now()
    if token.expires_at <= now:
        state = "已过期"
    elif not token.replaced_until:
        state = f"有效，还有 {view.span(token.expires_at - now)}"
    elif token.replaced_until > now:
        state = f"已被替换，还可用 {view.span(token.replaced_until - now)}"
    else:
        state = "已失效"
    return {
        "value": f"{token.value[:10]}…",
        "pool": "稳定版" if token.pool == "stable" else "普通版",
        "made": emulator.local(token.made_at).strftime("%H:%M:%S"),
        "state": state,
    }


@post("/platform/do")
async def do(state: AppState, data: _Form) -> Redirect:
    emulator = _emulator(state)
    told = ""
    match data.get("act"):
        case "fault":
            told = _add_fault(emulator, data)
        case "remove":
            emulator.store.commit(Gone("fault", str(_number(data))))
        case "clock":
            try:
                seconds = float(data.get("hours") or 0) * 3600
            except ValueError:
                seconds, told = emulator.store.offset.seconds, "时间要填数字"
            emulator.store.commit(Offset(seconds, in_pushes="in_pushes" in data))
        case "expire":
            end_tokens(emulator, expired=True)
        case "replace":
            end_tokens(emulator, expired=False)
        case "verify":
            ok, detail = await emulator.pusher.verify()
            told = "回调地址验证通过" if ok else f"回调地址验证失败：{detail}"
        case "again":
            push = emulator.store.pushes.get(_number(data))
            if push is not None:
                emulator.pusher.tell(push.openid, push.fields)
        case "reset":
            await emulator.reset()
            told = "已清空"
    return Redirect("/platform", query_params={"told": told} if told else None, status_code=303)


def _number(data: dict[str, str]) -> int:
    number = data.get("id", "")
    return int(number) if number.isdecimal() else 0


def _add_fault(emulator: Emulator, data: dict[str, str]) -> str:
    kind = data.get("kind", "")
    try:
        times, number = int(data.get("times") or 1), float(data.get("number") or 0)
    except ValueError:
        return "次数和数值要填数字"
    if kind not in get_args(FaultKind):
        return "请选择一种故障"
    fault = NewFault(
        kind=kind,  # type: ignore[arg-type]
        times=times,
        path=data.get("path") or "*",
        openid=data.get("openid") or "",
        errcode=int(number) or -1,
        status=int(number) if kind == "status" and number else 502,
        seconds=number,
    )
    order_fault(emulator, fault)
    return ""


def build_router() -> Router:
    return Router(
        "/",
        route_handlers=[platform, live, do],
        before_request=refuse_strangers,
        response_headers=SECURITY_HEADERS,
    )
