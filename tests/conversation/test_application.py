"""The voluntary application through the real callback and the real Rasa."""

from __future__ import annotations

from collections.abc import Callable

from tests.families import Family
from tests.system import System

NewFamily = Callable[[], Family]


def test_from_the_first_word_to_the_receipt(new_family: NewFamily, system: System) -> None:
    mother = new_family()
    number = mother.apply()
    assert number.startswith("KF")
    case = next(case for case in system.cases() if case["receipt_number"] == number)
    assert case["stage"] == "submitted"
    assert case["county"].endswith("思明区")
    assert case["awaits_guardian"] is False
    assert number in mother.say("到哪一步了")


def test_one_sentence_fills_several_answers(new_family: NewFamily) -> None:
    sister = new_family()
    answer = sister.say("我想给我弟弟报名，他34岁，住思明区")
    assert "叫什么名字" in answer
    answer = sister.say(sister.name)
    assert "医院或医生" in answer, "year of birth and county are known already"


def test_a_question_in_between_is_answered_and_the_form_goes_on(new_family: NewFamily) -> None:
    mother = new_family()
    mother.say("我要申请")
    mother.say("我是他妈妈")
    answer = mother.say("残疾人两项补贴怎么申请")
    assert "依据" in answer
    assert "叫什么名字" in answer, "the form's question is asked again"


def test_left_and_taken_up_again(new_family: NewFamily) -> None:
    mother = new_family()
    mother.say("我要申请")
    mother.say("我是他妈妈")
    assert "继续" in mother.say("不说了")
    assert "叫什么名字" in mother.say("继续")


def test_an_answer_is_corrected(new_family: NewFamily) -> None:
    mother = new_family()
    answer = mother.say("我想给儿子报名")
    while "我记下的是" not in answer:
        words = mother.answer_to(answer)
        assert words is not None, answer
        answer = mother.say(words)
    answer = mother.say("电话写错了，是13900009999")
    assert "13900009999" in answer
    assert mother.telephone not in answer


def test_wrong_input_is_met_kindly_and_a_person_is_offered(new_family: NewFamily) -> None:
    mother = new_family()
    answer = mother.say("我要申请")
    while "哪个电话" not in answer:
        words = mother.answer_to(answer)
        assert words is not None, answer
        answer = mother.say(words)
    assert "11位" in mother.say("139000")
    mother.say("1390000")
    assert "人工" in mother.say("13900")


def test_without_consent_to_data_nothing_is_kept(new_family: NewFamily, system: System) -> None:
    mother = new_family()
    before = system.count("SELECT count(*) FROM application")
    mother.say("我要申请")
    assert "删" in mother.say("不同意")
    assert system.count("SELECT count(*) FROM application") == before


def test_an_applicant_who_is_not_the_guardian(new_family: NewFamily, system: System) -> None:
    brother = new_family()
    answer = brother.say("我想给我弟弟报名")
    while brother.receipt_number() is None:
        words = "不是" if "监护人吗" in answer else brother.answer_to(answer)
        assert words is not None, answer
        answer = brother.say(words)
    assert "监护人" in answer
    number = brother.receipt_number()
    case = next(case for case in system.cases() if case["receipt_number"] == number)
    assert case["awaits_guardian"] is True


def test_under_fourteen_only_the_guardian_applies(new_family: NewFamily) -> None:
    aunt = new_family()
    answer = aunt.say("我要申请")
    while "监护人" not in answer:
        words = "2016年出生的" if "哪一年" in answer else aunt.answer_to(answer)
        assert words is not None, answer
        answer = aunt.say(words)
    assert "14" in aunt.say("不是") or "监护人" in aunt.shown()[-200:]


def test_a_neighbour_gives_a_lead(new_family: NewFamily, system: System) -> None:
    neighbour = new_family()
    answer = neighbour.say("我是他邻居，想帮隔壁的小伙子报名")
    assert "不能替他申请" in answer
    answer = neighbour.say("思明区测试村有个小伙子好几年不出门，家里老人岁数大了")
    assert "XS" in answer
    assert system.count("SELECT count(*) FROM ticket WHERE kind = 'lead'") >= 1


def test_a_submitted_application_is_withdrawn(new_family: NewFamily, system: System) -> None:
    mother = new_family()
    number = mother.apply()
    assert "撤回" in mother.say("我不想申请了，帮我撤回")
    case = next(case for case in system.cases() if case["receipt_number"] == number)
    assert case["stage"] == "withdrawn"
