"""A case from the first form to its closure, with everything that may happen on the way."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.casework import (
    assessments,
    cases,
    consents,
    leaving,
    people,
    referrals,
    service,
    signing,
    steps,
)
from bot.casework.course_models import Binding, Closure, Referral
from bot.casework.errors import Conflict, Refused
from bot.casework.institution_models import Institution
from bot.casework.models import Case, Staff, Ticket
from bot.casework.stages import CASE_STAGES, PAIRS, STEPS
from bot.privacy.models import Consent
from tests.conftest import MovableClock
from tests.integration.casework.town import HULI, TERMS, Town


def test_the_database_allows_exactly_the_steps_of_the_table(town: Town) -> None:
    with town.transaction() as session:
        pairs = session.connection().exec_driver_sql("SELECT source, target FROM case_step").all()
    assert {tuple(pair) for pair in pairs} == PAIRS


def test_every_stage_is_reached_and_left() -> None:
    assert {target for _, target in PAIRS} | {"submitted"} == set(CASE_STAGES)
    assert {source for source, _ in PAIRS} == set(CASE_STAGES)


def test_from_application_to_sheltered_employment(town: Town, clock: MovableClock) -> None:
    place = town.institution("测试向阳站", capacity=1)
    case = town.bring_to("waiting")
    clock.move(days=120)  # no place was free
    town.train(town.worker)
    with pytest.raises(Refused, match="三个月"):
        town.refer(case, place)
    town.do(assessments.recheck, case, situation="还愿意，住在原处")
    town.refer(case, place)
    town.do(referrals.accept_referral, case)
    town.assess_together(case)
    town.start_service(case)
    town.do(service.go_to_hospital, case, signs="几天不睡", hospital="测试医院")
    town.do(service.come_back, case)
    record = town.record(case)
    with town.transaction() as session:
        service.confirm_service(
            session, record_id=record.id, contact_id=case.contact_id, by="contact:1", now=town.now
        )
    town.prepare_leaving(case)
    town.do(leaving.close, case, closed_on=town.today)
    with town.transaction() as session:
        closure = session.scalars(select(Closure)).one()
        assert (closure.outcome, closure.details) == ("sheltered_employment", "测试工坊")
        assert session.scalars(select(Institution)).one().places_taken == 0
        assert session.scalars(select(Ticket.kind).where(Ticket.state != "settled")).all() == [
            "green_channel",
            "employment",
        ]
    told = town.told(case.contact_id)
    for word in (
        "有人接手",
        "初审通过",
        "还没有登记",
        "登记好了",
        "再来问问您",
        "测试向阳站",
        "综合评估",
        "谁也不能替谁签",
        "开始服务",
        "120或110",
        "欢迎回来",
        "定期评估",
        "公益性庇护性就业",
        "办结了",
    ):
        assert any(word in text for text in told), word


def test_a_refusal_says_why_and_how_to_object(town: Town) -> None:
    case = town.bring_to("in_review")
    town.do(assessments.refuse, case, reason="现在住在外省")
    [text] = [text for text in town.told(case.contact_id) if "没有受理" in text]
    assert "现在住在外省" in text
    assert "我有异议" in text
    with town.transaction() as session:
        made = [
            assessments.object_to_refusal(
                session, case_id=case.id, text="上周搬回来了", by="contact:1", now=town.now
            )
            for _ in range(2)
        ]
    assert len(set(made)) == 1
    town.do(leaving.reopen, case, staff=town.supervisor, reason="确实搬回来了")
    assert town.case(case).stage == "in_review"
    with town.transaction() as session:
        assert session.get_one(Ticket, made[0]).state == "settled"


def test_objecting_too_late(town: Town, clock: MovableClock) -> None:
    case = town.bring_to("in_review")
    town.do(assessments.refuse, case, reason="测试")
    clock.move(days=61)
    with pytest.raises(Refused, match="60天"), town.transaction() as session:
        assessments.object_to_refusal(
            session, case_id=case.id, text="不服", by="contact:1", now=town.now
        )


@pytest.mark.parametrize(
    "stage",
    ["submitted", "returned", "waiting", "referred", "signing", "in_service", "leaving"],
)
def test_the_family_may_withdraw_at_any_time(town: Town, stage: str) -> None:
    if stage == "returned":
        case = town.bring_to("in_review")
        town.do(cases.return_for_correction, case, what="电话")
    else:
        case = town.bring_to(stage)
    with town.transaction() as session:
        cases.withdraw(
            session, case_id=case.id, contact_id=case.contact_id, by="contact:1", now=town.now
        )
    with town.transaction() as session:
        assert session.get_one(Case, case.id).stage == "withdrawn"
        assert steps.open_referral(session, case.id) is None
        assert steps.open_period(session, case.id) is None
        assert not session.scalars(select(Institution).where(Institution.places_taken > 0)).all()
        newest = session.scalars(
            select(Consent.state)
            .where(Consent.purpose == "rehabilitation_guardian")
            .order_by(Consent.id.desc())
            .limit(1)
        ).one()
        assert newest == "withdrawn"


def test_moving_away_takes_the_papers_along(town: Town) -> None:
    case = town.bring_to("in_service")
    with pytest.raises(Refused, match="同意"):
        town.do(leaving.relocate, case, to_county=HULI, agreed=False)
    with pytest.raises(Refused, match="原来的县"):
        town.do(leaving.relocate, case, to_county=case.county_code, agreed=True)
    with pytest.raises(Refused, match="选新家"):
        town.do(leaving.relocate, case, to_county="350000", agreed=True)
    town.do(leaving.relocate, case, to_county=HULI, agreed=True)
    moved = town.case(case)
    assert (moved.stage, moved.county_code) == ("waiting", HULI)
    there = town.institution(county_code=HULI, counties=(HULI,))
    town.refer(case, there)
    with town.transaction() as session:
        assert session.scalars(
            select(Referral.state).where(Referral.case_id == case.id).order_by(Referral.id)
        ).all() == ["ended", "sent"]


def test_a_death_is_met_with_condolences_alone(town: Town) -> None:
    case = town.bring_to("in_service")
    before = len(town.told(case.contact_id))
    town.do(leaving.end, case, outcome="died", reason="家属来电", closed_on=town.today)
    [text] = town.told(case.contact_id)[before:]
    assert "节哀" in text
    assert "？" not in text


def test_reopening_begins_with_the_review_and_keeps_the_number(town: Town) -> None:
    case = town.bring_to("closed")
    town.do(leaving.reopen, case, reason="又有需要")
    town.do(cases.accept_for_assessment, case)
    town.assess_needs(case)
    with town.transaction() as session:
        number = session.scalars(select(Binding)).first()
        assert number is not None
        assert session.scalars(select(Closure)).one().reopened_at is not None
    town.register(case)
    assert town.case(case).stage == "waiting"


def test_the_institution_sees_to_its_own_alone(town: Town) -> None:
    place, other = town.institution(), town.institution()
    mine = town.staff("institution_staff", institution_id=place.id)
    theirs = town.staff("institution_staff", institution_id=other.id)
    case = town.bring_to("referred", institution=place)
    with pytest.raises(Conflict, match="不在您的机构"):
        town.do(referrals.accept_referral, case, staff=theirs)
    town.do(referrals.accept_referral, case, staff=mine)
    with pytest.raises(Conflict, match="社工来做"):
        town.do(leaving.end, case, staff=mine, outcome="other", reason="x", closed_on=town.today)
    with town.transaction() as session:
        ready = {
            possible.step.name
            for possible in steps.next_steps(
                session,
                case=session.get_one(Case, case.id),
                staff=session.get_one(Staff, mine.id),
                now=town.now,
            )
            if possible.ready
        }
    assert ready == {"assess_together", "decline_referral"}


def test_each_signs_alone_on_the_own_phone(town: Town) -> None:
    case = town.bring_to("signing")
    town.do(signing.prepare_documents, case, terms=TERMS)
    mother, son = case.contact_id, town.contact()
    with town.transaction() as session:
        code = people.make_code(
            session, case_id=case.id, role="patient", by="staff:1", now=town.now
        )
        referral = steps.open_referral(session, case.id)
        assert referral is not None
        papers = signing.documents_of(session, referral_id=referral.id)
    with pytest.raises(Refused, match="不能代签"), town.transaction() as session:
        signing.sign(
            session,
            document_id=papers[0].id,
            signer="patient",
            contact_id=mother,
            by=f"contact:{mother}",
            now=town.now,
        )
    with town.transaction() as session:
        people.bind_by_code(
            session, code=code.lower(), contact_id=son, by=f"contact:{son}", now=town.now
        )
    for paper in papers:
        for signer, contact_id in (("patient", son), ("guardian", mother)):
            with town.transaction() as session:
                signing.sign(
                    session,
                    document_id=paper.id,
                    signer=signer,
                    contact_id=contact_id,
                    by=f"contact:{contact_id}",
                    now=town.now,
                )
    with pytest.raises(Refused, match=r"服务协议（机构）"):
        town.do(service.start_service, case)
    town.sign_all(case)
    town.do(service.start_service, case)
    assert any("开始服务" in text for text in town.told(son))


def test_new_terms_are_signed_anew(town: Town) -> None:
    case = town.bring_to("signing")
    town.do(signing.prepare_documents, case, terms=TERMS)
    town.sign_all(case)
    town.do(signing.prepare_documents, case, terms={**TERMS, "fee": "每天35元"})
    with pytest.raises(Refused, match="还缺签字"):
        town.do(service.start_service, case)


def test_a_disputed_record_is_a_complaint(town: Town) -> None:
    case = town.bring_to("in_service")
    record = town.record(case)
    town.record(case)
    asked = [text for text in town.told(case.contact_id) if "真的做了吗" in text]
    assert len(asked) == 1  # not after each record
    stranger = town.contact()
    with pytest.raises(Conflict), town.transaction() as session:
        service.confirm_service(
            session, record_id=record.id, contact_id=stranger, by="contact:9", now=town.now
        )
    with town.transaction() as session:
        service.dispute_service(
            session,
            record_id=record.id,
            contact_id=case.contact_id,
            what="那天他在家",
            by="contact:1",
            now=town.now,
        )
    with town.transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.kind == "complaint")).one()
        assert "那天他在家" in ticket.summary


def test_who_has_no_guardian_decides_alone(town: Town) -> None:
    case = town.apply(relation="self", is_guardian=None, guardian_consent=None)
    town.do(cases.claim_case, case)
    town.do(cases.accept_for_assessment, case)
    town.assess_needs(case)
    with pytest.raises(Refused, match="监护人"):
        town.register(case)
    town.do(consents.note_no_guardian, case, reason="问过村委会")
    town.register(case)
    assert town.case(case).stage == "waiting"


def test_a_child_needs_the_guardian_alone(town: Town) -> None:
    case = town.apply(birth_year=town.today.year - 8, patient_consent=None)
    town.do(cases.claim_case, case)
    town.do(cases.accept_for_assessment, case)
    town.assess_needs(case)
    with pytest.raises(Refused, match="监护人"):
        town.do(consents.note_no_guardian, case, reason="x")
    town.register(case)
    town.refer(case, town.institution())
    assert town.case(case).stage == "referred"


def test_what_the_button_table_says_is_what_the_steps_do() -> None:
    for name, step in STEPS.items():
        for source in step.sources:
            assert step.leads_from(source) in CASE_STAGES, name
