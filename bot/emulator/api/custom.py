"""Customer-service messages and the typing state.

Official pages: service/api/customer/message/api_sendcustommessage and api_typing.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field, to_builtins

from bot.emulator import quota
from bot.emulator.api.call import OK, Call, Interface
from bot.emulator.errors import PlatformError
from bot.emulator.media import live_media
from bot.emulator.model import Person
from bot.emulator.wire import MAX_TEXT_BYTES

CUSTOM_A_DAY = 500_000
TYPING_SECONDS = 15.0
TYPING_AFTER = 30.0


class _Account(Struct):
    kf_account: str = ""


class _AiContext(Struct):
    is_ai_msg: int = 0


class _Text(Struct):
    content: str = ""


class _File(Struct):
    media_id: str = ""


class _Video(Struct):
    media_id: str = ""
    thumb_media_id: str = ""
    title: str = ""
    description: str = ""


class _Music(Struct):
    musicurl: str
    hqmusicurl: str
    thumb_media_id: str
    title: str = ""
    description: str = ""


class _Article(Struct):
    title: str = ""
    description: str = ""
    url: str = ""
    picurl: str = ""


class _News(Struct):
    articles: list[_Article] = field(default_factory=list)


class _Item(Struct):
    id: str | int
    content: str


class _Menu(Struct):
    items: list[_Item] = field(name="list")
    head_content: str = ""
    tail_content: str = ""


class _ArticleId(Struct):
    article_id: str = ""


class _Message(Struct):
    touser: str = ""
    msgtype: str = ""
    text: _Text | None = None
    image: _File | None = None
    voice: _File | None = None
    mpnews: _File | None = None
    video: _Video | None = None
    music: _Music | None = None
    news: _News | None = None
    msgmenu: _Menu | None = None
    mpnewsarticle: _ArticleId | None = None
    wxcard: dict[str, Any] | None = None
    miniprogrampage: dict[str, Any] | None = None
    customservice: _Account | None = None
    aimsgcontext: _AiContext | None = None


class _Typing(Struct):
    touser: str = ""
    command: str = ""


def send(call: Call) -> dict[str, Any]:
    message = call.read(_Message)
    person = call.person(message.touser)
    content = _content(call, message)
    _check_reachable(person)
    quota.take_one(person, call.emulator.now())
    call.emulator.show(
        person,
        channel="custom",
        type=message.msgtype,
        content=content,
        ai=bool(message.aimsgcontext and message.aimsgcontext.is_ai_msg),
        kf_account=message.customservice.kf_account if message.customservice else "",
    )
    return OK


def _check_reachable(person: Person) -> None:
    """Who never followed is asked to subscribe first; who left is covered by 45015's wording."""
    if not person.following:
        raise PlatformError(45015 if person.followed_at else 43004)
    if not person.accepts:
        raise PlatformError(48002)


def _content(call: Call, message: _Message) -> dict[str, Any]:
    """What the phone shows, checked. Raises PlatformError as the platform would."""
    kind = message.msgtype
    if kind not in _CHECKS:
        raise PlatformError(40008)
    part = getattr(message, kind)
    if part is None:
        raise PlatformError(44004)
    _CHECKS[kind](call, part)
    content: dict[str, Any] = to_builtins(part)
    return content


def _check_text(_call: Call, part: _Text) -> None:
    if not part.content:
        raise PlatformError(44004)
    if len(part.content.encode()) > MAX_TEXT_BYTES:
        raise PlatformError(45002)


def _check_file(call: Call, part: _File | _Video) -> None:
    live_media(call.emulator, part.media_id)


def _check_music(call: Call, part: _Music) -> None:
    live_media(call.emulator, part.thumb_media_id)


def _check_news(_call: Call, part: _News) -> None:
    if not part.articles:
        raise PlatformError(44004)
    if len(part.articles) > 1:
        raise PlatformError(45008)


def _check_menu(_call: Call, part: _Menu) -> None:
    if not part.items:
        raise PlatformError(44004)
    words = [part.head_content, part.tail_content, *(item.content for item in part.items)]
    if sum(len(word.encode()) for word in words) > MAX_TEXT_BYTES:
        raise PlatformError(45002)


def _check_article(_call: Call, part: _ArticleId) -> None:
    if not part.article_id:
        raise PlatformError(44004)


def _check_nothing(_call: Call, _part: object) -> None:
    """Cards and mini programs belong to other products; the phone shows that one came."""


_CHECKS: dict[str, Any] = {
    "text": _check_text,
    "image": _check_file,
    "voice": _check_file,
    "video": _check_file,
    "mpnews": _check_file,
    "music": _check_music,
    "news": _check_news,
    "msgmenu": _check_menu,
    "mpnewsarticle": _check_article,
    "wxcard": _check_nothing,
    "miniprogrampage": _check_nothing,
}


def typing(call: Call) -> dict[str, Any]:
    """A repeated Typing within 15 s is refused; any message to the person ends the state."""
    request = call.read(_Typing)
    person = call.person(request.touser)
    if request.command not in ("Typing", "CancelTyping"):
        raise PlatformError(45072)
    _check_reachable(person)
    now = call.emulator.now()
    if request.command == "CancelTyping":
        person.typing_until = 0.0
    else:
        if now - person.spoke_at > TYPING_AFTER:
            raise PlatformError(45080)
        if person.typing_until > now:
            raise PlatformError(45081)
        person.typing_until = now + TYPING_SECONDS
    call.emulator.store.commit(person)
    return OK


INTERFACES = (
    Interface(method="POST", path="/cgi-bin/message/custom/send", answer=send, daily=CUSTOM_A_DAY),
    Interface(
        method="POST", path="/cgi-bin/message/custom/typing", answer=typing, daily=CUSTOM_A_DAY
    ),
)
