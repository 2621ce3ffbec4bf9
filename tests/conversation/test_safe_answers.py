"""Every fixed safe answer, through the real callback: what is in the data is what arrives.

`nlu_data/safety/replies.toml` is the list. An answer there without a message here fails the
first test, so nobody adds one that no family ever gets to read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable

import pytest

from bot.emulator.client import EmulatorClient
from bot.safety import check, crisis_reply, medication_reply, screen
from tests.families import Family, family
from tests.system import ROOT, System

NewFamily = Callable[[], Family]
Answer = tuple[str, str, str]
"""Level or ``medication``, kind, and to whom it speaks: an entry of the data."""

MESSAGES: dict[Answer, str] = {
    ("imminent", "suicide", "other"): "他站在楼顶要往下跳",
    ("imminent", "suicide", "self"): "我不想活了 药就在手里",
    ("imminent", "self_harm", "other"): "孩子正拿美工刀划胳膊",
    ("imminent", "self_harm", "self"): "我刚又割了自己 这次有点深",
    ("imminent", "overdose", "any"): "他一口气吃了一瓶药",
    ("imminent", "med_emergency", "any"): "吃氯氮平突然发烧嗓子疼",
    ("imminent", "violence", "any"): "他拿菜刀要砍我",
    ("imminent", "fire", "any"): "他抱着煤气罐说要点",
    ("imminent", "missing", "any"): "儿子走丢了 一天没回来",
    ("imminent", "abuse", "any"): "护工正在打我爸 我在视频里看到的",
    ("imminent", "homicide_suicide", "other"): "我想带着孩子一起走",
    ("imminent", "homicide_suicide", "self"): "一起死算了",
    ("imminent", "caregiver", "any"): "真的撑不住了 刀在手里",
    ("risk", "suicide", "other"): "我儿子最近老说想死",
    ("risk", "suicide", "self"): "我不想活了",
    ("risk", "self_harm", "other"): "他心情不好就拿小刀划自己",
    ("risk", "self_harm", "self"): "控制不住想伤害自己",
    ("risk", "violence", "any"): "他总说要杀我",
    ("risk", "relapse", "any"): "他又犯病了",
    ("risk", "abuse", "any"): "机构把他关在小屋里不给吃饱",
    ("risk", "caregiver", "any"): "我快撑不住了",
    ("risk", "overdose", "any"): "刚才药吃了两遍",
    ("risk", "med_emergency", "any"): "吃了药以后老是坐不住来回走",
    ("risk", "missing", "any"): "他半夜总往外跑 拦不住",
    ("risk", "homicide_suicide", "other"): "我有时候想跟他一起死",
    ("risk", "homicide_suicide", "self"): "真想一起死了",
    ("history", "suicide", "other"): "他三年前跳过河 被人救了",
    ("history", "suicide", "self"): "以前想过自杀 现在没有了",
    ("history", "self_harm", "other"): "她以前割过手 现在不割了",
    ("history", "self_harm", "self"): "以前有自残的习惯 已经改了",
    ("history", "violence", "any"): "刚得病那年拿过刀，后来再没有",
    ("history", "overdose", "any"): "三年前吞过一瓶药 洗胃 现在药由我管着",
    ("history", "missing", "any"): "去年走丢过 后来找回来了",
    ("history", "relapse", "any"): "去年他停药复发过一次",
    ("history", "abuse", "any"): "以前那家机构打人 我们早就换了",
    ("history", "caregiver", "any"): "最难的那几年我也想过一走了之 都过来了",
    ("history", "med_emergency", "any"): "去年吃氟哌啶醇脖子歪过一次 换药以后没有了",
    ("history", "homicide_suicide", "any"): "刚查出来那年我差点带他跳江 都熬过来了",
    ("medication", "side_effect", "any"): "吃了药手抖",
    ("medication", "missed_dose", "any"): "昨晚的药忘吃了",
    ("medication", "self_reduction", "any"): "太困了帮我减半片",
    ("medication", "self_stop", "any"): "我想给他停药",
    ("medication", "self_increase", "any"): "晚上睡不着，我想给他多吃一片",
    ("medication", "hide_in_food", "any"): "能不能把药磨碎放稀饭里头给他吃",
    ("medication", "no_prescription", "any"): "没处方哪里能买到利培酮",
    ("medication", "interaction", "any"): "奥氮平能和头孢一起吃吗",
    ("medication", "pregnancy", "any"): "怀孕了还能吃药吗",
    ("medication", "alcohol", "any"): "喝酒了能吃药吗",
    ("medication", "refusing_medicine", "any"): "他不肯吃药",
    ("medication", "deceased", "any"): "人都没了还提醒啥",
}

SAID_WITH_OTHERS: dict[Answer, str] = {
    ("after", "nobody", "any"): "at the end of every crisis answer, while nobody is on duty",
    ("after", "duty", "any"): "the same, while somebody is",
    ("after", "history", "any"): "at the end of every answer about the past",
    ("medication", "deceased_stopped", "any"): "after the condolences, once reminders are stopped",
    ("medication", "extra_dose", "any"): "the screening answers first, with overdose",
    ("medication", "side_effect_urgent", "any"): "the screening answers first, with med_emergency",
    ("imminent", "relapse", "any"): "no rule is of this level: kept for the second reader",
}
"""Answers that no message has to itself."""

IN_A_FORM = (
    ("imminent", "suicide", "other"),
    ("imminent", "overdose", "any"),
    ("imminent", "violence", "any"),
    ("imminent", "missing", "any"),
    ("risk", "caregiver", "any"),
    ("risk", "med_emergency", "any"),
    ("history", "suicide", "other"),
    ("medication", "side_effect", "any"),
    ("medication", "missed_dose", "any"),
    ("medication", "self_reduction", "any"),
    ("medication", "self_stop", "any"),
    ("medication", "hide_in_food", "any"),
    ("medication", "no_prescription", "any"),
)


def _data() -> dict[Answer, list[str]]:
    file = ROOT / "nlu_data" / "safety" / "replies.toml"
    groups = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        (level, kind, whom): entry[whom]
        for level, kinds in groups.items()
        for kind, entry in kinds.items()
        for whom in ("any", "other", "self")
        if whom in entry
    }


def _expected(answer: Answer) -> list[str]:
    """The whole answer, with what ends every answer of its kind."""
    data = _data()
    last = {"imminent": "nobody", "risk": "nobody", "history": "history"}.get(answer[0])
    return data[answer] + (data["after", last, "any"] if last else [])


@pytest.fixture(scope="module")
def mother(phone: EmulatorClient) -> Family:
    """One person who lives through all of it: what was answered before changes no answer."""
    return family(phone, 99)


def test_every_answer_of_the_data_has_its_message() -> None:
    assert set(MESSAGES) | set(SAID_WITH_OTHERS) == set(_data())
    assert not set(MESSAGES) & set(SAID_WITH_OTHERS)


@pytest.mark.parametrize("answer", MESSAGES, ids="-".join)
def test_the_answer_arrives_whole(answer: Answer, mother: Family) -> None:
    expected = _expected(answer)
    first, *rest = mother.hears(MESSAGES[answer], *expected)
    assert first.startswith(expected[0]) or answer[0] == "history"
    if answer[0] in ("imminent", "risk"):
        assert "！" not in "".join([first, *rest])


@pytest.mark.parametrize("answer", IN_A_FORM, ids="-".join)
def test_in_the_middle_of_an_application(answer: Answer, new_family: NewFamily) -> None:
    mother = new_family()
    mother.say("我要申请")
    mother.say("我是他妈妈")
    expected = _expected(answer)
    said = "\n".join(mother.hears(MESSAGES[answer], *expected))
    if answer[0] in ("imminent", "risk"):
        assert "叫什么名字" not in said, "nothing is asked of somebody in danger"
        mother.phone.wait_message(mother.openid, contains="留着")
        assert "叫什么名字" in mother.say("继续")
    else:
        assert "叫什么名字" in mother.shown().rsplit(expected[-1], 1)[1], "the form goes on"
    assert "哪一年出生" in mother.say(mother.name), "what was answered before is kept"


def test_the_patient_has_died(new_family: NewFamily, system: System) -> None:
    daughter = new_family()
    daughter.say("我要申请")
    daughter.say("我是他女儿")
    tickets = "SELECT count(*) FROM ticket WHERE kind = 'medication'"
    before = system.count(tickets)
    said = "\n".join(daughter.hears("人都没了还提醒啥", "节哀"))
    for asking in ("？", "吗", "叫什么名字", "继续"):
        assert asking not in said, "no question, and nothing more is asked"
    assert system.count(tickets) == before + 1
    assert "上次" not in daughter.say("你好"), "nor afterwards"
    assert "叫什么名字" in daughter.say("继续"), "but nothing is lost"


def test_the_messages_mean_what_they_are_listed_for() -> None:
    """The table is checked without a running system too: rules and answers belong together."""
    data = _data()
    for (level, kind, whom), text in MESSAGES.items():
        found = screen(text)
        if level == "medication":
            concern = check(text)
            assert concern is not None, text
            said = medication_reply(concern)
        else:
            assert found.level == level, text
            said = crisis_reply(found, duty=False, text=text)
        assert list(said[: len(data[level, kind, whom])]) == data[level, kind, whom], text
