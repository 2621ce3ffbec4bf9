"""The product's own client against the emulator: each call that the product makes is understood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.emulator.catalogue import PROGRESS_TEMPLATE_ID, REMINDER_TEMPLATE_ID
from bot.emulator.client import EmulatorClient
from bot.wechat.client import PlatformClient
from bot.wechat.failures import PlatformRefused, PlatformUnreachable, SnapshotUser
from bot.wechat.replies import Article
from bot.wechat.testing import MemoryTokenStore

from .conftest import APP_ID, SECRET, FakeBot


@pytest.fixture
def platform(phone: EmulatorClient) -> PlatformClient:
    return PlatformClient(
        APP_ID,
        SECRET,
        api_base=phone.base_url,
        token_store=MemoryTokenStore(),
        clock=lambda: datetime.now(UTC),
    )


def test_every_message_arrives(
    platform: PlatformClient, phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    phone.say(person, "在吗")
    platform.typing(person)
    platform.send_text(person, "您好")
    platform.send_menu(person, head="吃了吗？", choices=[(101, "吃了"), (102, "晚点")])
    platform.send_news(person, Article("题", "述", "http://127.0.0.1/x"))
    media_id = platform.upload_temporary_media("image", b"\xff\xd8 picture", "image/jpeg")
    platform.send_image(person, media_id)
    shown = phone.messages(person, channel="custom")
    assert [m.type for m in shown] == ["text", "msgmenu", "news", "image"]
    assert platform.download_media(media_id).content == b"\xff\xd8 picture"
    phone.tap_item(person, shown[1].seq, "101")
    assert bot.fields[-1]["bizmsgmenuid"] == "101"


def test_notices(platform: PlatformClient, phone: EmulatorClient, person: str) -> None:
    values = {"thing1": "申请", "phrase2": "已受理", "time3": "2026-11-24 09:30", "thing4": "等"}
    msgid = platform.send_template(person, PROGRESS_TEMPLATE_ID, values, client_msg_id="a")
    assert msgid == platform.send_template(person, PROGRESS_TEMPLATE_ID, values, client_msg_id="a")
    reminder = {"thing1": "到时间了", "time2": "20:00", "thing3": "早点休息"}
    with pytest.raises(PlatformRefused) as refused:
        platform.send_subscription(person, REMINDER_TEMPLATE_ID, reminder)
    assert refused.value.code == 43101
    phone.answer_consent(person, REMINDER_TEMPLATE_ID, "accept")
    platform.send_subscription(person, REMINDER_TEMPLATE_ID, reminder)
    assert len(phone.messages(person, channel="template")) == 1
    assert len(phone.messages(person, channel="subscribe")) == 1
    assert [t.long_term for t in platform.subscription_templates()] == [True, False]


def test_menu_codes_and_the_account(
    platform: PlatformClient, phone: EmulatorClient, bot: FakeBot
) -> None:
    assert platform.get_menu() == []
    platform.create_menu([{"type": "click", "name": "查进度", "key": "status"}])
    assert platform.get_menu()[0]["name"] == "查进度"
    code = platform.create_qr("门诊", expires=timedelta(days=1))
    picture = httpx.get(code.image_url, trust_env=False)
    assert "门诊" in picture.text
    openid = phone.add_person("测试乙").openid
    phone.follow(openid, ticket=code.ticket)
    assert bot.fields[0]["EventKey"] == "qrscene_门诊"
    platform.clear_quota()
    assert platform.check_callback()["dns"]
    assert platform.js_signature("http://127.0.0.1/x#y", nonce="n").signature


def test_web_login(platform: PlatformClient, phone: EmulatorClient, person: str) -> None:
    url = platform.login_url("http://127.0.0.1:8000/family", state="s")
    back = httpx.URL(phone.log_in(person, url))
    assert platform.oauth_access_token(back.params["code"]).openid == person
    phone.switch(person, virtual=True)
    back = httpx.URL(phone.log_in(person, url))
    with pytest.raises(SnapshotUser):
        platform.oauth_access_token(back.params["code"])


def test_it_lives_through_a_token_that_somebody_else_replaced(
    platform: PlatformClient, phone: EmulatorClient, person: str
) -> None:
    phone.say(person, "在吗")
    platform.send_text(person, "一")
    phone.end_tokens("replaced")
    platform.send_text(person, "二")
    phone.end_tokens("expired")
    platform.send_text(person, "三")
    assert [m.text for m in phone.messages(person, channel="custom")] == ["一", "二", "三"]


@pytest.mark.parametrize(("fault", "arrives"), [("drop_before", 0), ("drop_after", 1), ("html", 0)])
def test_it_names_a_call_without_an_answer(
    fault: str, arrives: int, platform: PlatformClient, phone: EmulatorClient, person: str
) -> None:
    phone.say(person, "在吗")
    platform.check_token()
    phone.add_fault(fault, path="/cgi-bin/message/custom/send")  # type: ignore[arg-type]
    with pytest.raises(PlatformUnreachable) as unreachable:
        platform.send_text(person, "一")
    assert unreachable.value.sent is not False
    assert len(phone.messages(person, channel="custom")) == arrives
