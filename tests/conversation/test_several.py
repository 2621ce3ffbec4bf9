"""Several wishes and several patients, through the real callback and the real Rasa.

The cases themselves are in tests/integration/dialogue: here it is shown that Rasa's forms and
rules lead to the same.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.families import DONE, Family
from tests.system import System

NewFamily = Callable[[], Family]


def test_none_of_three_wishes_is_dropped(new_family: NewFamily, system: System) -> None:
    mother = new_family()
    tickets = "SELECT count(*) FROM ticket WHERE kind = 'medication'"
    before = system.count(tickets)
    said = "\n".join(
        mother.hears(
            "我儿子想参加康复，护理补贴怎么领，还有他昨天忘吃药了",
            "漏了别慌",
            "依据",
            "我来帮您填申请",
            "叫什么名字",
        )
    )
    assert said.index("漏了别慌") < said.index("依据") < said.index("叫什么名字")
    assert system.count(tickets) == before + 1
    assert "哪一年出生" in mother.say(mother.name)


def test_an_answer_with_a_question_beside_it(new_family: NewFamily) -> None:
    mother = new_family()
    mother.say("我要申请")
    said = "\n".join(mother.hears("我是他妈妈，护理补贴怎么领", "依据", "叫什么名字"))
    assert said.rstrip().endswith("患者叫什么名字？")
    assert "哪一年出生" in mother.say(mother.name)


def test_a_mother_of_two(new_family: NewFamily, system: System) -> None:
    mother = new_family()
    elder, younger = mother.name, "测试" + mother.name[-1] + "月"
    first = mother.apply()
    mother.name = younger
    shown = mother.say("我还想给女儿报名，29岁")
    assert first in shown, "the first is said to be under way"
    while DONE not in shown:
        words = mother.answer_to(shown)
        assert words is not None, shown
        shown = mother.say(words)
    both = mother.say("到哪一步了")
    assert elder in both
    assert younger in both
    one = mother.say("老二的到哪一步了")
    assert younger in one
    assert elder not in one
    assert f"2  撤回{younger}的申请" in mother.say("我不想申请了，帮我撤回")
    assert "撤回" in mother.say("2")
    stages = {case["receipt_number"]: case["stage"] for case in system.cases()}
    assert stages[first] == "submitted"
    assert sorted(stages.values()).count("withdrawn") >= 1
