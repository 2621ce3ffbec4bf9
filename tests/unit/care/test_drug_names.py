"""Names of medicines, and the everyday words that are none."""

from __future__ import annotations

import time

import pytest

from bot.nlu.drugs import drug, find_drugs
from bot.nlu.script import plain


def _found(text: str) -> list[tuple[str | None, str]]:
    return [(mention.generic, mention.how) for mention in find_drugs(text)]


@pytest.mark.parametrize(
    ("text", "generic", "how"),
    [
        ("奥氮平睡前一片", "奥氮平", "exact"),
        ("再普乐一片", "奥氮平", "brand"),
        ("安定半片睡前", "地西泮", "brand"),
        ("早上优甲乐一片", "左甲状腺素", "brand"),
        ("Olanzapine 5mg qn", "奥氮平", "exact"),
        ("奧氮平兩片", "奥氮平", "exact"),
        ("草酸艾司西酞普兰片 10mg", "艾司西酞普兰", "exact"),
        ("力陪酮早上一粒", "利培酮", "sound"),
        ("给他吃利陪同一片", "利培酮", "sound"),
        ("奥弹平和感冒药能一起吃吗", "奥氮平", "sound"),
        ("奥蛋平睡前一片", "奥氮平", "sound"),
        ("绿蛋平100mg", "氯氮平", "sound"),
        ("富马酸奎硫平缓释片", "喹硫平", "sound"),
        ("帕利培酮3mg", "帕利哌酮缓释片", "sound"),
        ("丙戍酸钠早晚各一片", "丙戊酸钠", "sound"),
        ("舍取林一片", "舍曲林", "sound"),
        ("半年针下次什么时候", "帕利哌酮棕榈酸酯(6月)", "exact"),
        ("善思达每月一针", "帕利哌酮棕榈酸酯(1月)", "brand"),
    ],
)
def test_a_medicine_is_recognised(text: str, generic: str, how: str) -> None:
    assert _found(text)[0] == (generic, how)


@pytest.mark.parametrize(
    "text",
    [
        "在医院里陪同吃药可以吗",
        "家里陪同的人能住吗",
        "他情绪安定了",
        "安定医院几点开门",
        "可定做家具吗",
        "我叫文飞",
        "古代文学",
        "他平安坦然面对",
        "社会安定团结",
        "带她去医院看医生开点药",
        "每三月针对老人体检一次",
        "罗拉是我同学",
        "",
    ],
)
def test_no_everyday_word_becomes_a_medicine(text: str) -> None:
    assert find_drugs(text) == []


def test_longest_name_wins_and_neighbours_are_both_found() -> None:
    assert _found("艾司西酞普兰") == [("艾司西酞普兰", "exact")]
    assert _found("右佐匹克隆半片") == [("右佐匹克隆", "exact")]
    assert _found("奥氮平安坦各一片") == [("奥氮平", "exact"), ("苯海索", "brand")]


def test_a_kind_of_medicine_has_no_generic_name() -> None:
    (mention,) = find_drugs("降压药早上一片")
    assert (mention.generic, mention.how, mention.psychiatric) == (None, "group", False)


def test_spans_are_those_of_the_text_as_written() -> None:
    text = "早上：富馬酸喹硫平片１片"
    (mention,) = find_drugs(text)
    assert text[mention.start : mention.end] == mention.written == "富馬酸喹硫平片"
    assert (mention.name, mention.form) == ("喹硫平", "片")


def test_facts_of_long_acting_medicines() -> None:
    assert drug("利培酮微球").interval == "every_14_days"
    assert drug("帕利哌酮棕榈酸酯(3月)").interval == "every_3_months"
    assert drug("癸酸氟哌啶醇").injected
    assert drug("癸氟奋乃静").interval is None  # its leaflet gives a range
    assert not drug("左甲状腺素").psychiatric


def test_plain_keeps_every_position() -> None:
    text = "早上８：３０ 奧氮平①½片 ＭＧ\n"
    assert len(plain(text)) == len(text)


def test_a_message_takes_less_than_a_millisecond() -> None:
    text = "出院带药 利培酮2mg早1晚2 苯海索2mg早晚各1 他一直流口水枕头都湿了怎么办呢"
    find_drugs(text)  # the names are loaded once
    best = min(_seconds(text) for _ in range(20))
    assert best < 0.001


def _seconds(text: str) -> float:
    begun = time.perf_counter()
    find_drugs(text)
    return time.perf_counter() - begun
