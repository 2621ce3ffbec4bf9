"""Why wechatpy 1.8.18 is wrapped: each of its defects, run.

Where one of these fails after an update, the wrapper's part for it may go. That ours does not have
them is tested beside each part.
"""

from __future__ import annotations

import inspect
import sys
import threading
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests
import wechatpy.crypto
import wechatpy.utils
from wechatpy.client import WeChatClient
from wechatpy.client.base import BaseWeChatClient
from wechatpy.crypto import WeChatCrypto
from wechatpy.parser import parse_message
from wechatpy.replies import TextReply

from tests.unit.wechat.platform_stub import PlatformStub, Said
from tests.unit.wechat.test_crypto import APP_ID, KEY, TOKEN
from tests.unit.wechat.test_fuzz import encrypted

HEAD = "<FromUserName>o</FromUserName><ToUserName>g</ToUserName><CreateTime>1</CreateTime>"


@pytest.fixture
def bare(stub: PlatformStub, monkeypatch: pytest.MonkeyPatch) -> WeChatClient:
    monkeypatch.setattr(WeChatClient, "API_BASE_URL", f"{stub.origin}/cgi-bin/")

    def fetch(self: WeChatClient) -> Any:
        return self._fetch_access_token(f"{stub.origin}/cgi-bin/stable_token", {})

    monkeypatch.setattr(WeChatClient, "fetch_access_token", fetch)
    return WeChatClient("wx0", "secret", timeout=0.2)


def test_1_a_token_that_stays_invalid_recurses_without_end(
    bare: WeChatClient, stub: PlatformStub
) -> None:
    stub.answer("/cgi-bin/message/custom/send", {"errcode": 40001, "errmsg": "invalid"})
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 150)
    try:
        with pytest.raises(RecursionError):
            bare.message.send_text("o", "x")
    finally:
        sys.setrecursionlimit(limit)
    assert len(stub.calls("/cgi-bin/message/custom/send")) > 2


def test_2_fetching_a_token_has_no_time_out() -> None:
    assert "timeout" not in inspect.getsource(BaseWeChatClient._fetch_access_token)
    assert WeChatClient("wx0", "secret").timeout is None


def test_3_cold_clients_on_one_store_fetch_a_token_each(
    bare: WeChatClient, stub: PlatformStub
) -> None:
    other = WeChatClient("wx0", "secret", session=bare.session)
    bare.fetch_access_token()
    other.fetch_access_token()  # what it does after a refusal, fresh token or not
    assert stub.tokens_issued == 2


@pytest.mark.parametrize("char", ["\x00", "\x02", "\x1d", "\ufffe"])
def test_4_a_control_character_cannot_be_read(char: str) -> None:
    with pytest.raises(Exception, match="not well-formed"):
        parse_message(f"<xml>{HEAD}<MsgType>text</MsgType><Content>{char}</Content></xml>")


@pytest.mark.parametrize("content", ["a]]>b", "a\x02b"])
def test_5_replies_are_invalid_xml(content: str) -> None:
    with pytest.raises(ET.ParseError):
        ET.fromstring(TextReply(source="g", target="o", content=content, time=1).render())


@pytest.mark.parametrize(
    ("xml", "error"),
    [
        ("<xml/>", TypeError),
        (f"<xml>{HEAD}</xml>", KeyError),
        (f"<xml>{HEAD}<MsgType>text</MsgType><MsgType>text</MsgType></xml>", AttributeError),
        ("<html/>", KeyError),
    ],
)
def test_6_unusual_pushes_raise_what_is_no_error_of_the_library(
    xml: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        parse_message(xml)


def test_6_msgid_and_signed_garbage_too() -> None:
    push = parse_message(f"<xml>{HEAD}<MsgType>text</MsgType><MsgId>abc</MsgId></xml>")
    with pytest.raises(ValueError, match="invalid literal"):
        push.id  # noqa: B018 - reading it is what fails
    bare = WeChatCrypto(TOKEN, KEY, APP_ID)
    for content in (bytes(16), bytes(31) + b"\x20"):
        ciphertext = encrypted(content)
        signature = wechatpy.crypto._get_signature(TOKEN, "1", "2", ciphertext)
        xml = f"<xml><Encrypt>{ciphertext}</Encrypt></xml>"
        with pytest.raises(Exception) as caught:
            bare.decrypt_message(xml, signature, "1", "2")
        assert type(caught.value).__module__ in ("struct", "builtins")


def test_7_a_page_of_html_is_success_and_time_outs_leak(
    bare: WeChatClient, stub: PlatformStub
) -> None:
    stub.answer("/cgi-bin/message/custom/send", Said(b"<html>log in</html>"))
    assert bare.message.send_text("o", "x").status_code == 200
    never = threading.Event()
    stub.answer("/cgi-bin/message/custom/send", Said(hang=never))
    with pytest.raises(requests.RequestException):
        bare.message.send_text("o", "x")
    never.set()


def test_8_signatures_are_not_compared_in_constant_time() -> None:
    for function in (wechatpy.utils.check_signature, WeChatCrypto._decrypt_message):
        assert "compare_digest" not in inspect.getsource(function)


def test_9_a_text_of_spaces_has_no_content() -> None:
    xml = f"<xml>{HEAD}<MsgType>text</MsgType><Content><![CDATA[   ]]></Content></xml>"
    assert parse_message(xml).content is None


def test_10_what_is_missing() -> None:
    import wechatpy.events
    from wechatpy.client.api import WeChatMessage
    from wechatpy.messages import TextMessage

    assert not hasattr(WeChatMessage, "typing")
    assert "client_msg_id" not in inspect.signature(WeChatMessage.send_template).parameters
    assert not any("subscribe_msg" in name for name in wechatpy.events.EVENT_TYPES)
    assert "bizmsgmenuid" not in {field.name for field in TextMessage._fields.values()}
