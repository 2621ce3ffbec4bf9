"""What the family is told before a plan starts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.care.reading import PlanReading, read, read_back, wording


def test_a_discharge_list_comes_back_dose_by_dose() -> None:
    said = read_back(read("出院带药 利培酮2mg早1晚2 苯海索2mg早晚各1 劳拉西泮0.5mg睡前1"))
    assert said.splitlines() == [
        "我记下的是：",
        "【利培酮 2mg】",
        "· 每天早上：1片",
        "· 每天晚上：2片",
        "【苯海索 2mg】",
        "· 每天早上：1片",
        "· 每天晚上：1片",
        "【劳拉西泮 0.5mg】",
        "· 每天睡前：1片",
        "对吗？回复“对”，我就开始提醒；哪里不对，直接告诉我。",
    ]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("八点吃药", "8点是早上8点，还是晚上8点？"),
        ("碳酸锂一天三次，一次一片", "一天3次，分别几点吃好？比如“早上8点”。"),
        ("善思达28天打一针", "是哪一天？说个日子，我好记准。"),
        ("每月农历十五提醒我去拿药", "您说的是农历还是阳历？"),
        ("早上吃一两片", "每次吃多少？早晚不一样的话，请分开说。"),
    ],
)
def test_while_something_is_unknown_it_is_asked_and_not_confirmed(text: str, question: str) -> None:
    said = read_back(read(text))
    assert said.splitlines()[-1] == question
    assert "回复“对”" not in said


def test_a_change_asks_whose_it_is() -> None:
    said = read_back(read("奥氮平加到两片了"))
    assert "2片" in said
    assert "医生" in said.splitlines()[-1]


def test_an_own_wish_is_never_read_back_as_a_plan() -> None:
    said = read_back(read("太困了，帮我改成吃半片吧"))
    assert "半片" not in said
    assert "对吗" not in said
    assert "医生" in said


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("取消早上8点的提醒", "早上8点"),
        ("明天不用提醒，后天开始继续", "后天"),
        ("奥氮平先吃半片，三天后加到一片，都是睡前", "吃3天，每天睡前：半片"),
        ("单号半片，双号一片，睡前，奥氮平", "双日睡前：1片"),
        ("晚饭后半小时吃奥氮平一片半", "每天晚饭后30分钟：1片半"),
        ("善思达28天打一针 上次9月3号，提前一天叫我", "上次是9月3号，提前1天提醒"),
        ("晚上9点半吃再普乐一片", "奥氮平（您写的是再普乐）"),
        ("劳拉西泮0.5mg prn", "没有固定时间，不提醒"),
        ("每三天加半片，先从半片开始，睡前吃", "每三天加半片,先从半片开始,睡前吃"),
    ],
)
def test_every_part_of_a_plan_is_said_again(text: str, part: str) -> None:
    assert part in read_back(read(text))


def test_nothing_to_confirm_says_nothing() -> None:
    assert read_back([]) == ""
    assert read_back(read("吃了")) == ""


times = st.lists(
    st.sampled_from(["07:30", "12:00", "20:00", "morning", "after_dinner", "bedtime"]),
    min_size=1,
    max_size=4,
    unique=True,
)


@given(times, st.lists(st.sampled_from(["1片", "2片", "3粒", "100mg"]), min_size=4, max_size=4))
def test_each_time_has_a_line_with_its_dose(hours: list[str], doses: list[str]) -> None:
    by_time = dict(zip(hours, doses, strict=False))
    said = read_back([PlanReading(times=hours, dose_by_time=by_time, repeat="daily")])
    lines = [line for line in said.splitlines() if line.startswith("·")]
    assert lines == [f"· 每天{wording.time(hour)}：{dose}" for hour, dose in by_time.items()]


@pytest.mark.parametrize(
    ("value", "spoken"),
    [
        ("00:00", "夜里12点"),
        ("05:00", "凌晨5点"),
        ("08:05", "早上8点05分"),
        ("12:00", "中午12点"),
        ("15:15", "下午3点15分"),
        ("20:30", "晚上8点半"),
    ],
)
def test_clock_times_are_spoken(value: str, spoken: str) -> None:
    assert wording.clock(value) == spoken


@pytest.mark.parametrize(
    ("value", "spoken"),
    [
        ("daily", "每天"),
        ("every_3_days", "每3天"),
        ("every_28_days", "每28天"),
        ("weekly:MON,WED", "每周一、三"),
        ("monthly:15", "每月15号"),
        ("monthly:last_FRI", "每月最后一个周五"),
        ("quarterly", "每三个月"),
        ("cycle:5on2off", "吃5天停2天"),
        ("lunar_monthly:1,15", "每月农历初一、十五"),
        ("once:+3mon", "3个月后"),
        ("once:next_WED", "下周三"),
        ("once:next_month:03", "下个月3号"),
        ("once:10-20", "10月20号"),
        ("once:next_year:01-05", "明年1月5号"),
    ],
)
def test_days_are_spoken(value: str, spoken: str) -> None:
    assert wording.repeat(value) == spoken
