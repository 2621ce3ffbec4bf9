"""Menu, codes, media, account and web login, without HTTP."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from bot.emulator.api import account, files, menu, web_login
from bot.emulator.api.call import File, Upload
from bot.emulator.emulator import Emulator
from bot.emulator.errors import PlatformError
from bot.emulator.model import Person

from .conftest import APP_ID, SECRET, Asking, Clock


def errcode(call: Any, *args: Any, **more: Any) -> int:
    with pytest.raises(PlatformError) as refused:
        call(*args, **more)
    return refused.value.errcode


# -- menu ------------------------------------------------------------------------------------------

CLICK = {"type": "click", "name": "查进度", "key": "status"}
VIEW = {"type": "view", "name": "看网页", "url": "http://127.0.0.1:8000/family"}


def column(*rows: dict[str, Any], name: str = "更多") -> dict[str, Any]:
    return {"name": name, "sub_button": list(rows)}


def test_a_menu_is_made_read_and_removed(ask: Asking) -> None:
    assert errcode(ask, menu.get) == 46003
    ask(menu.create, {"button": [CLICK, column(VIEW, CLICK)]})
    read = ask(menu.get)["menu"]["button"]
    assert [b["name"] for b in read] == ["查进度", "更多"]
    ask(menu.delete)
    assert errcode(ask, menu.get) == 46003


@pytest.mark.parametrize(
    ("buttons", "expected"),
    [
        ([], 40016),
        ([CLICK] * 4, 40016),
        ([column(*[CLICK] * 6)], 40023),
        ([{**CLICK, "name": "字" * 6}], 40018),
        ([{**CLICK, "name": ""}], 40018),
        ([column({**CLICK, "name": "字" * 21})], 40025),
        ([{**CLICK, "type": "poem"}], 40017),
        ([column({**CLICK, "type": "poem"})], 40024),
        ([{**CLICK, "key": ""}], 40019),
        ([column({**CLICK, "key": "k" * 129})], 40026),
        ([{**VIEW, "url": ""}], 40020),
        ([column({**VIEW, "url": "h" * 1025})], 40027),
        ([column(column(CLICK))], 40022),
    ],
)
def test_a_wrong_menu_is_refused(buttons: list[dict[str, Any]], expected: int, ask: Asking) -> None:
    assert errcode(ask, menu.create, {"button": buttons}) == expected


def test_a_menu_with_escaped_characters_is_refused(ask: Asking) -> None:
    body = rb'{"button":[{"type":"click","name":"\u67e5","key":"k"}]}'
    assert errcode(ask, menu.create, raw=body) == 40033


# -- codes -----------------------------------------------------------------------------------------


def code(action: str, *, seconds: int = 60, **scene: Any) -> dict[str, Any]:
    return {
        "action_name": action,
        "expire_seconds": seconds,
        "action_info": {"scene": scene},
    }


def test_a_code_is_made_and_drawn(ask: Asking) -> None:
    made = ask(files.create_code, code("QR_STR_SCENE", scene_str="<门诊>"))
    assert made["expire_seconds"] == 60
    drawn = ask(files.show_code, ticket=made["ticket"])
    assert isinstance(drawn, File)
    assert drawn.mime == "image/svg+xml"
    words = "".join(ElementTree.fromstring(drawn.content).itertext())
    assert "<门诊>" in words


def test_a_permanent_code_has_no_end(ask: Asking) -> None:
    assert "expire_seconds" not in ask(files.create_code, code("QR_LIMIT_SCENE", scene_id=7))


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (code("QR", scene_id=1), 40051),
        (code("QR_LIMIT_SCENE", scene_id=100_001), 40053),
        (code("QR_SCENE", scene_id=0), 40053),
        (code("QR_SCENE", scene_str="x"), 40053),
        (code("QR_STR_SCENE", scene_str="x" * 65), 40053),
        (code("QR_STR_SCENE", scene_str="x", seconds=2_592_001), 40053),
    ],
)
def test_a_wrong_code_is_refused(request_: dict[str, Any], expected: int, ask: Asking) -> None:
    assert errcode(ask, files.create_code, request_) == expected


# -- media -----------------------------------------------------------------------------------------


def test_media_live_for_three_days(ask: Asking, emulator: Emulator, clock: Clock) -> None:
    upload = Upload("a.png", "image/png", b"picture")
    media_id = ask(files.upload, upload=upload, type="image")["media_id"]
    clock.forward(days=2, hours=23)
    answer = ask(files.download, media_id=media_id)
    assert isinstance(answer, File)
    assert (answer.content, answer.mime) == (b"picture", "image/png")
    clock.forward(hours=1)
    assert errcode(ask, files.download, media_id=media_id) == 40007
    ask(files.upload, upload=upload, type="image")
    assert list(emulator.store.media) != [media_id]
    assert len(emulator.store.media) == 1


@pytest.mark.parametrize(
    ("kind", "name", "size", "expected"),
    [
        ("image", "a.png", 10 * 1024 * 1024 + 1, 40009),
        ("voice", "a.amr", 2 * 1024 * 1024 + 1, 40010),
        ("video", "a.mp4", 10 * 1024 * 1024 + 1, 40011),
        ("thumb", "a.jpg", 64 * 1024 + 1, 40012),
        ("image", "a.exe", 10, 40004),
        ("poem", "a.png", 10, 40004),
        ("image", "a.png", 0, 44002),
    ],
)
def test_wrong_media_are_refused(
    kind: str, name: str, size: int, expected: int, ask: Asking
) -> None:
    upload = Upload(name, "application/octet-stream", b"x" * size)
    assert errcode(ask, files.upload, upload=upload, type=kind) == expected


def test_an_upload_without_a_file(ask: Asking) -> None:
    assert errcode(ask, files.upload, type="image") == 41005


# -- account ---------------------------------------------------------------------------------------


def test_the_platform_tells_no_name(ask: Asking, person: Person) -> None:
    info = ask(account.user_info, openid=person.openid)
    assert (info["subscribe"], info["nickname"], info["headimgurl"]) == (1, "", "")
    person.following = False
    assert ask(account.user_info, openid=person.openid)["subscribe"] == 0
    assert errcode(ask, account.user_info, openid="oNOBODY") == 40003


def test_quotas_are_cleared_ten_times_a_month(
    ask: Asking, emulator: Emulator, clock: Clock
) -> None:
    for _ in range(9):
        emulator.spend("/cgi-bin/message/custom/send", 10)
        ask(account.clear_quota, {"appid": APP_ID})
        assert emulator.spent("/cgi-bin/message/custom/send") == 0
    ask(account.clear_quota_v2, appid=APP_ID, appsecret=SECRET)
    assert errcode(ask, account.clear_quota, {"appid": APP_ID}) == 48006
    clock.forward(days=31)
    ask(account.clear_quota, {"appid": APP_ID})


# -- web login -------------------------------------------------------------------------------------

EXCHANGE = {"appid": APP_ID, "secret": SECRET, "grant_type": "authorization_code"}


def test_a_code_serves_once(ask: Asking, emulator: Emulator, person: Person) -> None:
    code = web_login.give_code(emulator, person, "snsapi_base").value
    answer = ask(web_login.exchange, **EXCHANGE, code=code)
    assert answer["openid"] == person.openid
    assert "is_snapshotuser" not in answer
    assert errcode(ask, web_login.exchange, **EXCHANGE, code=code) == 40163


def test_a_code_serves_for_five_minutes(
    ask: Asking, emulator: Emulator, person: Person, clock: Clock
) -> None:
    code = web_login.give_code(emulator, person, "snsapi_base").value
    clock.forward(minutes=5)
    assert errcode(ask, web_login.exchange, **EXCHANGE, code=code) == 42003
    assert errcode(ask, web_login.exchange, **EXCHANGE, code="unknown") == 40029
    assert errcode(ask, web_login.exchange, **EXCHANGE) == 41008


def test_a_snapshot_is_a_virtual_person(ask: Asking, emulator: Emulator, person: Person) -> None:
    code = web_login.give_code(emulator, person, "snsapi_userinfo", virtual=True).value
    answer = ask(web_login.exchange, **EXCHANGE, code=code)
    assert answer["is_snapshotuser"] == 1
    assert answer["openid"] != person.openid
    who = {"access_token": answer["access_token"], "openid": answer["openid"]}
    assert ask(web_login.user_info, **who)["nickname"] == "微信用户"


def test_the_name_is_told_only_for_that_scope(
    ask: Asking, emulator: Emulator, person: Person
) -> None:
    for scope, expected in (("snsapi_userinfo", "测试甲"), ("snsapi_base", None)):
        code = web_login.give_code(emulator, person, scope).value
        token = ask(web_login.exchange, **EXCHANGE, code=code)["access_token"]
        who = {"access_token": token, "openid": person.openid}
        if expected:
            assert ask(web_login.user_info, **who)["nickname"] == expected
        else:
            assert errcode(ask, web_login.user_info, **who) == 48001
        assert errcode(ask, web_login.user_info, **{**who, "openid": "oOTHER"}) == 40003


def test_a_web_token_can_be_renewed(
    ask: Asking, emulator: Emulator, person: Person, clock: Clock
) -> None:
    code = web_login.give_code(emulator, person, "snsapi_base").value
    given = ask(web_login.exchange, **EXCHANGE, code=code)
    who = {"access_token": given["access_token"], "openid": person.openid}
    clock.forward(hours=2)
    assert errcode(ask, web_login.check, **who) == 42001
    ask(web_login.refresh, appid=APP_ID, refresh_token=given["refresh_token"])
    assert ask(web_login.check, **who)["errcode"] == 0
    clock.forward(days=30)
    renewal = {"appid": APP_ID, "refresh_token": given["refresh_token"]}
    assert errcode(ask, web_login.refresh, **renewal) == 42002
    assert errcode(ask, web_login.refresh, appid=APP_ID, refresh_token="x") == 40030
