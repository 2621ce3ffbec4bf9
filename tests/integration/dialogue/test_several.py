"""Several wishes in one message: none is dropped, the urgent comes first, and nothing is split
that is one."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from bot.casework.models import Ticket
from bot.dialogue.wishes import MEDICINE, wishes_of
from bot.installation import Installation
from bot.nlu.linear import LinearModel
from bot.nlu.model import find_model, read_model
from bot.settings import Settings
from tests.system import MODELS, ROOT

from .conftest import Chat

HELD_OUT = ROOT / "tests" / "data" / "intents"
MOST_WRONGLY_SPLIT = 0.012
"""Recorded 0.006 of 1,260 sentences with one wish."""
LEAST_FOUND = 0.9
"""Recorded 39 of 40; on 12 more that nobody had seen, 10."""


@pytest.fixture(scope="module")
def model() -> LinearModel:
    found = find_model(Settings(models_dir=MODELS, _env_file=None))
    assert found is not None, "make train"
    return read_model(found)


def _lines(*names: str) -> list[dict[str, object]]:
    return [
        json.loads(line)
        for name in names
        for line in (HELD_OUT.parent / name).read_text(encoding="utf-8").splitlines()
    ]


def test_the_wishes_of_messages_with_several(model: LinearModel) -> None:
    lines = _lines("wishes/several.jsonl", "wishes/spoken.jsonl")
    right = 0
    for line in lines:
        wanted = {MEDICINE if t == "side_effect" else t for t in line["topics"]}  # type: ignore[attr-defined]
        right += {wish.topic for wish in wishes_of(str(line["text"]), model)} == wanted
    assert right / len(lines) >= LEAST_FOUND


def test_one_wish_is_hardly_ever_taken_for_two(model: LinearModel) -> None:
    lines = _lines("intents/held_out.jsonl", "intents/fresh_1.jsonl", "intents/fresh_2.jsonl")
    split = [line["text"] for line in lines if len(wishes_of(str(line["text"]), model)) > 1]
    assert len(split) / len(lines) <= MOST_WRONGLY_SPLIT, split


def test_no_word_of_a_message_is_lost(model: LinearModel) -> None:
    for line in _lines("wishes/several.jsonl"):
        text = str(line["text"])
        found = wishes_of(text, model)
        assert sorted("".join(wish.text for wish in found)) == sorted(text)


def _kinds(installation: Installation) -> list[str]:
    with installation.database.transaction() as session:
        return list(session.scalars(select(Ticket.kind).order_by(Ticket.id)))


def test_three_at_once(mother: Chat, installation: Installation) -> None:
    shown = mother.say("我儿子想参加康复，护理补贴怎么领，还有他昨天忘吃药了")
    assert shown.index("漏了别慌") < shown.index("依据")
    assert shown.index("依据") < shown.index("我来帮您填申请")
    assert shown.rstrip().endswith("患者叫什么名字？"), "the form's question is the last"
    assert "medication" in _kinds(installation)
    assert "哪一年出生" in mother.say("测试甲")


def test_complaint_and_status(mother: Chat) -> None:
    mother.apply("我想给儿子报名", "测试甲")
    shown = mother.say("我要投诉康复站乱收费，还有我儿子的申请办到哪一步了")
    assert shown.index("投诉") < shown.index("KF")


def test_an_answer_and_a_question(mother: Chat) -> None:
    mother.say("我要申请")
    shown = mother.say("我是他妈妈，护理补贴怎么领")
    assert "依据" in shown
    assert shown.rstrip().endswith("患者叫什么名字？"), "the answer was taken"


def test_an_answer_and_a_missed_dose(mother: Chat) -> None:
    mother.say("我要申请")
    shown = mother.say("我是他妈妈，他昨天的药忘吃了")
    assert "漏了别慌" in shown
    assert shown.rstrip().endswith("患者叫什么名字？")


def test_a_person_is_wanted_and_the_answer_is_kept(
    mother: Chat, installation: Installation
) -> None:
    mother.say("我要申请")
    shown = mother.say("我是他妈妈，另外我想找人工")
    assert "已经叫社工了" in shown
    assert shown.rstrip().endswith("患者叫什么名字？")
    assert _kinds(installation) == ["ask_human"]


def test_one_answer_with_several_fields_is_no_several_wishes(mother: Chat) -> None:
    mother.say("我要申请")
    shown = mother.say("我是他姐姐，他34岁，住思明区")
    assert shown.rstrip().endswith("患者叫什么名字？")


def test_danger_first_and_the_rest_is_named(mother: Chat) -> None:
    bubbles = mother.bubbles("他拿菜刀要砍我，还有我想问问护理补贴怎么领")
    assert "110" in bubbles[0]
    assert "补贴" not in bubbles[0]
    assert "补贴政策" in bubbles[-1]
    assert not any("！" in bubble for bubble in bubbles)


def test_danger_alone_is_not_talked_over(mother: Chat) -> None:
    assert not any("还说到" in bubble for bubble in mother.bubbles("他拿菜刀要砍我"))


def test_after_a_death_only_what_was_asked(mother: Chat) -> None:
    shown = mother.say("我爸爸上个月去世了，别再提醒他吃药了")
    assert "节哀" in shown
    assert "？" not in shown


def test_the_past_is_asked_about_gently_before_the_form_goes_on(mother: Chat) -> None:
    shown = mother.say("他以前自杀过两次，现在好多了，想给我儿子报名社区康复")
    assert "最近有没有说过不想活" in shown or "最近还会有" in shown
    assert shown.rstrip().endswith("患者叫什么名字？")


def test_medicine_is_answered_in_the_middle_of_a_complaint(
    mother: Chat, installation: Installation
) -> None:
    mother.say("我要投诉康复站乱收费")
    shown = mother.say("昨晚的药忘吃了")
    assert "漏了别慌" in shown
    assert _kinds(installation) == [], "nothing of a complaint becomes a social worker's ticket"


def test_a_complaint_does_not_swallow_what_comes_next(mother: Chat) -> None:
    mother.say("我要投诉康复站乱收费")
    mother.say("就是街上那家，上个月的事")
    assert "产科医生" in mother.say("怀孕了还能吃药吗")
    assert "什么人" in mother.say("我要申请")
    assert "怎么写" in mother.say("投诉"), "the complaint waited"


def test_what_is_over_is_no_complaint(mother: Chat) -> None:
    shown = mother.say("以前那家机构打人 我们早就换了")
    assert "现在还有人这样对他吗" in shown
    assert "投诉" not in shown
