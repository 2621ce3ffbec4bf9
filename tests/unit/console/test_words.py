from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.casework.models import ROLES
from bot.casework.queries import SHOWS
from bot.casework.stages import STEPS
from bot.clock import LOCAL
from bot.console import words
from bot.privacy.models import CONSENT_PURPOSES, CONSENT_STATES

NOW = datetime(2026, 1, 2, 9, 30, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("测试甲", "测**"),
        ("测甲", "测**"),
        ("甲", "甲**"),
        (" 欧阳测试 ", "欧**"),
        ("示例·阿卜杜", "示**"),
        ("", ""),
        (None, ""),
    ],
)
def test_masked_name(name: str | None, masked: str) -> None:
    assert words.masked_name(name) == masked


@given(st.text(min_size=2, max_size=30))
def test_a_masked_name_never_shows_more_than_its_first_character(name: str) -> None:
    masked = words.masked_name(name)
    assert masked == "" or masked == name.strip()[0] + "**"


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(), "今天 09:30"),
        (timedelta(hours=9, minutes=31), "昨天 23:59"),
        (timedelta(days=-1), "明天 09:30"),
        (timedelta(days=2), "2025年12月31日 09:30"),
        (timedelta(days=-3), "1月5日 09:30"),
    ],
)
def test_moments(ago: timedelta, said: str) -> None:
    assert words.moment(NOW - ago, NOW) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=59), "刚刚"),
        (timedelta(minutes=1), "1 分钟"),
        (timedelta(minutes=59, seconds=59), "59 分钟"),
        (timedelta(hours=23, minutes=59), "23 小时"),
        (timedelta(hours=25), "1 天"),
        (timedelta(days=90), "90 天"),
        (timedelta(seconds=-5), "刚刚"),
    ],
)
def test_waiting(length: timedelta, said: str) -> None:
    assert words.waited(NOW - length, NOW) == said


def test_ago() -> None:
    assert words.ago(NOW, NOW) == "刚刚"
    assert words.ago(NOW - timedelta(hours=5), NOW) == "5 小时前"


def test_due() -> None:
    assert words.due(None, NOW) == ""
    assert words.due(NOW + timedelta(seconds=20), NOW) == "还有 1 分钟"
    assert words.due(NOW + timedelta(hours=3), NOW) == "还有 3 小时"
    assert words.due(NOW - timedelta(hours=30), NOW) == "逾期 1 天"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  第一行\r\n第二行\r第三行\n", "第一行\n第二行\n第三行"),
        ("响\x07铃\x00", "响铃"),
        ("全角　空格\u00a0不断行", "全角　空格\u00a0不断行"),
        ("👨‍👩‍👧😊", "👨‍👩‍👧😊"),
        ("半个\ud83d字", "半个字"),
    ],
)
def test_typed_text(typed: str, kept: str) -> None:
    assert words.typed_text(typed) == kept


@given(st.text())
def test_cleaning_twice_changes_nothing_more(typed: str) -> None:
    once = words.typed_text(typed)
    assert words.typed_text(once) == once


def test_everything_that_can_be_shown_has_words() -> None:
    assert set(words.ROLE_NAMES) == set(ROLES)
    assert set(words.SHOW_NAMES) == set(words.EMPTY) == set(SHOWS)
    assert set(words.STEP_WORDS) == {*STEPS, "submit", "object", "no_guardian"}
    assert set(words.CONSENT_NAMES) == set(CONSENT_PURPOSES)
    assert set(words.CONSENT_STATES) == set(CONSENT_STATES)


def test_actors() -> None:
    names = {"staff:3": "测试李梅"}
    assert words.actor("staff:3", names) == "测试李梅"
    assert words.actor("staff:4", names) == "同事"
    assert words.actor("contact:7", names, family="本人") == "本人"
    assert words.actor("system:casework", names) == "系统"
