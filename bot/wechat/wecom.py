"""企业微信 for staff: a group's robot, and messages of an application.

Sources: 群机器人配置说明 (path 91770), 发送应用消息 (90236), 获取access_token (91039), 全局错误码.
The caller keeps to the rates: a robot takes 20 messages a minute; an application 30 a minute and
1000 an hour for each member, and what is over is dropped without an error. Nothing about a patient
belongs here: an id and a link.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.wechat.failures import (
    PlatformFailure,
    PlatformRefused,
    PlatformUnreachable,
    UnsafeContent,
)
from bot.wechat.text import clean, size
from bot.wechat.tokens import FetchedToken, TokenKeeper, TokenStore
from bot.wechat.transport import Answer, Transport, result_of

REAL_ORIGIN = "https://qyapi.weixin.qq.com"
ROBOT_PER_MINUTE = 20
MAX_TEXT_BYTES = 2_048
MAX_MARKDOWN_BYTES = 4_096

_TOKEN_CODES = (40014, 42001, 41001)

# 企业微信 gives some of the platform's numbers another meaning, so it has its own words.
STAFF_WORDS: dict[int, str] = {
    -1: "企业微信正忙，稍后会自动再发。",
    40001: "企业微信应用的密钥不对，请联系系统管理员。",
    40058: "这条提醒太长，请联系系统管理员。",
    45009: "企业微信提醒发得太多，过一会儿会自动再发。",
    60011: "企业微信应用没有权限给这些人发提醒，请联系系统管理员。",
    60020: "服务器的地址没有登记在企业微信里，请联系系统管理员。",
    81013: "要提醒的人都不在企业微信应用的范围里，请联系系统管理员。",
    93000: "企业微信群机器人的地址不对或已删除，请联系系统管理员。",
}


class WecomRefused(PlatformFailure):
    """企业微信 answered with an errcode; nothing was sent."""

    def __init__(self, code: int, errmsg: str, *, call: str) -> None:
        self.code = code
        self.staff = STAFF_WORDS.get(code, f"企业微信没有收下提醒（代码 {code}）。")
        self.slow_down = code == 45009
        super().__init__(f"{call}: {code} ({errmsg})")


class GroupRobot:
    """The robot of one 企业微信 group. Its address is a secret: who has it can write there."""

    def __init__(self, webhook: str, *, timeout: float = 10.0) -> None:
        """``webhook``: the address as the group shows it. Raises ValueError without showing it."""
        parts = urlsplit(webhook)
        keys = parse_qs(parts.query).get("key", [])
        if parts.path != "/cgi-bin/webhook/send" or len(keys) != 1:
            raise ValueError("a robot's address ends with /cgi-bin/webhook/send?key=…")
        self._key = keys[0]
        self._transport = Transport(f"{parts.scheme}://{parts.netloc}", timeout=timeout)

    def send_text(self, text: str, *, mention: Sequence[str] = ()) -> None:
        """At most 2048 bytes. ``mention``: user ids, or ``@all``."""
        content = {"content": _checked(text, MAX_TEXT_BYTES), "mentioned_list": list(mention)}
        self._send({"msgtype": "text", "text": content})

    def send_markdown(self, markdown: str) -> None:
        """At most 4096 bytes."""
        content = _checked(markdown, MAX_MARKDOWN_BYTES)
        self._send({"msgtype": "markdown", "markdown": {"content": content}})

    def _send(self, body: dict[str, Any]) -> None:
        _called(self._transport, "cgi-bin/webhook/send", {"key": self._key}, body)


@dataclass(frozen=True, slots=True)
class WecomReceipt:
    """What became of an application's message. The lists hold user ids that got nothing."""

    message_id: str
    invalid_users: tuple[str, ...]
    unlicensed_users: tuple[str, ...]


class WecomApp:
    """One application of one 企业微信 (corporation)."""

    def __init__(
        self,
        corp_id: str,
        secret: str,
        agent_id: int,
        *,
        token_store: TokenStore,
        clock: Callable[[], datetime],
        api_base: str = REAL_ORIGIN,
        timeout: float = 10.0,
    ) -> None:
        self._corp_id = corp_id
        self._secret = secret
        self._agent_id = agent_id
        self._transport = Transport(api_base, timeout=timeout)
        self._keeper = TokenKeeper(
            app_id=f"{corp_id}:{agent_id}", store=token_store, fetch=self._fetch, clock=clock
        )

    def send_text(self, users: Sequence[str], text: str) -> WecomReceipt:
        """To at most 1000 user ids. The same text to the same people again within half an hour is
        taken for a repeat and not shown."""
        if not 1 <= len(users) <= 1_000:
            raise UnsafeContent("1 to 1000 recipients")
        body = {
            "touser": "|".join(users),
            "msgtype": "text",
            "agentid": self._agent_id,
            "text": {"content": _checked(text, MAX_TEXT_BYTES)},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 1_800,
        }
        token = self._keeper.token()
        try:
            result = self._send(token, body)
        except WecomRefused as refused:
            if refused.code not in _TOKEN_CODES:
                raise
            result = self._send(self._keeper.token(rejected=token), body)
        return WecomReceipt(
            str(result.get("msgid", "")),
            _ids(result.get("invaliduser")),
            _ids(result.get("unlicenseduser")),
        )

    def _send(self, token: str, body: dict[str, Any]) -> dict[str, Any]:
        return _called(self._transport, "cgi-bin/message/send", {"access_token": token}, body)

    def _fetch(self, _force: bool) -> FetchedToken:
        call = "cgi-bin/gettoken"
        params = {"corpid": self._corp_id, "corpsecret": self._secret}
        result = _result(self._transport.call("GET", call, params=params), call)
        token, life = result.get("access_token"), result.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(life, int) or life <= 0:
            raise PlatformUnreachable("no token in the answer", call=call, sent=None)
        return FetchedToken(token, life)


def _called(
    transport: Transport, call: str, params: dict[str, str], body: dict[str, Any]
) -> dict[str, Any]:
    content = json.dumps(body, ensure_ascii=False).encode()
    return _result(transport.call("POST", call, params=params, body=content), call)


def _result(answer: Answer, call: str) -> dict[str, Any]:
    try:
        return result_of(answer, call)
    except PlatformRefused as refused:
        code, errmsg = refused.code, refused.errmsg
    raise WecomRefused(code, errmsg, call=call)


def _checked(text: str, limit: int) -> str:
    cleaned = clean(text)
    if not cleaned.strip():
        raise UnsafeContent("an empty text")
    if size(cleaned) > limit:
        raise UnsafeContent(f"a text of {size(cleaned)} bytes; {limit} are possible")
    return cleaned


def _ids(value: object) -> tuple[str, ...]:
    return tuple(part for part in str(value or "").split("|") if part)
