"""What the callback is told, and what the phone shows of the answer."""

from __future__ import annotations

from typing import Any

import pytest
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from bot.emulator.client import EmulatorClient
from bot.emulator.pusher import FAILURE_NOTE

from .conftest import AES_KEY, APP_ID, TOKEN, Api, FakeBot, passive

# -- answers ---------------------------------------------------------------------------------------


def test_a_message_is_signed_and_its_reply_is_shown(
    phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    bot.replies(passive("您好"))
    shown = phone.say(person, "在吗")
    assert [(m.channel, m.text) for m in shown.shown] == [("passive", "您好")]
    (heard,) = bot.heard
    check_signature(TOKEN, *(heard.query[k] for k in ("signature", "timestamp", "nonce")))
    assert heard.query["openid"] == person
    assert heard.fields["Content"] == "在吗"
    assert int(heard.fields["MsgId"]) > 2**53
    assert shown.push.outcome == "answered"


@pytest.mark.parametrize("body", ["", "success"])
def test_nothing_is_shown_for_success(
    body: str, phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    bot.replies(body)
    shown = phone.say(person, "在吗")
    assert (shown.shown, shown.push.outcome, len(bot.heard)) == ([], "answered", 1)


@pytest.mark.parametrize("body", ['{"ok": true}', "<html>", "<xml><MsgType>text</MsgType></xml>"])
def test_junk_is_a_failure_at_once(
    body: str, phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    bot.replies(body)
    shown = phone.say(person, "在吗")
    assert [(m.type, m.text) for m in shown.shown] == [("failure", FAILURE_NOTE)]
    assert len(bot.heard) == 1
    assert shown.push.attempts[0].detail


def test_a_wrong_status_is_tried_four_times_with_one_id(
    phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    bot.replies(201)
    shown = phone.say(person, "在吗")
    assert [a.outcome for a in shown.push.attempts] == ["status"] * 4
    assert len({fields["MsgId"] for fields in bot.fields}) == 1
    assert len({heard.query["nonce"] for heard in bot.heard}) == 4
    assert [m.text for m in shown.shown] == [FAILURE_NOTE]


def test_no_answer_in_time_is_tried_four_times(
    phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    bot.replies(bot.never)
    shown = phone.say(person, "在吗")
    assert [a.outcome for a in shown.push.attempts] == ["timeout"] * 4
    assert [m.text for m in shown.shown] == [FAILURE_NOTE]


def test_the_third_attempt_may_carry_the_reply(
    phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    bot.replies(bot.never, 503, passive("久等了"))
    shown = phone.say(person, "在吗")
    assert [a.outcome for a in shown.push.attempts] == ["timeout", "status", "reply"]
    assert [m.text for m in shown.shown] == ["久等了"]


def test_a_callback_that_is_not_there(phone: EmulatorClient, person: str) -> None:
    phone.change_callback(url="http://127.0.0.1:9/nobody")
    shown = phone.say(person, "在吗")
    assert [a.outcome for a in shown.push.attempts] == ["connection"] * 4
    assert [m.text for m in shown.shown] == [FAILURE_NOTE]


def test_an_event_nobody_sees_fails_silently(
    phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    bot.replies(500)
    assert phone.report_location(person, latitude=1.5, longitude=2.5).shown == []
    phone.unfollow(person)
    assert all(m.type != "failure" for m in phone.messages(person))


def test_messages_of_one_person_may_be_under_way_together(
    phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    bot.answer = lambda heard: (
        bot.never(heard) if heard.fields["Content"] == "慢" else passive("快的回复")(heard)
    )
    slow = phone.say(person, "慢", wait=False)
    assert slow.push.outcome == "pending"
    assert phone.say(person, "快").shown[0].text == "快的回复"


# -- encryption ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["safe", "compatible"])
def test_encrypted_both_ways(mode: Any, phone: EmulatorClient, bot: FakeBot, person: str) -> None:
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    phone.change_callback(mode=mode)

    def answer(heard: Any) -> str:
        query = heard.query
        plain = crypto.decrypt_message(
            heard.body, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        assert f"<FromUserName><![CDATA[{person}]]>" in plain
        assert ("Content" in heard.fields) == (mode == "compatible")
        reply = passive("密文回复")(type(heard)("POST", {}, plain.encode()))
        return str(crypto.encrypt_message(reply, "987", "1714037059"))

    bot.replies(answer)
    shown = phone.say(person, "在吗")
    assert bot.heard[0].query["encrypt_type"] == "aes"
    assert [m.text for m in shown.shown] == ["密文回复"]


def test_a_rotated_key_is_used_from_the_next_push_on(
    phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    fresh = AES_KEY[::-1]
    phone.change_callback(mode="safe", aes_key=fresh)
    phone.say(person, "在吗")
    query = bot.heard[0].query
    assert "在吗" in WeChatCrypto(TOKEN, fresh, APP_ID).decrypt_message(
        bot.heard[0].body, query["msg_signature"], query["timestamp"], query["nonce"]
    )


def test_the_address_is_verified_by_an_echo(phone: EmulatorClient, bot: FakeBot) -> None:
    bot.answer = lambda heard: heard.query["echostr"]
    assert phone.verify().ok
    check_signature(TOKEN, *(bot.heard[0].query[k] for k in ("signature", "timestamp", "nonce")))
    bot.replies("something else")
    assert not phone.verify().ok


# -- what is told ----------------------------------------------------------------------------------


def test_each_kind_of_message(phone: EmulatorClient, bot: FakeBot, person: str) -> None:
    phone.send_media(person, "image", b"\x89PNG", mime="image/png")
    phone.send_media(person, "voice", b"#!AMR\n", mime="audio/amr")
    phone.send_media(person, "video", b"mp4", mime="video/mp4")
    phone.send_media(person, "shortvideo", b"mp4", mime="video/mp4")
    phone.send_location(person, latitude=24.5, longitude=118.1, label="思明区")
    phone.send_link(person, title="题", description="述", url="http://127.0.0.1/x")
    phone.push_raw(person, {"MsgType": "something_new", "Odd": "1"})
    image, voice, video, short, location, link, odd = bot.fields
    assert image["PicUrl"].startswith(phone.base_url)
    assert voice["Format"] == "amr"
    assert video["ThumbMediaId"]
    assert short["MsgType"] == "shortvideo"
    assert (location["Location_X"], location["Label"]) == ("24.5", "思明区")
    assert link["Title"] == "题"
    assert odd["Odd"] == "1"
    assert all("MsgId" in fields for fields in bot.fields)


def test_following_scanning_and_leaving(phone: EmulatorClient, bot: FakeBot, api: Api) -> None:
    openid = phone.add_person("测试乙").openid
    scene = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "门诊"}}}
    ticket = api.call("/cgi-bin/qrcode/create", scene)["ticket"]
    phone.follow(openid, ticket=ticket)
    phone.follow(openid, ticket=ticket)
    phone.unfollow(openid)
    phone.follow(openid)
    events = [(f["Event"], f.get("EventKey"), f.get("Ticket")) for f in bot.fields]
    assert events == [
        ("subscribe", "qrscene_门诊", ticket),
        ("SCAN", "门诊", ticket),
        ("unsubscribe", "", None),
        ("subscribe", "", None),
    ]
    assert all("MsgId" not in fields for fields in bot.fields)


def test_every_menu_button_tells_its_event(
    phone: EmulatorClient, bot: FakeBot, api: Api, person: str
) -> None:
    kinds = ["scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album"]
    more = ["pic_weixin", "location_select"]
    button = {"name": "按钮", "key": "k"}
    page = {"type": "view", "name": "网页", "url": "http://127.0.0.1/"}
    mini = {"type": "miniprogram", "name": "程序", "url": "http://x", "appid": "w", "pagepath": "p"}
    buttons = [
        {"type": "click", "name": "查", "key": "status"},
        {"name": "一", "sub_button": [{"type": kind, **button} for kind in kinds]},
        {"name": "二", "sub_button": [*({"type": k, **button} for k in more), page, mini]},
    ]
    assert api.call("/cgi-bin/menu/create", {"button": buttons})["errcode"] == 0
    phone.tap_menu(person, 0)
    for row in range(4):
        phone.tap_menu(person, 1, row, value="扫到的")
    for row in range(4):
        phone.tap_menu(person, 2, row)
    told = [(f["Event"], f["EventKey"]) for f in bot.fields]
    assert told == [
        ("CLICK", "status"),
        *((kind, "k") for kind in [*kinds, *more]),
        ("VIEW", "http://127.0.0.1/"),
        ("view_miniprogram", "p"),
    ]
    assert b"<ScanResult><![CDATA[" in bot.heard[1].body


def test_a_tap_on_a_message_menu_is_a_text_and_a_click(
    phone: EmulatorClient, bot: FakeBot, api: Api, person: str
) -> None:
    phone.say(person, "在吗")
    items = [{"id": "101", "content": "吃了"}, {"id": "later", "content": "晚点"}]
    menu = {"head_content": "今晚的药", "list": items}
    body = {"touser": person, "msgtype": "msgmenu", "msgmenu": menu}
    assert api.call("/cgi-bin/message/custom/send", body)["errcode"] == 0
    seq = phone.messages(person)[-1].seq
    phone.set_quota(person)
    phone.tap_item(person, seq, "101")
    phone.tap_item(person, seq, "later")
    taps = [(f["MsgType"], f["Content"], f["bizmsgmenuid"]) for f in bot.fields[1:]]
    assert taps == [("text", "吃了", "101"), ("text", "晚点", "0")]
    assert [(w.kind, w.left) for w in phone.quota(person)] == [("click", 3)]


def test_profile_events(phone: EmulatorClient, bot: FakeBot) -> None:
    openid = phone.add_person("测试丙", unionid="uTEST", following=True).openid
    phone.change_profile(openid, "user_info_modified")
    phone.change_profile(openid, "user_authorization_revoke")
    phone.change_profile(openid, "user_authorization_cancellation")
    assert [f["Event"] for f in bot.fields] == [
        "user_info_modified",
        "user_authorization_revoke",
        "user_authorization_cancellation",
    ]
    assert all(f["OpenID"] == openid and f["UnionID"] == "uTEST" for f in bot.fields)


def test_a_control_character_reaches_the_callback(
    phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    phone.say(person, "药\x02吃了]]>")
    assert "药\x02吃了" in bot.heard[0].body.decode()


# -- faults ----------------------------------------------------------------------------------------


def test_a_duplicate_has_the_same_id(phone: EmulatorClient, bot: FakeBot, person: str) -> None:
    phone.add_fault("duplicate")
    phone.say(person, "在吗")
    phone.wait_idle()
    assert len(bot.heard) == 2
    assert bot.heard[0].body == bot.heard[1].body
    again = phone.push_again(phone.pushes()[0].id)
    assert again.push.outcome == "answered"
    assert bot.heard[2].body == bot.heard[0].body


def test_a_later_message_can_overtake(phone: EmulatorClient, bot: FakeBot, person: str) -> None:
    phone.add_fault("reorder")
    phone.say(person, "先", wait=False)
    phone.say(person, "后", wait=False)
    phone.wait_idle()
    assert [f["Content"] for f in bot.fields] == ["后", "先"]


def test_a_lost_answer_is_asked_for_again(phone: EmulatorClient, bot: FakeBot, person: str) -> None:
    phone.add_fault("lose_answer")
    bot.replies(passive("第一次"), passive("第二次"))
    shown = phone.say(person, "在吗")
    assert [a.outcome for a in shown.push.attempts] == ["lost", "reply"]
    assert [m.text for m in shown.shown] == ["第二次"]


def test_a_fault_for_one_person_leaves_others_alone(
    phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    other = phone.add_person("测试乙", following=True).openid
    phone.add_fault("duplicate", openid=person)
    phone.say(other, "在吗")
    phone.wait_idle()
    assert len(bot.heard) == 1
    phone.remove_faults()
    assert phone.faults() == []
