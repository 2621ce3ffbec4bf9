"""Talking about policy: answers, follow-ups, the place asked back, honest refusals, self-checks."""

from __future__ import annotations

import pytest

from bot.casework.models import Ticket
from bot.installation import Installation
from bot.policy.models import PolicyQuestion
from tests.integration.policy.talk import Talk, put_document

RESPITE = "喘息服务一年有多少天"
SOURCE = "依据：测民〔2025〕7号 一（二），2025-03-02"


@pytest.fixture
def mother(installation: Installation) -> Talk:
    put_document(installation)
    return Talk(installation)


def tickets(installation: Installation) -> list[Ticket]:
    with installation.database.transaction() as session:
        return session.query(Ticket).filter_by(kind="question").order_by(Ticket.id).all()


def test_the_place_is_asked_back_once_and_remembered(mother: Talk) -> None:
    assert "哪个市、哪个县" in mother.say(RESPITE)
    answer = mother.say("莆田市仙游县")
    assert "不少于10天" in answer
    assert SOURCE in answer
    assert mother.say("您好，残疾证怎么办") != answer
    assert SOURCE in mother.say(RESPITE), "the place is remembered"


def test_a_place_in_the_question_is_enough(mother: Talk) -> None:
    assert SOURCE in mother.say(f"我们家在仙游县，{RESPITE}")
    assert SOURCE in mother.say(RESPITE), "and it is remembered, because they live there"


def test_another_place_named_in_passing_is_not_remembered(mother: Talk) -> None:
    mother.say("莆田市仙游县喘息服务一年有多少天")
    assert "哪个市、哪个县" in mother.say(RESPITE)


def test_the_place_may_come_after_something_else(mother: Talk) -> None:
    mother.say(RESPITE)
    assert "120" in mother.say("我不想活了")
    assert SOURCE in mother.say("仙游县")


def test_a_place_alone_is_no_question(mother: Talk, installation: Installation) -> None:
    answer = mother.say("福建省莆田市仙游县")
    assert "您家在仙游县" in answer
    assert tickets(installation) == []
    assert SOURCE in mother.say(RESPITE)


def test_a_clause_answers_no_other_point(mother: Talk) -> None:
    mother.say(f"我们家在仙游县，{RESPITE}")
    answer = mother.say("那多久能批下来")
    assert "10天" not in answer
    assert "转给社工" in answer


def test_a_name_of_several_places_is_asked_back(mother: Talk) -> None:
    mother.say(RESPITE)
    answer = mother.say("鼓楼区")
    assert "福建省福州市鼓楼区" in answer
    assert "江苏省南京市鼓楼区" in answer
    assert SOURCE in mother.say("福建省福州市鼓楼区")


def test_who_will_not_say_where_gets_what_holds_elsewhere_named_as_such(mother: Talk) -> None:
    mother.say(RESPITE)
    answer = mother.say("不想说")
    assert SOURCE in answer
    assert "福建省的规定" in answer


def test_another_place_by_and_there(mother: Talk) -> None:
    mother.say(RESPITE)
    mother.say("仙游县")
    assert "没有四川省" in mother.say("那四川呢")
    assert SOURCE in mother.say("那我们这儿呢")


def test_where_they_live_said_after_an_answer_is_remembered(mother: Talk) -> None:
    mother.say("残疾证怎么办")
    mother.say("我在仙游县")
    assert SOURCE in mother.say(RESPITE)


def test_what_follows_an_answer(mother: Talk) -> None:
    first = mother.say("残疾人两项补贴怎么申请")
    assert first.index("申请") < first.index("依据：国发〔2015〕52号 三（一），2015-09-22")
    more = mother.say("还有呢")
    assert "依据：" in more
    assert more.splitlines()[0] != first.splitlines()[0]
    materials = mother.say("那要带什么材料")
    assert "残疾人证" in materials
    assert "依据：" in materials
    assert "没有残疾人证不能申请" in mother.say("看全文")


def test_nothing_more_is_said_as_such(mother: Talk) -> None:
    mother.say("残疾人两项补贴怎么申请")
    answers = {mother.say("还有呢") for _ in range(10)}
    assert any("就说到这些了" in answer for answer in answers)


def test_numbers_stand_for_the_whole_text_and_for_a_person(
    mother: Talk, installation: Installation
) -> None:
    answer = mother.say("残疾证怎么办")
    assert "1  看全文" in answer
    assert "/family/policy/card-certificate-apply" in mother.say("1")
    mother.say("残疾证怎么办")
    number = next(line for line in answer.splitlines() if line.endswith("找人工")).split()[0]
    assert "已经叫社工" in mother.say(number)


