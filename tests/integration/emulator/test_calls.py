"""The platform's interfaces over HTTP: error form, notices, faults, web login, the record."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.emulator.catalogue import (
    PROGRESS_TEMPLATE_ID,
    REMINDER_TEMPLATE_ID,
    VISIT_TEMPLATE_ID,
)
from bot.emulator.client import EmulatorClient, EmulatorError
from bot.emulator.shapes import WindowShape

from .conftest import APP_ID, SECRET, Api, FakeBot

SEND = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"
SUBSCRIPTION = "/cgi-bin/message/subscribe/bizsend"


def values(**given: str) -> dict[str, dict[str, str]]:
    return {key: {"value": value} for key, value in given.items()}


PROGRESS = values(
    first="你好",
    thing1="社区康复申请",
    phrase2="已受理",
    time3="2026年11月24日 09:30",
    thing4="等电话",
)
REMINDER = values(thing1="到时间了", time2="20:00", thing3="早点休息")


# -- form ------------------------------------------------------------------------------------------


def test_an_error_has_a_request_id_and_success_has_none(api: Api, person: str) -> None:
    refused = api.send_text(person)
    assert refused["errcode"] == 45015
    assert refused["errmsg"].startswith("response out of time limit")
    assert " rid: " in refused["errmsg"]
    answer = api.raw("/cgi-bin/getcallbackip")
    assert answer.json() == {"ip_list": ["127.0.0.1"]}
    assert answer.headers["content-type"] == "application/json; encoding=utf-8"


def test_method_and_token_are_checked(api: Api, phone: EmulatorClient, person: str) -> None:
    assert api.raw(SEND).json()["errcode"] == 43002
    assert api.call("/cgi-bin/menu/get", {})["errcode"] == 43001
    assert api.call(SEND, {}, access_token="")["errcode"] == 41001
    assert api.call(SEND, {}, access_token="99_x")["errcode"] == 40001
    phone.end_tokens("replaced")
    assert api.send_text(person)["errcode"] == 40001
    api.get_token()
    phone.end_tokens("expired")
    assert api.send_text(person)["errcode"] == 42001
    api.get_token()
    assert api.send_text(person)["errcode"] == 45015


def test_the_clock_can_be_put_ahead(api: Api, phone: EmulatorClient, bot: FakeBot) -> None:
    openid = phone.add_person("测试甲", following=True).openid
    phone.say(openid, "在吗")
    assert api.send_text(openid)["errcode"] == 0
    before = int(bot.fields[0]["CreateTime"])
    phone.set_clock(48 * 3600)
    assert api.send_text(openid)["errcode"] == 42001
    api.get_token()
    assert api.send_text(openid)["errcode"] == 45015
    phone.say(openid, "还在吗")
    assert int(bot.fields[1]["CreateTime"]) - before < 3600
    phone.set_clock(48 * 3600, in_pushes=True)
    phone.say(openid, "又来了")
    assert int(bot.fields[2]["CreateTime"]) - before >= 48 * 3600


def test_calls_are_recorded(api: Api, phone: EmulatorClient, person: str) -> None:
    api.send_text(person)
    (call,) = phone.calls(path=SEND)
    assert (call.errcode, call.openid, call.method) == (45015, person, "POST")
    assert call.rid in call.errmsg


def test_the_day_has_an_end(api: Api, phone: EmulatorClient, person: str) -> None:
    phone.set_quota(person, WindowShape("message", 5, 60))
    assert api.send_text(person)["errcode"] == 0
    assert phone.quota(person)[0].left == 4
    phone.set_quota(person)
    assert api.send_text(person)["errcode"] == 45015


# -- template messages -----------------------------------------------------------------------------


def template(openid: str, data: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "touser": openid,
        "template_id": PROGRESS_TEMPLATE_ID,
        "data": data or PROGRESS,
        **more,
    }


def test_a_template_message_arrives_and_its_end_is_told(
    api: Api, phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    answer = api.call(TEMPLATE, template(person, url="http://127.0.0.1/x"))
    phone.wait_idle()
    (message,) = phone.messages(person, channel="template")
    assert message.content["values"]["当前进度"] == "已受理"
    assert "你好" not in message.text  # `first` is dropped silently
    (event,) = bot.fields
    assert event["Event"] == "TEMPLATESENDJOBFINISH"
    assert (event["MsgID"], event["Status"]) == (str(answer["msgid"]), "success")


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("thing1", "字" * 21, "invalid"),
        ("thing1", "两\n行", "invalid"),
        ("thing1", "", "is empty"),
        ("phrase2", "已受理了的呢", "invalid"),
        ("phrase2", "ok", "invalid"),
        ("time3", "明天早上", "invalid"),
    ],
)
def test_a_field_out_of_its_limits(
    key: str, value: str, why: str, api: Api, phone: EmulatorClient, person: str
) -> None:
    data = {**PROGRESS, key: {"value": value}}
    refused = api.call(TEMPLATE, template(person, data))
    assert refused["errcode"] == 47003
    assert refused["errmsg"].startswith(f"argument invalid! data.{key}.value {why}")
    assert phone.messages(person) == []


def test_a_template_message_that_cannot_be_sent(
    api: Api, phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    unknown = template(person) | {"template_id": "unknown"}
    assert api.call(TEMPLATE, unknown)["errcode"] == 40037
    subscription = template(person) | {"template_id": REMINDER_TEMPLATE_ID}
    assert api.call(TEMPLATE, subscription)["errcode"] == 40037
    assert api.call(TEMPLATE, template("oNOBODY"))["errcode"] == 40003
    phone.switch(person, accepts=False)
    assert api.call(TEMPLATE, template(person))["errcode"] == 0
    phone.wait_idle()
    phone.switch(person, accepts=True)
    phone.add_fault("job_failure")
    assert api.call(TEMPLATE, template(person))["errcode"] == 0
    phone.wait_idle()
    assert [f["Status"] for f in bot.fields] == ["failed:user block", "failed: system failed"]
    assert phone.messages(person, channel="template") == []
    phone.unfollow(person)
    assert api.call(TEMPLATE, template(person))["errcode"] == 43004


def test_a_repeated_client_msg_id_is_sent_once_in_ten_minutes(
    api: Api, phone: EmulatorClient, person: str
) -> None:
    other = phone.add_person("测试乙", following=True).openid
    first = api.call(TEMPLATE, template(person, client_msg_id="a"))
    assert api.call(TEMPLATE, template(person, client_msg_id="a"))["msgid"] == first["msgid"]
    assert api.call(TEMPLATE, template(person, client_msg_id="b"))["msgid"] != first["msgid"]
    assert api.call(TEMPLATE, template(other, client_msg_id="a"))["msgid"] != first["msgid"]
    phone.set_clock(601)
    assert api.call(TEMPLATE, template(person, client_msg_id="a"))["msgid"] != first["msgid"]
    assert len(phone.messages(person, channel="template")) == 3


def test_own_templates_can_be_added_and_listed(
    api: Api, phone: EmulatorClient, person: str
) -> None:
    phone.add_template("own", "复诊通知", "template", {"thing1": "事项", "date2": "日期"})
    data = values(thing1="复诊", date2="2026年12月1日")
    assert api.call(TEMPLATE, template(person, data) | {"template_id": "own"})["errcode"] == 0
    listed = api.call("/cgi-bin/template/get_all_private_template")["template_list"]
    assert [t["title"] for t in listed] == ["办理进度通知", "复诊通知"]
    assert "{{date2.DATA}}" in listed[1]["content"]
    kinds = {t["title"]: t["type"] for t in api.call("/wxaapi/newtmpl/gettemplate")["data"]}
    assert kinds == {"日常提醒": 3, "预约提醒": 2}


# -- subscription notices --------------------------------------------------------------------------


def subscription(openid: str, template_id: str = REMINDER_TEMPLATE_ID) -> dict[str, Any]:
    data = REMINDER
    if template_id == VISIT_TEMPLATE_ID:
        data = values(thing1="门诊", time2="2026-12-01 09:00", thing3="市三院")
    return {"touser": openid, "template_id": template_id, "data": data}


def test_a_long_term_consent_lasts_until_it_is_revoked(
    api: Api, phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    assert api.call(SUBSCRIPTION, subscription(person))["errcode"] == 43101
    phone.answer_consent(person, REMINDER_TEMPLATE_ID, "accept")
    for _ in range(3):
        assert api.call(SUBSCRIPTION, subscription(person))["errcode"] == 0
    phone.wait_idle()
    phone.answer_consent(person, REMINDER_TEMPLATE_ID, "revoke")
    assert api.call(SUBSCRIPTION, subscription(person))["errcode"] == 43101
    assert len(phone.messages(person, channel="subscribe")) == 3
    events = [f["Event"] for f in bot.fields]
    assert events == [
        "subscribe_msg_popup_event",
        *["subscribe_msg_sent_event"] * 3,
        "subscribe_msg_change_event",
    ]
    assert b"<PopupScene>" in bot.heard[0].body
    assert b"<PopupScene>" not in bot.heard[-1].body


def test_a_one_time_consent_is_used_up(api: Api, phone: EmulatorClient, person: str) -> None:
    phone.answer_consent(person, VISIT_TEMPLATE_ID, "accept")
    phone.answer_consent(person, VISIT_TEMPLATE_ID, "accept")
    phone.answer_consent(person, VISIT_TEMPLATE_ID, "reject")
    answers = [api.call(SUBSCRIPTION, subscription(person, VISIT_TEMPLATE_ID)) for _ in range(3)]
    assert [a["errcode"] for a in answers] == [0, 0, 43101]


# -- faults ----------------------------------------------------------------------------------------


def test_faults_of_calls(api: Api, phone: EmulatorClient, person: str) -> None:
    phone.say(person, "在吗")
    phone.add_fault("errcode", path=SEND, errcode=-1, times=2)
    assert [api.send_text(person)["errcode"] for _ in range(3)] == [-1, -1, 0]
    phone.add_fault("html")
    answer = api.raw(SEND, {})
    assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")
    phone.add_fault("status", status=503)
    assert api.raw(SEND, {}).status_code == 503
    phone.add_fault("errcode", openid="oOTHER", errcode=45011)
    assert api.send_text(person)["errcode"] == 0
    assert [c.fault for c in phone.calls(path=SEND)].count("errcode") == 2


@pytest.mark.parametrize(("kind", "arrives"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection(
    kind: Any, arrives: int, api: Api, phone: EmulatorClient, person: str
) -> None:
    phone.say(person, "在吗")
    api.get_token()
    phone.add_fault(kind, path=SEND)
    with pytest.raises(httpx.TransportError):
        api.send_text(person)
    assert len(phone.messages(person, channel="custom")) == arrives
    assert api.send_text(person)["errcode"] == 0


def test_a_slow_call_outlasts_an_impatient_bot(
    api: Api, phone: EmulatorClient, person: str
) -> None:
    api.get_token()
    phone.add_fault("delay", path="/cgi-bin/getcallbackip", seconds=5)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(
            f"{phone.base_url}/cgi-bin/getcallbackip",
            params={"access_token": api.token},
            timeout=0.2,
            trust_env=False,
        )


# -- media and codes -------------------------------------------------------------------------------


def test_media_go_up_and_come_down(api: Api, phone: EmulatorClient) -> None:
    api.get_token()
    answer = httpx.post(
        f"{phone.base_url}/cgi-bin/media/upload",
        params={"access_token": api.token, "type": "image"},
        files={"media": ("照片.png", b"\x89PNG picture", "image/png")},
        trust_env=False,
    ).json()
    assert answer["type"] == "image"
    down = api.raw("/cgi-bin/media/get", media_id=answer["media_id"])
    assert (down.content, down.headers["content-type"]) == (b"\x89PNG picture", "image/png")
    assert api.call("/cgi-bin/media/get", media_id="x")["errcode"] == 40007


def test_a_code_can_be_looked_at_without_a_token(api: Api, phone: EmulatorClient) -> None:
    scene = {"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 7}}}
    ticket = api.call("/cgi-bin/qrcode/create", scene)["ticket"]
    picture = httpx.get(
        f"{phone.base_url}/cgi-bin/showqrcode", params={"ticket": ticket}, trust_env=False
    )
    assert picture.headers["content-type"] == "image/svg+xml"


# -- web login -------------------------------------------------------------------------------------

BACK = "http://127.0.0.1:8000/family/back?page=1"


def authorize(phone: EmulatorClient, **changed: str) -> str:
    query = {
        "appid": APP_ID,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s1",
    } | changed
    return f"{phone.base_url}/connect/oauth2/authorize?{httpx.QueryParams(query)}#wechat_redirect"


def test_web_login_from_the_first_page_to_the_openid(
    api: Api, phone: EmulatorClient, person: str
) -> None:
    back = httpx.URL(phone.log_in(person, authorize(phone)))
    assert (back.params["page"], back.params["state"]) == ("1", "s1")
    answer = api.call(
        "/sns/oauth2/access_token",
        appid=APP_ID,
        secret=SECRET,
        code=back.params["code"],
        grant_type="authorization_code",
    )
    assert answer["openid"] == person


def test_names_come_without_a_charset(api: Api, phone: EmulatorClient, person: str) -> None:
    back = httpx.URL(phone.log_in(person, authorize(phone, scope="snsapi_userinfo")))
    query = {"appid": APP_ID, "secret": SECRET, "grant_type": "authorization_code"}
    token = api.call("/sns/oauth2/access_token", **query, code=back.params["code"])
    answer = api.raw("/sns/userinfo", access_token=token["access_token"], openid=person)
    assert answer.headers["content-type"] == "text/plain"
    assert "测试甲" in answer.content.decode()


def test_a_phone_that_opened_the_page_is_not_asked(phone: EmulatorClient, person: str) -> None:
    with httpx.Client(base_url=phone.base_url, trust_env=False) as browser:
        opened = browser.get(f"/phone/{person}/open", params={"to": authorize(phone)})
        assert opened.status_code == 303
        assert browser.get(opened.headers["location"]).status_code == 302
    with httpx.Client(base_url=phone.base_url, trust_env=False) as stranger:
        page = stranger.get(authorize(phone))
        assert page.status_code == 200
        assert "测试甲" in page.text


@pytest.mark.parametrize(
    "changed",
    [
        {"appid": "wx1"},
        {"redirect_uri": "https://example.com/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"scope": "all"},
        {"response_type": "token"},
    ],
)
def test_a_wrong_web_login_is_an_error_page(
    changed: dict[str, str], phone: EmulatorClient, person: str
) -> None:
    assert httpx.get(authorize(phone, **changed), trust_env=False).status_code == 400
    with pytest.raises(EmulatorError):
        phone.log_in(person, authorize(phone, **changed))
