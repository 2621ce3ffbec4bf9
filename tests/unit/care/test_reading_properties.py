"""Whatever is written: no dose said may vanish, and nothing may raise."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.care.reading import read, read_back
from bot.care.reading.numbers import amount, integer, shown

# The first reading loads the names; a deadline would measure that.
settings.register_profile("reading", deadline=None)
settings.load_profile("reading")

DRUGS = ["奥氮平", "利培酮", "氯氮平", "碳酸锂", "苯海索", "舍曲林", "喹硫平", "德巴金", "安坦"]
GENERIC = {"德巴金": "丙戊酸钠", "安坦": "苯海索"}
TIMES = {
    "早上": "morning",
    "中午": "noon",
    "晚上": "evening",
    "睡前": "bedtime",
    "早饭后": "after_breakfast",
    "晚饭后": "after_dinner",
    "午饭前": "before_lunch",
    "早上8点": "08:00",
    "晚上9点半": "21:30",
    "中午12点": "12:00",
    "下午三点一刻": "15:15",
}
DOSES = {
    "半片": "0.5片",
    "一片": "1片",
    "1片": "1片",
    "一片半": "1.5片",
    "1.5片": "1.5片",
    "两片": "2片",
    "俩片": "2片",
    "2#": "2片",
    "3片": "3片",
    "两片半": "2.5片",
    "1/2片": "0.5片",
}

TIME = re.compile(
    r"(?:[01]\d|2[0-3]):[0-5]\d(?:\|(?:[01]\d|2[0-3]):[0-5]\d)?|\+\d+m"
    r"|morning|noon|afternoon|evening|bedtime|(?:before|after|with)_(?:breakfast|lunch|dinner|meal)"
)
NEEDS = {"drug", "dose", "date", "times", "am_pm", "lunar", "delta", "confirm"}
OPS = {
    "set",
    "change",
    "cancel",
    "snooze",
    "pause",
    "resume",
    "query",
    "checkin_taken",
    "checkin_missed",
    "none",
}
KINDS = {"medication", "injection", "refill", "follow_up", "visit", "lab"}

# Pieces of sentences about medicine, in any order: nonsense mostly, but nonsense with doses in it.
PIECES = st.sampled_from(
    [
        *DRUGS,
        *TIMES,
        *DOSES,
        *"早晚中各,、。;：\n ",
        "5mg",
        "0.25g",
        "1ml",
        "bid",
        "qn",
        "q12h",
        "每天",
        "隔天",
        "每周一三五",
        "每月15号",
        "吃五停二",
        "一天三次",
        "每次",
        "饭后",
        "空腹",
        "提醒我",
        "吃药",
        "打针",
        "复诊",
        "拿药",
        "下周三",
        "10月8号",
        "提前两天",
        "上次",
        "先",
        "三天后",
        "然后",
        "加到",
        "改成",
        "医生让",
        "我想",
        "不吃",
        "取消",
        "睡不着",
        "必要时",
        "前一天",
        "8点",
        "1",
        "2.5",
        "和",
        "还有",
        "周末不吃",
        "1-0-1",
        "半",
        "也一样",
        "从明天开始",
        "吃到",
        "连吃七天",
    ]
)


def _well_formed(plan: dict[str, Any]) -> None:
    assert plan["op"] in OPS
    assert plan["kind"] in KINDS
    assert isinstance(plan["refuse"], bool)
    assert set(plan["needs"]) <= NEEDS
    assert all(TIME.fullmatch(time) for time in plan["times"])
    assert len(set(plan["times"])) == len(plan["times"])
    assert set(plan.get("dose_by_time", {})) <= set(plan["times"])
    assert not (plan["dose"] and plan.get("dose_by_time"))
    for dose in [plan["dose"], *plan.get("dose_by_time", {}).values()]:
        assert dose is None or re.fullmatch(r"\d+(?:\.\d+)?[一-鿿a-z]+", dose)
    if plan["op"] == "set":
        asked = plan["needs"] or plan["repeat"] == "prn" or plan["times"]
        assert plan["kind"] != "medication" or asked, "a medicine plan without any time"


@given(st.text())
@example("１½片")
@example("13月45号提醒吃药")
@example("每0天吃药")
@example("25点吃药")
@example("差八点八点吃药")
def test_any_text_is_read_without_an_error(text: str) -> None:
    for plan in read(text):
        _well_formed(plan.to_contract())
    assert isinstance(read_back(read(text)), str)


@settings(max_examples=600)
@given(st.lists(PIECES, min_size=1, max_size=14).map("".join))
@example("奥氮平早上一片晚上")
@example("早上一片两片利培酮")
@example("利培酮早晚各一片饭后睡前2.5")
def test_no_dose_drug_or_hour_is_lost_without_a_question(text: str) -> None:
    plans = read(text)
    for plan in plans:
        _well_formed(plan.to_contract())
    if not plans or any(plan.op not in ("set", "change") for plan in plans):
        return
    if any(plan.needs or plan.refuse for plan in plans):
        return
    kept = " ".join(str(plan.to_contract()) for plan in plans)
    for word in DRUGS:
        if word in text:
            assert word in kept or GENERIC.get(word, word) in kept, (text, kept)
    # 每次 and 各 repeat a dose, so each amount is looked for, not counted.
    alone = r"(?<![\d./半一两俩个])(?:\d+(?:\.\d+)?|[一两俩半])(?=片)"
    # 每天两片 beside 早晚各一片 is their sum and checked as such.
    for written in re.findall(alone, re.sub(r"每天(?:[一两俩半]|\d\.?\d?)片半?", "", text)):
        value = shown(amount(written))
        half = shown(amount(written) + Fraction(1, 2))
        fraction = re.search(r"\d/\d片", text)
        assert f"{value}片" in kept or f"{half}片" in kept or fraction, (text, kept)


plan_times = st.lists(st.sampled_from(sorted(TIMES)), min_size=1, max_size=4, unique_by=TIMES.get)
written_dose = st.sampled_from(sorted(DOSES))


@st.composite
def medicines(draw: st.DrawFn) -> list[tuple[str, list[tuple[str, str]]]]:
    """Medicines with a dose at each of their times, none of them twice."""
    names = draw(
        st.lists(
            st.sampled_from(DRUGS),
            min_size=1,
            max_size=4,
            unique_by=lambda name: GENERIC.get(name, name),
        )
    )
    return [(name, [(time, draw(written_dose)) for time in draw(plan_times)]) for name in names]


def _expected(doses: list[tuple[str, str]]) -> dict[str, str]:
    return {TIMES[time]: DOSES[dose] for time, dose in doses}


def _given(plan: Any) -> dict[str, str]:
    return {time: plan.dose_by_time.get(time) or plan.dose for time in plan.times}


RENDERINGS = {
    "list": lambda name, doses: name + " " + " ".join(f"{time}{dose}" for time, dose in doses),
    "commas": lambda name, doses: name + "，".join(f"{time}{dose}" for time, dose in doses),
    "verbs": lambda name, doses: name + "，".join(f"{time}吃{dose}" for time, dose in doses),
    "colon": lambda name, doses: f"{name}：" + "、".join(f"{time} {dose}" for time, dose in doses),
    "tight": lambda name, doses: name + "".join(f"{time}{dose}" for time, dose in doses),
}
JOINS = ["\n", "；", "。", "\n2. "]


@settings(max_examples=300)
@given(medicines(), st.sampled_from(sorted(RENDERINGS)), st.sampled_from(JOINS))
def test_every_dose_of_a_list_comes_back(
    plan: list[tuple[str, list[tuple[str, str]]]], rendering: str, join: str
) -> None:
    text = join.join(RENDERINGS[rendering](name, doses) for name, doses in plan)
    read_plans = read(text)
    assert [p.drug for p in read_plans] == [GENERIC.get(name, name) for name, _ in plan], text
    for said, (_, doses) in zip(read_plans, plan, strict=True):
        assert _given(said) == _expected(doses), text
        assert said.needs == [], text


@settings(max_examples=200)
@given(medicines(), st.sampled_from(["，", "；", "\n", "，然后"]))
def test_every_dose_of_a_day_told_by_its_times_comes_back(
    plan: list[tuple[str, list[tuple[str, str]]]], join: str
) -> None:
    """早上吃利培酮一片、苯海索半片；晚上…: the day told hour by hour, not medicine by medicine."""
    by_time: dict[str, list[str]] = {}
    for name, doses in plan:
        for time, dose in doses:
            by_time.setdefault(time, []).append(f"{name}{dose}")
    text = join.join(f"{time}吃{'、'.join(said)}" for time, said in by_time.items())
    found = {p.drug: _given(p) for p in read(text)}
    assert found == {GENERIC.get(name, name): _expected(doses) for name, doses in plan}, text


@given(
    st.sampled_from(DRUGS),
    plan_times,
    written_dose,
    st.sampled_from(
        ["{d}{t}各{a}", "{t}各吃{a}{d}", "每天{t}吃{d}，每次{a}", "提醒我{t}吃{d}各{a}"]
    ),
)
def test_one_dose_for_all_times_comes_back(
    name: str, times: list[str], dose: str, phrase: str
) -> None:
    text = phrase.format(d=name, t="、".join(times), a=dose)
    (plan,) = read(text)
    assert (plan.drug, plan.dose) == (GENERIC.get(name, name), DOSES[dose]), text
    assert plan.times == [TIMES[time] for time in times], text


@given(st.integers(1, 12), st.sampled_from(["", "半", "一刻", "十分", "二十"]), st.booleans())
def test_an_hour_without_a_half_of_the_day_is_asked(hour: int, minute: str, digits: bool) -> None:
    spoken = (
        str(hour) if digits else "零一二三四五六七八九十"[hour] if hour <= 10 else f"十{hour - 10}"
    )
    if not digits and hour > 10:
        spoken = {11: "十一", 12: "十二"}[hour]
    (plan,) = read(f"每天{spoken}点{minute}提醒吃药")
    assert plan.needs == ["am_pm"]
    assert len(plan.times) == 1
    early, late = plan.times[0].split("|")
    assert {int(early[:2]) % 12, int(late[:2]) % 12} == {hour % 12}
    assert early[3:] == late[3:]


@given(st.integers(1, 9999))
def test_numbers_read_as_written(number: int) -> None:
    assert integer(str(number)) == number
    assert shown(Fraction(number)) == str(number)