def test_a_reference_means_only_what_was_said_just_before(mother: Talk) -> None:
    mother.say("残疾证怎么办")
    mother.say("帮助")
    assert "就说到这些了" not in mother.say("还有呢")


@pytest.mark.parametrize("said", ["那我要找人工怎么找", "那社区康复怎么报名", "那药怎么吃"])
def test_other_business_is_no_follow_up(mother: Talk, said: str) -> None:
    mother.say("残疾证怎么办")
    assert "残联发〔2017〕34号" not in mother.say(said)


def test_several_questions_are_all_answered(mother: Talk) -> None:
    answer = mother.say("低保怎么申请？残疾证怎么办？")
    assert "国务院令第649号" in answer
    assert "残联发〔2017〕34号" in answer


def test_a_question_without_an_answer_becomes_a_ticket(
    mother: Talk, installation: Installation
) -> None:
    question = "社区里能不能帮忙修轮椅"
    answer = mother.say(question)
    assert "不敢乱" in answer
    assert "三天内" in answer
    [ticket] = tickets(installation)
    assert ticket.summary == question
    assert f"GD{ticket.id:06d}" in answer
    with installation.database.transaction() as session:
        [kept] = session.query(PolicyQuestion).all()
        assert (kept.answered, kept.ticket_id) == (False, ticket.id)


def test_an_amount_that_no_source_states_is_not_guessed(
    mother: Talk, installation: Installation
) -> None:
    mother.say("残疾人两项补贴给多少钱")
    answer = mother.say("仙游县")
    assert "没有写，不敢乱说" in answer
    assert "元" not in answer
    assert tickets(installation)[0].county_code == "350322"


def test_medicine_is_sent_to_the_doctor_and_makes_no_ticket_of_policy(
    mother: Talk, installation: Installation
) -> None:
    assert "医生" in mother.say("利培酮一天吃几片")
    assert tickets(installation) == []


def test_the_subsidy_without_a_name_is_asked_back(mother: Talk, installation: Installation) -> None:
    answer = mother.say("补贴到底有多少")
    assert "哪一种" in answer
    assert "监护人补贴" in answer
    assert tickets(installation) == []


def test_what_is_kept_of_a_question_names_nobody(mother: Talk, installation: Installation) -> None:
    mother.say("我儿子叫王建国，电话13800000001，残疾证怎么办")
    with installation.database.transaction() as session:
        kept = " ".join(row.question for row in session.query(PolicyQuestion))
    assert "残疾证" in kept
    assert "王建国" not in kept
    assert "13800000001" not in kept


# --- self-checks ---------------------------------------------------------------------------------


def test_a_self_check_from_an_answer_to_what_may_fit(mother: Talk) -> None:
    answer = mother.say("残疾人两项补贴是什么")
    assert "测一测残疾人两项补贴" in answer
    mother.say("测一测残疾人两项补贴")
    for said in ("有", "二级", "要的", "1", "不是"):
        answer = mother.say(said)
    assert "重度残疾人护理补贴：可能符合" in answer
    assert "困难残疾人生活补贴：可能符合" in answer
    assert "去哪里问" in answer
    assert "依据：国发〔2015〕52号" in answer
    assert "不作数" in answer


def test_a_self_check_names_the_missing_condition(mother: Talk) -> None:
    mother.say("帮我看看能不能领残疾人两项补贴")
    answer = mother.say("没有")
    assert "还差残疾人证" in answer
    assert "可能符合" not in answer


def test_a_self_check_is_left_and_taken_up_again(mother: Talk) -> None:
    mother.say("测一测")
    question = mother.say("1")
    assert "残疾人证" in question
    assert "不测了" in mother.say("返回")
    assert "就说到这些了" not in mother.say("残疾证怎么办")
    mother.say("测一测低保")
    mother.say("返回")
    assert "低保标准" in mother.say("接着测")


def test_a_question_in_between_is_answered(mother: Talk) -> None:
    mother.say("测一测低保")
    assert "残联发〔2017〕34号" in mother.say("先不说这个，残疾证去哪里办理呢")


def test_an_unread_answer_is_asked_once_more(mother: Talk) -> None:
    mother.say("测一测低保")
    assert "没看明白" in mother.say("唔")
    assert "财产" in mother.say("低")
