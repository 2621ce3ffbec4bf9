"""The callback over HTTP: who gets in, what is answered, and that everything happens once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import func, select

from bot.delivery.models import Contact, OutboxMessage
from bot.dialogue.models import InboxMessage
from bot.installation import Installation
from bot.web import create_app
from tests.conftest import MovableClock
from tests.platform_side import PlatformSide

Client = TestClient[Any]


@pytest.fixture
def client(installation: Installation) -> Iterator[Client]:
    with TestClient(create_app(installation)) as opened:
        yield opened


@pytest.fixture
def platform(installation: Installation, clock: MovableClock) -> PlatformSide:
    secrets = installation.secrets
    return PlatformSide(secrets.token, secrets.aes_keys[0], secrets.app_id, clock)


def _count(installation: Installation, model: Any) -> int:
    with installation.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_each_mode_is_answered_in_its_own(
    client: Client, platform: PlatformSide, mode: str
) -> None:
    push = platform.text("测试妈妈", "帮助", mode=mode)
    answer = client.post(push.url, content=push.body)
    assert answer.status_code == 200
    assert "申请社区康复" in platform.open_reply(answer.content, encrypted=mode != "plain")


def test_the_address_is_verified(client: Client, platform: PlatformSide) -> None:
    answer = client.get(platform.verification("echo-me"))
    assert (answer.status_code, answer.text) == (200, "echo-me")
    assert client.get("/wechat/callback?echostr=x").status_code == 401
    assert client.get(platform.verification("x") + "0").status_code in (200, 403)


def test_strangers_are_turned_away_without_effect(
    client: Client, platform: PlatformSide, installation: Installation
) -> None:
    push = platform.text("测试妈妈", "帮助")
    assert client.post("/wechat/callback", content=push.body).status_code == 401
    forged = push.url.replace("msg_signature=", "msg_signature=0")
    assert client.post(forged, content=push.body).status_code == 403
    late = platform.text("测试妈妈", "帮助", age=3600)
    assert client.post(late.url, content=late.body).status_code == 403
    assert _count(installation, InboxMessage) == 0
    assert _count(installation, Contact) == 0


@pytest.mark.parametrize(
    "message",
    [
        "",
        "not xml",
        "<xml/>",
        "<other><FromUserName>a</FromUserName></other>",
        "<xml><MsgType>text</MsgType></xml>",
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><xml><FromUserName>&e;</FromUserName></xml>",
    ],
)
def test_what_is_signed_and_unreadable_is_a_bad_request(
    client: Client, platform: PlatformSide, message: str
) -> None:
    push = platform.sealed(message)
    assert client.post(push.url, content=push.body).status_code == 400


def test_odd_messages_are_accepted(client: Client, platform: PlatformSide) -> None:
    for message in (
        platform.xml("测试妈妈", MsgType="text", Content="\x00\x02 帮助 \ufffe", MsgId="abc"),
        platform.xml("测试妈妈", MsgType="hologram", MsgId="1"),
        platform.xml("测试妈妈", MsgType="event", Event="teleport"),
        platform.xml("测试妈妈", MsgType="text", Content="   ", MsgId="2"),
        platform.xml("测试妈妈", MsgType="location", Location_X="north", MsgId="3"),
        platform.xml("测试妈妈", MsgType="text", Content="]]>&<b>" * 400, MsgId="4"),
    ):
        push = platform.sealed(message)
        assert client.post(push.url, content=push.body).status_code == 200


def test_a_body_over_a_mebibyte_is_refused(client: Client, platform: PlatformSide) -> None:
    push = platform.text("测试妈妈", "帮助")
    assert client.post(push.url, content=b"x" * (1024 * 1024 + 1)).status_code == 413


def test_the_same_push_twice_has_one_effect_and_the_same_answer(
    client: Client, platform: PlatformSide, installation: Installation
) -> None:
    push = platform.text("测试妈妈", "人工")
    first = client.post(push.url, content=push.body)
    second = client.post(push.url, content=push.body)
    assert platform.open_reply(first.content) == platform.open_reply(second.content)
    assert _count(installation, InboxMessage) == 1
    assert _count(installation, OutboxMessage) == 1


def test_the_same_push_at_the_same_moment_has_one_effect(
    client: Client, platform: PlatformSide, installation: Installation
) -> None:
    push = platform.text("测试妈妈", "人工")
    together = threading.Barrier(4)

    def send() -> int:
        together.wait()
        return client.post(push.url, content=push.body).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = [future.result() for future in [pool.submit(send) for _ in range(4)]]
    assert statuses == [200] * 4
    assert _count(installation, InboxMessage) == 1
    assert _count(installation, OutboxMessage) == 1


def test_another_message_under_a_used_nonce_is_forged(
    client: Client, platform: PlatformSide, installation: Installation
) -> None:
    push = platform.text("测试妈妈", "帮助", mode="plain")
    client.post(push.url, content=push.body)
    forged = push.body.replace("帮助".encode(), "人工".encode()).replace(b"<MsgId>", b"<MsgId>9")
    assert client.post(push.url, content=forged).status_code == 403
    assert _count(installation, InboxMessage) == 1


def test_following_greets_and_leaving_silences(
    client: Client, platform: PlatformSide, installation: Installation
) -> None:
    push = platform.sealed(platform.xml("测试妈妈", MsgType="event", Event="subscribe"))
    greeting = platform.open_reply(client.post(push.url, content=push.body).content)
    assert "自动程序" in greeting
    push = platform.sealed(platform.xml("测试妈妈", MsgType="event", Event="unsubscribe"))
    answer = client.post(push.url, content=push.body)
    assert answer.text == "success"
    with installation.database.transaction() as session:
        assert session.scalars(select(Contact.subscribed)).one() is False


def test_without_the_database_the_platform_repeats(
    client: Client,
    platform: PlatformSide,
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _take_away_the_database(installation, monkeypatch)
    push = platform.text("测试妈妈", "到哪一步了")
    assert client.post(push.url, content=push.body).status_code == 429
    assert client.get("/readyz").json()["database"] == "away"


def test_without_the_database_a_crisis_is_answered_and_its_ticket_follows(
    client: Client,
    platform: PlatformSide,
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from bot.casework.models import Ticket
    from bot.dialogue import spool

    push = platform.text("测试妈妈", "他拿刀了 要砍人")
    with monkeypatch.context() as away:
        _take_away_the_database(installation, away)
        answer = client.post(push.url, content=push.body)
        assert answer.status_code == 200
        assert "110" in platform.open_reply(answer.content)
        spooled = next((installation.settings.data_dir / "spool").glob("*.sealed"))
        assert "刀".encode() not in spooled.read_bytes()
    assert spool.take_in(installation) == 1
    assert client.post(push.url, content=push.body).status_code == 200
    with installation.database.transaction() as session:
        ticket = session.scalars(select(Ticket)).one()
        assert (ticket.kind, ticket.urgency) == ("crisis", "urgent")
    assert not spool.waits(installation)


def _take_away_the_database(installation: Installation, patch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    def fail(*_: Any, **__: Any) -> Any:
        raise OperationalError("connect", None, Exception("away"))

    patch.setattr(installation.database, "transaction", fail)
    patch.setattr(installation.database, "connection", fail)
