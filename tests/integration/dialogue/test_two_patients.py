"""A caregiver of two: asked which, and each application belongs to the right patient."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.casework import assessments, cases
from bot.casework.models import Case, CaseEvent, Staff, Ticket
from bot.dialogue.whose import Person, meant
from bot.installation import Installation

from .conftest import Chat

ELDER, YOUNGER = Person("测试甲", "儿子"), Person("测试乙", "女儿")
PEOPLE = (ELDER, YOUNGER)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("测试乙", YOUNGER),
        ("测试乙的到哪一步了", YOUNGER),
        ("女儿的呢", YOUNGER),
        ("老二", YOUNGER),
        ("老大的", ELDER),
        ("小的那个", YOUNGER),
        ("大的", ELDER),
        ("第二个", YOUNGER),
        ("1", ELDER),
        ("后面那个", YOUNGER),
        ("还是那个", YOUNGER),
        ("他", YOUNGER),
        ("两个都要", None),
        ("测试甲和测试乙", None),
        ("老三", None),
        ("不太大的事", None),
        ("补贴多少", None),
    ],
)
def test_who_is_meant(text: str, person: Person | None) -> None:
    assert meant(text, PEOPLE, last=YOUNGER) == person


def test_nobody_was_spoken_of_yet() -> None:
    assert meant("还是那个", PEOPLE) is None


@pytest.fixture
def of_two(mother: Chat) -> Chat:
    """A mother who has applied for a son and for a daughter."""
    assert "测试甲" in mother.apply("我想给儿子报名", "测试甲")
    opening = mother.say("我还想给女儿报名，29岁")
    assert "测试甲的申请" in opening, "the first is said to be under way"
    shown = opening
    while "回执编号" not in shown:
        shown = mother.answer(shown, "测试乙")
    return mother


def _stages(installation: Installation) -> dict[str, str]:
    with installation.database.transaction() as session:
        return {case.patient_name: case.stage for case in session.scalars(select(Case))}


def test_both_are_listed(of_two: Chat) -> None:
    shown = of_two.say("到哪一步了")
    assert "测试甲的申请" in shown
    assert "测试乙的申请" in shown


@pytest.mark.parametrize(
    "words", ["测试乙的到哪一步了", "女儿的申请到哪一步了", "老二的申请到哪一步了"]
)
def test_one_of_them_by_name_kinship_or_age(of_two: Chat, words: str) -> None:
    shown = of_two.say(words)
    assert "测试乙的申请" in shown
    assert "测试甲的申请" not in shown


def test_the_one_spoken_of_last(of_two: Chat) -> None:
    of_two.say("老大的申请到哪一步了")
    shown = of_two.say("他的申请现在办到哪一步了，还是那个")
    assert "测试甲的申请" in shown
    assert "测试乙的申请" not in shown


@pytest.mark.parametrize("words", ["2", "第二个", "测试乙", "老二", "女儿", "小的那个"])
def test_which_is_taken_back_is_asked(of_two: Chat, installation: Installation, words: str) -> None:
    shown = of_two.say("我不想申请了，帮我撤回")
    assert "1  撤回测试甲的申请" in shown
    assert "2  撤回测试乙的申请" in shown
    assert set(_stages(installation).values()) == {"submitted"}, "nothing happens yet"
    assert "撤回" in of_two.say(words)
    assert _stages(installation) == {"测试甲": "submitted", "测试乙": "withdrawn"}


def test_named_at_once_nothing_is_asked(of_two: Chat, installation: Installation) -> None:
    of_two.say("帮我撤回测试甲的申请")
    assert _stages(installation) == {"测试甲": "withdrawn", "测试乙": "submitted"}


def test_a_correction_reaches_the_right_one(of_two: Chat, installation: Installation) -> None:
    assert "哪一位" in of_two.say("刚才申请里电话写错了，是13900007777")
    assert "测试乙" in of_two.say("老二")
    with installation.database.transaction() as session:
        notes = session.execute(
            select(Case.patient_name, CaseEvent.note)
            .join(Case, Case.id == CaseEvent.case_id)
            .where(CaseEvent.step == "note")
        ).all()
    assert [name for name, _ in notes] == ["测试乙"]
    assert "13900007777" in str(notes[0][1]), "what was said before the question is passed on"


def test_the_same_telephone_as_before(mother: Chat, installation: Installation) -> None:
    mother.apply("我想给儿子报名", "测试甲")
    shown = mother.say("我还想给女儿报名")
    while "回执编号" not in shown:
        asks_telephone = "哪个电话" in shown
        shown = mother.say("还是那个") if asks_telephone else mother.answer(shown, "测试乙")
    with installation.database.transaction() as session:
        telephones = {case.telephone for case in session.scalars(select(Case))}
    assert telephones == {"13900001234"}


def test_the_same_patient_is_not_applied_for_twice(
    mother: Chat, installation: Installation
) -> None:
    mother.apply("我想给儿子报名", "测试甲")
    mother.say("我要申请")
    mother.say("我是他妈妈")
    shown = mother.say("测试甲")
    assert "已经在办" in shown
    assert "哪一年" not in shown
    assert len(_stages(installation)) == 1


def _refuse(installation: Installation) -> None:
    """A social worker does not take the application on."""
    now = installation.clock()
    with installation.database.transaction() as session:
        staff = Staff(
            username="ceshi",
            password_hash="unusable",
            display_name="测试社工",
            role="social_worker",
            created_at=now,
        )
        session.add(staff)
        session.flush()
        by = f"staff:{staff.id}"
        case = session.scalars(select(Case)).one()
        cases.claim_case(
            session, case_id=case.id, version=case.version, staff=staff, by=by, now=now
        )
        assessments.refuse(
            session,
            case_id=case.id,
            version=case.version,
            staff=staff,
            reason="不住在本县",
            by=by,
            now=now,
        )


def test_a_refusal_is_objected_to(mother: Chat, installation: Installation) -> None:
    mother.apply("我想给儿子报名", "测试甲")
    _refuse(installation)
    mother.say("我有异议，我们去年就搬来了")
    with installation.database.transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.kind == "objection")).one()
        assert "去年就搬来" in ticket.summary


def test_who_was_refused_nothing_objects_to_nothing(mother: Chat) -> None:
    assert "异议" not in mother.say("我有异议")
