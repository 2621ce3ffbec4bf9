"""Field limits of notices, by the platform's table and what its users report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.failures import UnsafeContent
from bot.wechat.fields import check_field, check_notice, fit, kind_of
from bot.wechat.text import graphemes, units

GOOD = [
    ("thing1", "复诊提醒"),
    ("thing20", "长" * 20),
    ("thing1", "阿立哌唑 10mg（早）"),
    ("character_string9", "KF2026112300001"),
    ("character_string1", "A-1/2 #3"),
    ("number1", "3"),
    ("number1", "-3.25"),
    ("letter1", "ABC"),
    ("symbol1", "%"),
    ("phrase1", "待受理"),
    ("phrase1", "㐂"),
    ("name1", "测试甲"),
    ("name1", "阿不都·热合曼"),
    ("name1", "Test Person"),
    ("time4", "15:01"),
    ("time4", "2019年10月1日 15:01"),
    ("time4", "2026年11月25日 08:00~09:30"),
    ("time4", "8:00:30"),
    ("date2", "2019年10月1日"),
    ("date2", "2019年10月1日 15:01"),
    ("date2", "2018-01-01"),
    ("date2", "10月1日~10月7日"),
    ("amount1", "¥100.5元"),
    ("amount1", "1200"),
    ("phone_number1", "+86-0766-66888866"),
    ("car_number1", "粤A8Z888挂"),
    ("const1", "已受理"),
    ("keyword1", "长" * 100),
]
BAD = [
    ("thing1", ""),
    ("thing1", "  "),
    ("thing1", "长" * 21),
    ("thing1", "😀" * 11),
    ("thing1", "两\n行"),
    ("thing1", "零\x00"),
    ("thing1", "👨‍👩‍👧"),
    ("character_string9", "中文"),
    ("character_string9", "9" * 33),
    ("number1", "三"),
    ("number1", "1e3"),
    ("number1", "1" * 33),
    ("letter1", "A1"),
    ("symbol1", "a"),
    ("phrase1", "待受理。"),
    ("phrase1", "待社工受理中"),
    ("phrase1", "OK"),
    ("name1", "长" * 11),
    ("name1", "测试甲1234567890"),
    ("name1", "x" * 21),
    ("time4", "25:00"),
    ("time4", "早上八点"),
    ("time4", "2026年11月25日"),
    ("date2", "明天"),
    ("amount1", "一百元"),
    ("amount1", "1" * 11),
    ("phone_number1", "1" * 18),
    ("phone_number1", "电话13900000000"),
    ("car_number1", "粤A8Z88888挂"),
    ("first", "您好"),
    ("remark", "谢谢"),
]


@pytest.mark.parametrize(("field", "value"), GOOD)
def test_accepted(field: str, value: str) -> None:
    assert check_field(field, value) is None


@pytest.mark.parametrize(("field", "value"), BAD)
def test_refused(field: str, value: str) -> None:
    problem = check_field(field, value)
    assert problem is not None
    assert problem.field == field
    assert len(value.strip()) < 3 or value not in problem.problem


def test_all_problems_at_once() -> None:
    problems = check_notice({"thing1": "好", "thing2": "长" * 21, "phrase3": "OK"})
    assert [problem.field for problem in problems] == ["thing2", "phrase3"]
    assert check_notice({})


def test_kinds() -> None:
    assert kind_of("character_string12") == "character_string"
    assert kind_of("short_thing2") == "short_thing"
    assert kind_of("字段") == "字段"


@given(st.text(st.characters() | st.sampled_from("👨‍👩\u0301 \n长x"), min_size=1))
def test_a_thing_is_made_to_fit_or_has_nothing_to_say(value: str) -> None:
    try:
        fitted = fit("thing1", value)
    except UnsafeContent:
        assert not any(char.isalnum() for char in value)
        return
    assert check_field("thing1", fitted) is None


@pytest.mark.parametrize(
    ("value", "fitted"),
    [
        ("明天  上午\n带身份证", "明天 上午 带身份证"),
        ("复诊😀提醒❤️", "复诊提醒"),
        ("一二三四五六七八九十一二三四五六七八九十一", "一二三四五六七八九十一二三四五六七八九…"),
    ],
)
def test_fitting_a_thing(value: str, fitted: str) -> None:
    assert fit("thing1", value) == fitted


def test_fitting_cuts_no_grapheme() -> None:
    value = "e\u0301" * 30
    fitted = fit("thing1", value)
    assert units(fitted) <= 20
    assert all(g in ("e\u0301", "…") for g in graphemes(fitted))


@pytest.mark.parametrize(
    ("field", "value"), [("time4", "早上八点"), ("name1", "长" * 11), ("phone_number1", "1" * 18)]
)
def test_what_must_not_be_shortened(field: str, value: str) -> None:
    with pytest.raises(UnsafeContent) as caught:
        fit(field, value)
    assert value not in str(caught.value)
