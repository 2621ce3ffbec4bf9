"""Policy through the real callback and the real Rasa: answers, follow-ups, tickets, own cards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conversation.test_application import NewFamily
from tests.integration.policy.talk import FUJIAN
from tests.system import System

RESPITE = "喘息服务一年有多少天"
SOURCE = "依据：测民〔2025〕7号 一（二），2025-03-02"


@pytest.fixture(scope="module", autouse=True)
def _document(system: System, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("documents") / "notice.txt"
    path.write_text(FUJIAN, encoding="utf-8")
    system.command("policy", "import", str(path), "--region", "福建省")


def test_asked_back_answered_and_followed_up(new_family: NewFamily, system: System) -> None:
    mother = new_family()
    assert "哪个市、哪个县" in mother.say(RESPITE)
    answer = mother.say("莆田市仙游县")
    assert "不少于10天" in answer
    assert SOURCE in answer
    assert "没有四川省" in mother.say("那四川呢")
    assert SOURCE in mother.say("那我们这儿呢")
    assert "每年不少于10天" in mother.say("看全文")
    assert SOURCE in mother.say("谢谢，再问一下" + RESPITE), "the place is remembered"


def test_short_answer_then_source_then_how_by_number(new_family: NewFamily) -> None:
    mother = new_family()
    answer = mother.say("残疾人两项补贴是什么")
    assert answer.index("生活补贴") < answer.index("依据：国发〔2015〕52号 二（一），2015-09-22")
    number = next(line for line in answer.splitlines() if line.endswith("怎么申请")).split()[0]
    assert "乡镇政府" in mother.say(number)
    assert "依据：" in mother.say("还有呢")


def test_several_questions_in_one_message(new_family: NewFamily) -> None:
    answer = new_family().say("低保怎么申请？残疾证怎么办？")
    assert "国务院令第649号" in answer
    assert "残联发〔2017〕34号" in answer


def test_no_answer_is_said_and_becomes_a_ticket(new_family: NewFamily, system: System) -> None:
    tickets = "SELECT count(*) FROM ticket WHERE kind = 'question'"
    before = system.count(tickets)
    mother = new_family()
    mother.say("监护人补贴一个月发多少钱")
    answer = mother.say("福州市")
    assert "不敢乱说" in answer
    assert "转给社工" in answer
    assert "三天内" in answer
    assert system.count(tickets) == before + 1


def test_in_the_middle_of_an_application(new_family: NewFamily) -> None:
    mother = new_family()
    mother.say("我要申请")
    mother.say("我是他妈妈")
    answer = mother.say("残疾人两项补贴怎么申请")
    assert "依据" in answer
    assert "叫什么名字" in answer
    more = mother.say("还有呢")
    assert "依据" in more
    assert "叫什么名字" in more
    asked_back = mother.say(RESPITE)
    assert "哪个市、哪个县" in asked_back
    assert "叫什么名字" not in asked_back, "one question at a time"
    answer = mother.say("莆田市仙游县")
    assert SOURCE in answer
    assert "叫什么名字" in answer


def test_the_county_of_an_application_is_known(new_family: NewFamily) -> None:
    mother = new_family()
    mother.apply()  # 思明区, in Fujian
    assert SOURCE in mother.say(RESPITE)


def test_a_self_check_and_back(new_family: NewFamily) -> None:
    mother = new_family()
    assert "残疾人证" in mother.say("帮我测一测能不能领两项补贴")
    assert "几级" in mother.say("1")
    assert "不测了" in mother.say("返回")
    assert "几级" in mother.say("接着测")
    for said in ("二级", "是", "不是"):
        mother.say(said)
    answer = mother.say("不是")
    assert "重度残疾人护理补贴：可能符合" in answer
    assert "困难残疾人生活补贴：还差" in answer
    assert "不作数" in answer


def test_a_self_check_in_the_middle_of_an_application(new_family: NewFamily) -> None:
    mother = new_family()
    mother.say("我要申请")
    assert "什么人" not in mother.say("测一测低保")
    mother.say("低")
    answer = mother.say("没有")
    assert "低保：可能符合" in answer
    assert "什么人" in answer, "back in the form"


def test_a_document_withdrawn_answers_no_more_in_the_running_bot(
    new_family: NewFamily, system: System, tmp_path: Path
) -> None:
    newer = tmp_path / "newer.txt"
    newer.write_text(FUJIAN.replace("10天", "12天"), encoding="utf-8")
    mother = new_family()
    mother.say(RESPITE)
    assert "10天" in mother.say("仙游县")
    system.command("policy", "import", str(newer), "--region", "福建省")
    try:
        answer = mother.say(RESPITE)
        # The index is built beside the conversation; on a busy machine a question may be earlier.
        answer = mother.say(RESPITE) if "12天" not in answer else answer
        assert "12天" in answer
    finally:
        newer.write_text(FUJIAN, encoding="utf-8")
        system.command("policy", "import", str(newer), "--region", "福建省")


def test_without_rasa_the_same_talk(new_family: NewFamily, system: System) -> None:
    mother = new_family()
    assert system.kill("rasa")
    assert "残疾人证" in mother.say("测一测两项补贴")
    assert "还差残疾人证" in mother.say("没有")
    assert "依据：" in mother.say("残疾证怎么办")
    assert "就说到这些了" in mother.say("还有呢") or "依据：" in mother.shown()
    system.wait_ready()


def test_the_command_answers_as_the_bot_does(system: System) -> None:
    said = json.loads(system.command("policy", "ask", RESPITE, "--region", "仙游县", "--json"))
    assert said["answered"] is True
    assert said["citations"][0]["clause"] == "一(二)"
