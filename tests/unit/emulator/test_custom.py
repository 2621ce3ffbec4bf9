"""Customer-service messages: what may be sent, to whom, how often."""

from __future__ import annotations

from typing import Any

import pytest

from bot.emulator import quota
from bot.emulator.api.custom import send, typing
from bot.emulator.emulator import Emulator
from bot.emulator.errors import PlatformError
from bot.emulator.media import keep_media
from bot.emulator.model import Person

from .conftest import Asking, Clock


def text(content: str = "你好", touser: str = "oPERSON") -> dict[str, Any]:
    return {"touser": touser, "msgtype": "text", "text": {"content": content}}


def errcode(call: Any, *args: Any, **more: Any) -> int:
    with pytest.raises(PlatformError) as refused:
        call(*args, **more)
    return refused.value.errcode


def sent(emulator: Emulator) -> list[str]:
    return [m.text for m in emulator.store.phone("oPERSON") if m.channel == "custom"]


# -- how often -------------------------------------------------------------------------------------


def test_five_within_48_hours_of_a_message(
    ask: Asking, emulator: Emulator, person: Person, clock: Clock
) -> None:
    assert errcode(ask, send, text()) == 45015
    quota.open_window(person, "message", emulator.now())
    clock.forward(hours=47, minutes=59)
    for number in range(5):
        ask(send, text(f"第{number}条"))
    assert errcode(ask, send, text()) == 45047
    assert sent(emulator) == [f"第{n}条" for n in range(5)]
    clock.forward(minutes=2)
    assert errcode(ask, send, text()) == 45015


@pytest.mark.parametrize("kind", ["click", "follow", "scan"])
def test_three_within_a_minute_of_a_click(
    kind: Any, ask: Asking, emulator: Emulator, person: Person, clock: Clock
) -> None:
    quota.open_window(person, kind, emulator.now())
    clock.forward(seconds=59)
    for _ in range(3):
        ask(send, text())
    assert errcode(ask, send, text()) == 45047
    clock.forward(seconds=2)
    assert errcode(ask, send, text()) == 45015


def test_a_new_message_opens_the_window_anew(
    ask: Asking, emulator: Emulator, person: Person
) -> None:
    for _ in range(2):
        quota.open_window(person, "message", emulator.now())
        for _ in range(5):
            ask(send, text())
    assert errcode(ask, send, text()) == 45047


def test_windows_do_not_add_up(ask: Asking, emulator: Emulator, person: Person) -> None:
    quota.open_window(person, "message", emulator.now())
    quota.open_window(person, "click", emulator.now())
    for _ in range(5):
        ask(send, text())
    assert errcode(ask, send, text()) == 45047


def test_a_refused_message_costs_nothing(ask: Asking, emulator: Emulator, person: Person) -> None:
    quota.open_window(person, "message", emulator.now())
    for _ in range(10):
        assert errcode(ask, send, text("字" * 683)) == 45002
    for _ in range(5):
        ask(send, text())


# -- to whom ---------------------------------------------------------------------------------------


def test_who_cannot_be_reached(ask: Asking, emulator: Emulator, person: Person) -> None:
    quota.open_window(person, "message", emulator.now())
    assert errcode(ask, send, text(touser="oNOBODY")) == 40003
    person.accepts = False
    assert errcode(ask, send, text()) == 48002
    person.accepts, person.following = True, False
    assert errcode(ask, send, text()) == 45015
    emulator.store.commit(Person("oSTRANGER", "测试乙"))
    assert errcode(ask, send, text(touser="oSTRANGER")) == 43004


# -- what ------------------------------------------------------------------------------------------


