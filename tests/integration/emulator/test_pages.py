"""The phone and the developer's page as plain HTML, without their scripts."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from bot.emulator.catalogue import REMINDER_TEMPLATE_ID
from bot.emulator.client import EmulatorClient
from bot.emulator.model import Person

from .conftest import Api, FakeBot, passive


@pytest.fixture
def browser(phone: EmulatorClient) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=phone.base_url, trust_env=False, follow_redirects=True, timeout=30
    ) as opened:
        yield opened


def do(browser: httpx.Client, openid: str, **form: str) -> str:
    answer = browser.post(f"/phone/{openid}/do", data=form)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_person_is_made_follows_and_talks(
    browser: httpx.Client, phone: EmulatorClient, bot: FakeBot
) -> None:
    bot.replies(passive("欢迎您"), passive("收到"))
    page = browser.post("/people", data={"name": "测试甲"})
    assert "关注公众号" in page.text
    (person,) = phone.people()
    do(browser, person.openid, act="follow")
    do(browser, person.openid, text="我想报名")
    phone.wait_idle()
    page = browser.get(f"/phone/{person.openid}")
    for words in ("欢迎您", "我想报名", "收到", "被动回复"):
        assert words in page.text
    assert "测试甲" in browser.get("/").text


def test_everything_a_phone_can_do(
    browser: httpx.Client, phone: EmulatorClient, bot: FakeBot, api: Api, person: str
) -> None:
    scene = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "大厅"}}}
    ticket = api.call("/cgi-bin/qrcode/create", scene)["ticket"]
    button = {"type": "click", "name": "查进度", "key": "status"}
    api.call("/cgi-bin/menu/create", {"button": [{"name": "更多", "sub_button": [button]}]})
    page = do(browser, person, text="你好")
    assert "查进度" in page
    assert "大厅" in page
    do(browser, person, act="voice")
    do(browser, person, location="思明区")
    do(browser, person, ticket=ticket)
    do(browser, person, button="0-0")
    do(browser, person, consent=f"accept|{REMINDER_TEMPLATE_ID}")
    do(browser, person, profile="user_info_modified")
    do(browser, person, switch="accepts")
    do(browser, person, menu_link="7|好的")
    browser.post(
        f"/phone/{person}/do", files={"file": ("a.png", b"\x89PNG", "image/png")}
    ).raise_for_status()
    do(browser, person, act="unfollow")
    phone.wait_idle()
    kinds = sorted((f["MsgType"], f.get("Event", "")) for f in bot.fields)
    assert kinds == [
        ("event", "CLICK"),
        ("event", "SCAN"),
        ("event", "subscribe_msg_popup_event"),
        ("event", "unsubscribe"),
        ("event", "user_info_modified"),
        ("image", ""),
        ("location", ""),
        ("text", ""),
        ("text", ""),
        ("voice", ""),
    ]
    assert phone.person(person).accepts is False


def test_what_is_impossible_is_said_kindly(browser: httpx.Client, phone: EmulatorClient) -> None:
    openid = phone.add_person("测试乙").openid
    assert "还没有关注这个公众号" in do(browser, openid, text="在吗")
    quiet = browser.post(f"/phone/{openid}/do", data={"text": "在吗"}, headers={"x-quiet": "1"})
    assert quiet.json() == {"error": "还没有关注这个公众号"}
    for form in ({"item": "x|1"}, {"button": "9"}, {"button": "x"}, {"ticket": "x"}, {}):
        assert browser.post(f"/phone/{openid}/do", data=form).status_code == 200
    assert browser.post("/phone/oNOBODY/do", data={"text": "x"}).status_code == 404
    assert browser.get("/phone/oNOBODY").url.path == "/"


def test_texts_cannot_carry_markup(
    browser: httpx.Client, api: Api, phone: EmulatorClient, person: str
) -> None:
    phone.say(person, "<script>alert(1)</script>")
    words = (
        '看<a href="http://127.0.0.1:8000/family?a=1&b=2">这里</a>'
        "<a href='weixin://bizmsgmenu?msgmenucontent=好的&msgmenuid=3'>好</a>"
        '<a href="javascript:alert(1)">坏</a><img src=x>'
    )
    api.send_text(person, words)
    page = browser.get(f"/phone/{person}").text
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "javascript:" not in page
    links = [unescape(link) for link in re.findall(r'href="(/phone/[^"]*/open[^"]*)"', page)]
    assert links == [
        f"/phone/{person}/open?to=http%3A%2F%2F127.0.0.1%3A8000%2Ffamily%3Fa%3D1%26b%3D2"
    ]
    assert 'value="3|好的"' in page


def test_nothing_is_loaded_from_elsewhere(
    browser: httpx.Client, phone: EmulatorClient, person: str
) -> None:
    phone.say(person, "在吗")
    for path in ("/", f"/phone/{person}", "/platform"):
        page = browser.get(path)
        assert page.headers["content-security-policy"].startswith("default-src 'self'")
        assert not re.search(r'(src|href)="(https?:)?//', page.text)
        assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)
        assert not re.search(r"\son\w+=|\sstyle=", page.text)
        for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
            assert browser.get(asset).status_code == 200


def test_other_sites_cannot_use_the_pages(
    browser: httpx.Client, phone: EmulatorClient, person: str
) -> None:
    foreign = {"sec-fetch-site": "cross-site"}
    answer = browser.post(f"/phone/{person}/do", data={"text": "x"}, headers=foreign)
    assert answer.status_code == 403
    assert browser.post("/_emulator/reset", headers=foreign).status_code == 403
    assert browser.get("/", headers={"host": "evil.example"}).status_code == 403
    assert phone.messages(person) == []


# -- what is new -----------------------------------------------------------------------------------


def test_updates_come_when_something_happens(
    browser: httpx.Client, phone: EmulatorClient, api: Api, person: str
) -> None:
    phone.say(person, "在吗")
    seq = phone.delivered().last_seq
    answers: list[httpx.Response] = []
    query = {"after": str(seq), "openid": person}
    waiting = threading.Thread(target=lambda: answers.append(browser.get("/updates", params=query)))
    waiting.start()
    api.send_text(person, "新的话")
    waiting.join(20)
    update = answers[0].json()
    assert "新的话" in update["html"]
    assert "在吗" not in update["html"]
    assert update["seq"] == seq + 1
    assert update["people"][0]["last"] == "新的话"


def test_updates_tell_of_typing_and_of_a_reset(
    browser: httpx.Client, phone: EmulatorClient, api: Api, person: str
) -> None:
    phone.say(person, "在吗")
    typing = {"touser": person, "command": "Typing"}
    assert api.call("/cgi-bin/message/custom/typing", typing)["errcode"] == 0
    assert browser.get("/updates", params={"after": "0", "openid": person}).json()["typing"]
    assert browser.get("/updates", params={"after": "999"}).json() == {"reload": True}


# -- menu pages ------------------------------------------------------------------------------------


def test_a_menu_link_tells_the_callback_and_opens_the_page(
    phone: EmulatorClient, bot: FakeBot, api: Api, person: str
) -> None:
    page = {"type": "view", "name": "网页", "url": "http://127.0.0.1:8000/family"}
    api.call("/cgi-bin/menu/create", {"button": [page]})
    answer = httpx.get(f"{phone.base_url}/phone/{person}/view/0", trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (303, page["url"])
    phone.wait_idle()
    assert [f["Event"] for f in bot.fields] == ["VIEW"]


# -- the developer's page --------------------------------------------------------------------------


def test_the_developer_sees_and_does(
    browser: httpx.Client, phone: EmulatorClient, bot: FakeBot, api: Api, person: str
) -> None:
    def act(**form: str) -> str:
        answer = browser.post("/platform/do", data=form)
        assert answer.status_code == 200
        return answer.text

    bot.replies('{"junk": 1}')
    phone.say(person, "在吗")
    api.send_text(person)
    page = browser.get("/platform").text
    for words in ("回复无法识别", "发过消息：剩 4 条", "message/custom/send", "测试甲"):
        assert words in page
    act(act="fault", kind="errcode", path="*", times="2", number="45047")
    assert api.send_text(person)["errcode"] == 45047
    act(act="remove", id=str(phone.faults()[0].id))
    assert phone.faults() == []
    assert "请选择一种故障" in act(act="fault", kind="poem")
    assert "要填数字" in act(act="fault", kind="errcode", times="x")
    act(act="clock", hours="2", in_pushes="on")
    assert phone.state().offset_seconds == 7200
    assert "要填数字" in act(act="clock", hours="x")
    act(act="again", id="x")
    act(act="remove", id="x")
    act(act="again", id=str(phone.pushes()[0].id))
    phone.wait_idle()
    assert len(bot.heard) == 2
    assert "验证失败" in act(act="verify")
    act(act="expire")
    assert api.send_text(person)["errcode"] == 42001
    act(act="reset")
    assert phone.people() == []
    assert "还没有推送" in browser.get("/platform/live").text


# -- many ------------------------------------------------------------------------------------------


def test_many_people_at_once(phone: EmulatorClient, api: Api) -> None:
    openids = phone.add_people(2500, window="message")
    assert len(set(openids)) == 2500
    assert phone.state().people == 2500
    assert api.send_text(openids[-1])["errcode"] == 0
    assert phone.wait_delivered("custom", 1, timeout=5).counts == {"custom": 1}
    with pytest.raises(TimeoutError):
        phone.wait_delivered("custom", 2, timeout=0.2)
    with pytest.raises(TimeoutError, match="hello"):
        phone.wait_message(openids[-1], contains="something else", timeout=0.2)
    person: Person = phone.person(openids[0])
    assert person.following
