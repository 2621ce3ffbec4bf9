"""Calls to the platform, for workers' threads.

wechatpy builds the bodies of the calls it knows; the way of a call to the platform is ours (see
`calls`): one origin, time-outs, one token for all processes, one retry after a token error, and
errors that say whether a message may have arrived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from bot.wechat.calls import Calls, encode
from bot.wechat.failures import (
    PlatformRefused,
    PlatformUnreachable,
    SnapshotUser,
    UnsafeContent,
)
from bot.wechat.fields import check_notice
from bot.wechat.replies import MAX_TEXT_BYTES, Article
from bot.wechat.text import clean, size
from bot.wechat.tokens import FetchedToken, TokenKeeper, TokenStore
from bot.wechat.transport import Transport, result_of

REAL_ORIGIN = "https://api.weixin.qq.com"
TIMEOUT = 10.0

_OPEN_ORIGIN = "https://open.weixin.qq.com"
_MP_ORIGIN = "https://mp.weixin.qq.com"
_NO_MENU = 46003
_LONGEST_QR = timedelta(seconds=2_592_000)
_FILE_NAMES = {"image": "image.jpg", "voice": "voice.mp3", "video": "video.mp4", "thumb": "t.jpg"}


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code whose scan arrives as `Subscribe` or `Scan` with its scene."""

    ticket: str
    url: str
    """What the code encodes."""
    image_url: str
    expires_in: int | None
    """Seconds; None for a permanent one."""


@dataclass(frozen=True, slots=True)
class WebLogin:
    """Who opened our page in WeChat."""

    openid: str = field(repr=False)
    union_id: str = field(repr=False)
    scope: str


@dataclass(frozen=True, slots=True)
class Media:
    """What somebody sent; of a video the platform gives a ``link`` and no content."""

    content: bytes = field(repr=False)
    content_type: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class JsSignature:
    """What ``wx.config`` needs for one page."""

    app_id: str
    timestamp: int
    nonce: str
    signature: str


@dataclass(frozen=True, slots=True)
class SubscriptionTemplate:
    """A template of 订阅通知 that the account has chosen."""

    template_id: str
    title: str
    content: str
    example: str
    long_term: bool
    """Long-term (one consent, many notices), else one consent a notice."""


