"""Passive replies are valid XML whatever they say, and nothing is lost in splitting."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.inbound import Text
from bot.wechat.replies import (
    MAX_TEXT_BYTES,
    Article,
    image_reply,
    news_reply,
    split_text,
    text_reply,
    transfer_reply,
)
from bot.wechat.text import clean, graphemes, size

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TO = Text(person="oTest-jia", account="gh_test", dedupe_key="msg:1", content="你好")
NASTY = st.lists(
    st.sampled_from(
        ["]]>", "]", ">", "<![CDATA[", "{content}", "%s", *"\x00\x02\ufffe\ud83d&<\\😀你\r\n"]
    ),
    max_size=30,
).map("".join)


def parsed(xml: str) -> dict[str, str]:
    root = ET.fromstring(xml)
    assert root.tag == "xml"
    return {child.tag: child.text or "" for child in root}


def as_xml_reads(text: str) -> str:
    """XML turns line ends into \\n; nothing else changes."""
    return clean(text).replace("\r\n", "\n").replace("\r", "\n")


class TestRendering:
    @given(st.text(max_size=200) | NASTY)
    def test_text(self, content: str) -> None:
        fields = parsed(text_reply(TO, content, now=NOW))
        assert fields["Content"] == as_xml_reads(content)
        assert fields["ToUserName"] == "oTest-jia"
        assert fields["FromUserName"] == "gh_test"
        assert fields["MsgType"] == "text"
        assert fields["CreateTime"] == str(int(NOW.timestamp()))

    @given(NASTY, NASTY)
    def test_news(self, title: str, description: str) -> None:
        root = ET.fromstring(news_reply(TO, Article(title, description, "http://x.test"), now=NOW))
        assert root.findtext("ArticleCount") == "1"
        assert root.findtext("Articles/item/Title") == as_xml_reads(title)
        assert root.findtext("Articles/item/Description") == as_xml_reads(description)
        assert root.findtext("Articles/item/Url") == "http://x.test"

    def test_image(self) -> None:
        root = ET.fromstring(image_reply(TO, "MEDIA", now=NOW))
        assert root.findtext("Image/MediaId") == "MEDIA"

    def test_transfer(self) -> None:
        assert parsed(transfer_reply(TO, now=NOW))["MsgType"] == "transfer_customer_service"

    def test_too_long(self) -> None:
        text_reply(TO, "a" * MAX_TEXT_BYTES, now=NOW)
        with pytest.raises(ValueError, match="2049"):
            text_reply(TO, "a" * (MAX_TEXT_BYTES + 1), now=NOW)


TEXTS = st.text(
    st.characters() | st.sampled_from("，。！？\n \u0301\u200d\ufe0f👩👧🇨🇳🏽"), max_size=300
)


class TestSplitting:
    @given(TEXTS, st.integers(4, 200))
    def test_nothing_is_lost_and_every_piece_fits(self, text: str, limit: int) -> None:
        pieces = split_text(text, limit)
        assert "".join(pieces) == text
        assert all(0 < size(piece) <= limit for piece in pieces)

    @given(TEXTS, st.integers(60, 200))
    def test_no_grapheme_is_cut(self, text: str, limit: int) -> None:
        whole = list(graphemes(text))
        if any(size(grapheme) > limit for grapheme in whole):
            return
        ends = set()
        at = 0
        for grapheme in whole:
            at += len(grapheme)
            ends.add(at)
        at = 0
        for piece in split_text(text, limit):
            at += len(piece)
            assert at in ends

    def test_a_grapheme_longer_than_the_limit_is_cut_between_characters(self) -> None:
        text = "e" + "\u0301" * 50
        assert "".join(split_text(text, 9)) == text

    def test_cuts_after_sentences(self) -> None:
        sentence = "请带上身份证和病历到社区卫生服务中心。"
        pieces = split_text(sentence * 60)
        assert len(pieces) == 2
        assert all(piece.endswith("。") for piece in pieces)

    def test_keeps_a_sentence_whole_even_if_a_short_piece_comes_of_it(self) -> None:
        pieces = split_text("您好。" + "长" * 30, 96)
        assert pieces == ["您好。", "长" * 30]

    def test_prefers_a_paragraph_to_a_sentence(self) -> None:
        text = "一。" * 8 + "\n\n" + "二。" * 8
        assert split_text(text, 80) == ["一。" * 8 + "\n\n", "二。" * 8]

    def test_closing_marks_stay_with_their_sentence(self) -> None:
        text = "他说：“今天不来了。”" + "明天再来看医生。"
        assert split_text(text, 36) == ["他说：“今天不来了。”", "明天再来看医生。"]

    def test_a_decimal_is_no_end_of_a_sentence(self) -> None:
        text = "每次半片也就是 0.5 毫克早晚各一次饭后服用"
        assert split_text(text, 30)[0].endswith(("0.5 ", "就是 "))

    def test_inside_a_long_sentence_cuts_after_a_clause(self) -> None:
        assert split_text("甲乙丙，丁戊己，庚辛壬癸", 27) == ["甲乙丙，丁戊己，", "庚辛壬癸"]

    def test_short_and_empty(self) -> None:
        assert split_text("好") == ["好"]
        assert split_text("") == []

    def test_a_limit_below_one_character(self) -> None:
        with pytest.raises(ValueError, match="four bytes"):
            split_text("好", 3)

    @pytest.mark.parametrize("text", ["长" * 200_000, "\n" * 200_000, "e\u0301" * 50_000])
    def test_long_texts_take_no_long_time(self, text: str) -> None:
        assert "".join(split_text(text)) == text