def test_every_kind_arrives(ask: Asking, emulator: Emulator, person: Person) -> None:
    media = keep_media(emulator, "image", b"x", mime="image/png").id
    article = {"title": "题", "description": "述", "url": "http://127.0.0.1/", "picurl": ""}
    contents: dict[str, Any] = {
        "text": {"content": "文字"},
        "image": {"media_id": media},
        "voice": {"media_id": media},
        "video": {"media_id": media, "thumb_media_id": media, "title": "题"},
        "music": {"musicurl": "http://x", "hqmusicurl": "http://x", "thumb_media_id": media},
        "news": {"articles": [article]},
        "mpnews": {"media_id": media},
        "mpnewsarticle": {"article_id": "a1"},
        "msgmenu": {"head_content": "选", "list": [{"id": "101", "content": "好"}]},
        "wxcard": {"card_id": "c"},
        "miniprogrampage": {"title": "t", "appid": "wx1", "pagepath": "p"},
    }
    for kind, content in contents.items():
        quota.open_window(person, "message", emulator.now())
        ask(send, {"touser": person.openid, "msgtype": kind, kind: content})
    phone = emulator.store.phone(person.openid)
    assert [m.type for m in phone] == list(contents)
    assert [m.seq for m in phone] == list(range(1, 12))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"msgtype": "poem"}, 40008),
        ({"msgtype": ""}, 40008),
        ({"msgtype": "text"}, 44004),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text", "text": "hello"}, 47001),
        ({"msgtype": "image", "image": {"media_id": "unknown"}}, 40007),
        ({"msgtype": "news", "news": {"articles": []}}, 44004),
        ({"msgtype": "news", "news": {"articles": [{}, {}]}}, 45008),
        ({"msgtype": "msgmenu", "msgmenu": {"list": []}}, 44004),
        ({"msgtype": "mpnewsarticle", "mpnewsarticle": {}}, 44004),
    ],
)
def test_what_is_refused(
    message: dict[str, Any], expected: int, ask: Asking, emulator: Emulator, person: Person
) -> None:
    quota.open_window(person, "message", emulator.now())
    assert errcode(ask, send, {"touser": person.openid, **message}) == expected


def test_2048_bytes_and_one_more(ask: Asking, emulator: Emulator, person: Person) -> None:
    quota.open_window(person, "message", emulator.now())
    ask(send, text("字" * 682 + "ab"))
    assert errcode(ask, send, text("字" * 682 + "abc")) == 45002


def test_an_escaped_character_is_what_the_person_reads(
    ask: Asking, emulator: Emulator, person: Person
) -> None:
    quota.open_window(person, "message", emulator.now())
    body = rb'{"touser":"oPERSON","msgtype":"text","text":{"content":"\u4f60\u597d\n\\u"}}'
    ask(send, raw=body)
    assert sent(emulator) == ["\\u4f60\\u597d\n\\u"]


def test_the_ai_label_and_the_account_are_kept(
    ask: Asking, emulator: Emulator, person: Person
) -> None:
    quota.open_window(person, "message", emulator.now())
    ask(
        send,
        {
            **text(),
            "aimsgcontext": {"is_ai_msg": 1},
            "customservice": {"kf_account": "kf1@x"},
        },
    )
    message = emulator.store.phone(person.openid)[-1]
    assert (message.ai, message.kf_account) == (True, "kf1@x")


# -- typing ----------------------------------------------------------------------------------------


def test_typing_needs_a_recent_message_and_is_not_repeated(
    ask: Asking, emulator: Emulator, person: Person, clock: Clock
) -> None:
    on = {"touser": person.openid, "command": "Typing"}
    assert errcode(ask, typing, on) == 45080
    person.spoke_at = emulator.now()
    clock.forward(seconds=30)
    ask(typing, on)
    assert person.typing_until > emulator.now()
    assert errcode(ask, typing, on) == 45081
    assert errcode(ask, typing, {**on, "command": "typing"}) == 45072
    ask(typing, {**on, "command": "CancelTyping"})
    assert person.typing_until <= emulator.now()


def test_typing_ends_after_fifteen_seconds_or_with_a_message(
    ask: Asking, emulator: Emulator, person: Person, clock: Clock
) -> None:
    on = {"touser": person.openid, "command": "Typing"}
    quota.open_window(person, "message", emulator.now())
    person.spoke_at = emulator.now()
    ask(typing, on)
    clock.forward(seconds=15)
    ask(typing, on)
    ask(send, text())
    ask(typing, on)