class PlatformClient:
    """One official account.

    Every method may raise `PlatformRefused` (the platform's errcode), `PlatformUnreachable` (no
    usable answer; ``sent`` says what is known) or `TokenUnavailable`; the sending ones also
    `UnsafeContent` before anything is sent. ``api_base`` is an origin without a path; all calls go
    there. ``timeout``: seconds for one answer. ``clock`` gives the aware present time.
    """

    def __init__(
        self,
        app_id: str,
        secret: str,
        *,
        api_base: str = REAL_ORIGIN,
        token_store: TokenStore,
        clock: Callable[[], datetime],
        timeout: float = TIMEOUT,
    ) -> None:
        self.app_id = app_id
        self._secret = secret
        self._clock = clock
        self._transport = Transport(api_base, timeout=timeout)
        self._keeper = TokenKeeper(
            app_id=app_id, store=token_store, fetch=self._fetch_token, clock=clock
        )
        self._calls = Calls(app_id, self._transport, self._keeper)
        self._ticket: tuple[str, datetime] | None = None

    # --- customer service (发送客服消息, 客服输入状态)

    def send_text(self, openid: str, text: str) -> None:
        """At most 2048 UTF-8 bytes; `replies.split_text` first."""
        self._calls.message.send_text(openid, _checked_text(text))

    def send_menu(
        self,
        openid: str,
        *,
        head: str,
        choices: Sequence[tuple[int, str]],
        tail: str = "",
    ) -> None:
        """A text with tappable lines; a tap arrives as `Text` with ``menu_choice``.

        Ids are positive numbers: the platform loses others.
        """
        if not choices or any(number < 1 for number, _ in choices):
            raise UnsafeContent("a message menu has choices, with ids from 1")
        entries = [{"id": str(number), "content": clean(words)} for number, words in choices]
        _checked_text("\n".join([head, *(entry["content"] for entry in entries), tail]))
        menu: dict[str, Any] = {"head_content": clean(head), "list": entries}
        if tail:
            menu["tail_content"] = clean(tail)
        self._calls.message.send_msg_menu(openid, menu)

    def send_image(self, openid: str, media_id: str) -> None:
        self._calls.message.send_image(openid, media_id)

    def send_news(self, openid: str, article: Article) -> None:
        """A card with a link; the platform takes one."""
        card = {
            "title": clean(article.title),
            "description": clean(article.description),
            "url": article.url,
            "picurl": article.image,
        }
        self._calls.message.send_articles(openid, [card])

    def typing(self, openid: str) -> None:
        """Show 「对方正在输入」 for up to 15 s; refused where they wrote nothing for 30 s."""
        self._calls.post("message/custom/typing", data={"touser": openid, "command": "Typing"})

    # --- notices (发送模板消息, 发送订阅通知)

    def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        client_msg_id: str,
        url: str | None = None,
        mini_program: Mapping[str, str] | None = None,
    ) -> str:
        """The message id that `TemplateSent` will name; so far it is only accepted.

        ``client_msg_id``: the platform sends the same one to the same person once in ten minutes.
        """
        body = _notice(openid, template_id, data, miniprogram=mini_program, url=url)
        body["client_msg_id"] = client_msg_id
        result = self._calls.post("message/template/send", data=body)
        return str(result.get("msgid", ""))

    def send_subscription(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        page: str | None = None,
        mini_program: Mapping[str, str] | None = None,
    ) -> None:
        """Uses up one consent; without any the platform refuses with 43101. Returns no id."""
        body = _notice(openid, template_id, data, miniprogram=mini_program, page=page)
        self._calls.post("message/subscribe/bizsend", data=body)

    def subscription_templates(self) -> list[SubscriptionTemplate]:
        result = self._calls.get("wxaapi/newtmpl/gettemplate", api_base_url="/")
        return [
            SubscriptionTemplate(
                str(row.get("priTmplId", "")),
                str(row.get("title", "")),
                str(row.get("content", "")),
                str(row.get("example", "")),
                str(row.get("type")) == "3",
            )
            for row in _rows(result, "data")
        ]

    # --- menu, QR codes, media

    def create_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        """Up to three buttons with up to five below each; phones show it within five minutes."""
        self._calls.menu.create({"button": list(buttons)})

    def get_menu(self) -> list[dict[str, Any]]:
        """The account's buttons; empty where it has none."""
        try:
            menu = self._calls.menu.get().get("menu")
        except PlatformRefused as refused:
            if refused.code == _NO_MENU:
                return []
            raise
        return _rows(menu if isinstance(menu, dict) else {}, "button")

    def create_qr(self, scene: str, *, expires: timedelta | None = None) -> QrCode:
        """A code for ``scene`` (1 to 64 characters), permanent unless ``expires`` (at most 30 d)."""
        if not 1 <= len(scene) <= 64:
            raise ValueError("a scene has 1 to 64 characters")
        body: dict[str, Any] = {"action_info": {"scene": {"scene_str": scene}}}
        if expires is None:
            body["action_name"] = "QR_LIMIT_STR_SCENE"
        else:
            seconds = int(min(expires, _LONGEST_QR).total_seconds())
            body |= {"action_name": "QR_STR_SCENE", "expire_seconds": seconds}
        result = self._calls.qrcode.create(body)
        ticket = _needed(result, "ticket", "qrcode/create")
        return QrCode(
            ticket,
            str(result.get("url", "")),
            f"{self._page_origin(_MP_ORIGIN)}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}",
            None if expires is None else int(result.get("expire_seconds", 0)),
        )

    def upload_temporary_media(self, kind: str, content: bytes, content_type: str) -> str:
        """Media id, good for three days. ``kind``: image, voice, video or thumb."""
        # Never the user's file name: the platform does not find a part with a non-ASCII one.
        part = (_FILE_NAMES[kind], content, content_type)
        result = self._calls.media.upload(kind, part)
        return _needed(result, "media_id" if kind != "thumb" else "thumb_media_id", "media/upload")

    def download_media(self, media_id: str) -> Media:
        """What somebody sent within the last three days."""
        answer = self._calls.raw("cgi-bin/media/get", {"media_id": media_id})
        if "json" in answer.content_type or answer.content_type.startswith("text/"):
            result = result_of(answer, "cgi-bin/media/get")  # raises where it holds an errcode
            return Media(b"", "", _needed(result, "video_url", "cgi-bin/media/get"))
        return Media(answer.body, answer.content_type)

    # --- pages (网页授权, JS-SDK)

    def login_url(self, redirect_to: str, *, state: str) -> str:
        """Where to send a browser inside WeChat so that it comes back with ``code``."""
        query = urlencode(
            {
                "appid": self.app_id,
                "redirect_uri": redirect_to,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
            }
        )
        origin = self._page_origin(_OPEN_ORIGIN)
        return f"{origin}/connect/oauth2/authorize?{query}#wechat_redirect"

    def oauth_access_token(self, code: str) -> WebLogin:
        """Who comes with ``code``. Raises `SnapshotUser` for the virtual user of a 快照页."""
        params = {
            "appid": self.app_id,
            "secret": self._secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        call = "sns/oauth2/access_token"
        result = result_of(self._transport.call("GET", call, params=params), call)
        if str(result.get("is_snapshotuser", 0)) == "1":
            raise SnapshotUser("a snapshot page has no real user")
        return WebLogin(
            _needed(result, "openid", call),
            str(result.get("unionid", "")),
            str(result.get("scope", "")),
        )

    def js_signature(self, url: str, *, nonce: str) -> JsSignature:
        """For the page at ``url``; what follows its ``#`` is left out."""
        now = self._clock()
        if self._ticket is None or self._ticket[1] <= now:
            result = self._calls.jsapi.get_ticket()
            life = timedelta(seconds=max(int(result.get("expires_in", 0)) - 300, 30))
            self._ticket = (_needed(result, "ticket", "ticket/getticket"), now + life)
        timestamp = int(now.timestamp())
        signature = self._calls.jsapi.get_jsapi_signature(
            nonce, self._ticket[0], timestamp, url.split("#", 1)[0]
        )
        return JsSignature(self.app_id, timestamp, nonce, str(signature))

    # --- the account itself

    def check_token(self) -> None:
        """Make sure there is a token; raises `TokenUnavailable` where there is none."""
        self._keeper.token()

    def clear_quota(self) -> None:
        """Reset the daily call counts; ten times a month."""
        self._calls.post("clear_quota", data={"appid": self.app_id})

    def check_callback(self) -> dict[str, Any]:
        """What the platform sees of our callback's host: ``dns`` and ``ping`` as it reports them."""
        body = {"action": "all", "check_operator": "DEFAULT"}
        return dict(self._calls.post("callback/check", data=body))

    def _fetch_token(self, force: bool) -> FetchedToken:
        call = "cgi-bin/stable_token"
        body = {
            "grant_type": "client_credential",
            "appid": self.app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        result = result_of(self._transport.call("POST", call, body=encode(body)), call)
        expires_in = result.get("expires_in")
        if not isinstance(expires_in, int) or expires_in <= 0:
            raise PlatformUnreachable("a token without its lifetime", call=call, sent=None)
        return FetchedToken(_needed(result, "access_token", call), expires_in)

    def _page_origin(self, real: str) -> str:
        """Pages that people open: another host of the real platform, the same host elsewhere."""
        host = self._transport.host
        return real if host.endswith(".weixin.qq.com") else self._transport.origin


def _checked_text(text: str) -> str:
    cleaned = clean(text)
    if not cleaned.strip():
        raise UnsafeContent("an empty text")
    if size(cleaned) > MAX_TEXT_BYTES:
        raise UnsafeContent(f"a text of {size(cleaned)} bytes; {MAX_TEXT_BYTES} are possible")
    return cleaned


def _notice(
    openid: str, template_id: str, data: Mapping[str, str], **optional: object
) -> dict[str, Any]:
    problems = check_notice(data)
    if problems:
        raise UnsafeContent("; ".join(f"{p.field}: {p.problem}" for p in problems))
    values = {name: {"value": value} for name, value in data.items()}
    body: dict[str, Any] = {"touser": openid, "template_id": template_id, "data": values}
    return body | {name: value for name, value in optional.items() if value}


def _rows(result: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = result.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _needed(result: Mapping[str, Any], name: str, call: str) -> str:
    value = result.get(name)
    if not isinstance(value, str) or not value:
        raise PlatformUnreachable(f"an answer without {name}", call=call, sent=None)
    return value
