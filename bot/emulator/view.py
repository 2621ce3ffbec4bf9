"""How things are worded and laid out on the emulator's pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from markupsafe import Markup, escape

from bot.emulator import quota
from bot.emulator.emulator import Emulator
from bot.emulator.model import Person, PhoneMessage

_PAUSE = 300.0
"""After so many seconds of silence a phone shows the time again."""

_LINK = re.compile(
    r"""<a\s[^>]*?href\s*=\s*(?P<quote>["'])(?P<href>.*?)(?P=quote)[^>]*>(?P<label>.*?)</a>"""
    r"""|(?P<bare>https?://[\w\-./?%&=#:~+@!$,;*]+)""",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
COLOURS = 6

CHANNELS = {
    "passive": "被动回复",
    "custom": "客服消息",
    "template": "模板消息",
    "subscribe": "订阅通知",
}
KINDS = {
    "image": "图片",
    "voice": "语音",
    "video": "视频",
    "shortvideo": "小视频",
    "music": "音乐",
    "location": "位置",
    "link": "链接",
    "mpnews": "图文消息",
    "mpnewsarticle": "图文消息",
    "wxcard": "卡券",
    "miniprogrampage": "小程序",
}


@dataclass(frozen=True)
class Line:
    message: PhoneMessage
    time: str
    """Shown above it; empty when the line before was shortly before."""


def lines(emulator: Emulator, messages: list[PhoneMessage], before: float = 0.0) -> list[Line]:
    today = emulator.local(emulator.now())
    result = []
    for message in messages:
        shown = "" if message.at - before < _PAUSE else moment(emulator, message.at, today)
        result.append(Line(message, shown))
        before = message.at
    return result


def moment(emulator: Emulator, at: float, today: datetime) -> str:
    local = emulator.local(at)
    clock = local.strftime("%H:%M")
    if local.date() == today.date():
        return clock
    if local.date() == today.date() - timedelta(days=1):
        return f"昨天 {clock}"
    return f"{local.month}月{local.day}日 {clock}"


def rich(text: str, openid: str) -> Markup:
    """A text as a phone shows it: addresses and `<a href>` become links, nothing else is markup.

    A `weixin://bizmsgmenu` link sends its words when tapped, like an item of a message menu.
    """
    parts: list[Markup] = []
    end = 0
    for found in _LINK.finditer(text):
        parts.append(escape(text[end : found.start()]))
        href = unescape(found["href"] or found["bare"])
        label = found["label"] or found["bare"]
        parts.append(_link(href, unescape(label), openid))
        end = found.end()
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def _link(href: str, label: str, openid: str) -> Markup:
    parts = urlsplit(href)
    if parts.scheme in ("http", "https"):
        return Markup('<a href="{}" target="_blank" rel="noopener">{}</a>').format(
            opening(openid, href), label
        )
    if parts.scheme == "weixin" and parts.netloc == "bizmsgmenu":
        query = parse_qs(parts.query)
        return Markup(
            '<button class="inline" name="menu_link" value="{}|{}" form="tap">{}</button>'
        ).format(query.get("msgmenuid", [""])[0], query.get("msgmenucontent", [label])[0], label)
    return escape(label)


def opening(openid: str, url: str) -> str:
    """The address that opens `url` as this person."""
    return f"/phone/{openid}/open?to={quote(url, safe='')}"


def summary(message: PhoneMessage | None) -> str:
    """One line for the list of people."""
    if message is None:
        return "还没有消息"
    content = message.content
    if message.type in KINDS:
        return f"[{KINDS[message.type]}]"
    if message.type == "notice":
        return f"[通知] {content.get('title', '')}"
    if message.type == "news":
        articles = content.get("articles") or [{}]
        return f"[图文] {articles[0].get('title', '')}"
    if message.type == "msgmenu":
        return str(content.get("head_content") or "[请选择]")
    return re.sub(r"<[^>]*>", "", str(content.get("content", "")))[:60]


def colour(person: Person) -> int:
    return sum(person.openid.encode()) % COLOURS


def initial(person: Person) -> str:
    return person.name[-1:]


def menu_buttons(emulator: Emulator) -> list[dict[str, Any]]:
    return emulator.store.menu.buttons if emulator.store.menu else []


WINDOWS = {"message": "发过消息", "click": "点过菜单", "follow": "刚关注", "scan": "扫过码"}


def quota_text(emulator: Emulator, person: Person) -> str:
    """How much may still be sent to the person, for the developer."""
    now = emulator.now()
    windows = quota.open_windows(person, now)
    if not windows:
        return "窗口已关"
    return "，".join(f"{WINDOWS[w.kind]}：剩 {w.left} 条 {span(w.until - now)}" for w in windows)


def span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} 秒"
    if seconds < 7200:
        return f"{seconds / 60:.0f} 分"
    return f"{seconds / 3600:.0f} 时"
