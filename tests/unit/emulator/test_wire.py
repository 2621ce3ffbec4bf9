from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import ArticlesReply, ImageReply, TextReply

from bot.emulator.cipher import MessageCipher
from bot.emulator.wire import Junk, Reply, read_answer, to_xml

APP_ID = "wx0000000000000000"
KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
PERSON, ACCOUNT = "oPERSON", "gh_account"


def read(body: str | bytes, *, mode: str = "plain", articles: int = 1) -> Reply | None:
    return read_answer(
        body.encode() if isinstance(body, str) else body,
        mode=mode,
        cipher=MessageCipher(KEY, APP_ID),
        token="token",
        person=PERSON,
        account=ACCOUNT,
        articles=articles,
    )


def text(content: str, **other: str) -> str:
    parts = {
        "ToUserName": PERSON,
        "FromUserName": ACCOUNT,
        "CreateTime": "1",
        "MsgType": "text",
        "Content": content,
    } | other
    return "<xml>" + "".join(f"<{k}>{v}</{k}>" for k, v in parts.items() if v) + "</xml>"


# -- what the platform writes ----------------------------------------------------------------------


def test_words_numbers_lists_and_nesting() -> None:
    fields: dict[str, Any] = {
        "CreateTime": 12,
        "Content": "5 < 6 & 7",
        "Event": {"List": [{"Id": "a"}, {"Id": "b"}]},
    }
    root = ElementTree.fromstring(to_xml(fields))
    assert root.findtext("CreateTime") == "12"
    assert root.findtext("Content") == "5 < 6 & 7"
    assert [e.text for e in root.findall("Event/List/Id")] == ["a", "b"]


def test_the_end_of_cdata_inside_a_text_survives() -> None:
    assert ElementTree.fromstring(to_xml({"Content": "a]]>b"})).findtext("Content") == "a]]>b"


def test_a_control_character_is_passed_on_as_the_phone_sent_it() -> None:
    assert "\x02" in to_xml({"Content": "a\x02b"})


# -- what the platform reads -----------------------------------------------------------------------


@pytest.mark.parametrize("body", ["", "success", " success\n"])
def test_nothing_and_success_are_accepted_in_every_mode(body: str) -> None:
    for mode in ("plain", "compatible", "safe"):
        assert read(body, mode=mode) is None


def test_a_text_of_the_largest_size_and_one_byte_more() -> None:
    reply = read(text("a" * 2048))
    assert reply is not None
    assert len(reply.content["content"]) == 2048
    with pytest.raises(Junk, match="2049 bytes"):
        read(text("a" * 2049))
    with pytest.raises(Junk, match="2049 bytes"):
        read(text("字" * 683))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"text": "hello"}', "JSON"),
        ("oops", "no XML"),
        ("<html></html>", "root element"),
        (text("hi", ToUserName="oOTHER"), "not the person"),
        (text("hi", FromUserName="gh_other"), "not the account"),
        (text("hi", CreateTime=""), "CreateTime"),
        (text("", MsgType="text"), "without Content"),
        (text("hi", MsgType="poem"), "not a reply"),
        (text("a\x02b"), "no XML"),
    ],
)
def test_junk_is_named(body: str, reason: str) -> None:
    with pytest.raises(Junk, match=reason):
        read(body)


def rendered(reply: Any, **values: Any) -> str:
    made = reply(target=PERSON, source=ACCOUNT, **values)
    return str(made.render())


def test_replies_of_an_independent_library_are_read() -> None:
    assert read(rendered(TextReply, content="好的")) == Reply("text", {"content": "好的"})
    assert read(rendered(ImageReply, media_id="m1")) == Reply("image", {"media_id": "m1"})
    article = {"title": "t", "description": "d", "url": "http://127.0.0.1/", "image": ""}
    news = read(rendered(ArticlesReply, articles=[article]))
    assert news is not None
    assert news.content["articles"][0]["title"] == "t"


def test_only_one_article_answers_a_message() -> None:
    article = {"title": "t", "description": "d", "url": "http://127.0.0.1/", "image": ""}
    body = rendered(ArticlesReply, articles=[article, article])
    with pytest.raises(Junk, match="2 articles"):
        read(body)
    assert read(body, articles=8) is not None


def test_an_encrypted_answer_is_read_where_encryption_is_used() -> None:
    crypto = WeChatCrypto("token", KEY, APP_ID)
    sealed = crypto.encrypt_message(rendered(TextReply, content="好的"), "123456", "1714037059")
    for mode in ("safe", "compatible"):
        assert read(sealed, mode=mode) == Reply("text", {"content": "好的"})
    with pytest.raises(Junk, match="plain mode"):
        read(sealed)
    with pytest.raises(Junk, match="MsgSignature"):
        read(sealed.replace("1714037059", "1714037058"), mode="safe")


def test_a_plain_answer_is_not_enough_in_safe_mode() -> None:
    with pytest.raises(Junk, match="safe mode"):
        read(text("hi"), mode="safe")
    assert read(text("hi"), mode="compatible") is not None
