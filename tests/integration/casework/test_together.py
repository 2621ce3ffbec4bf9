"""Two people at the same moment, on two connections: one wins, the other gets a sentence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from bot.casework import assessments, cases, leaving, people, referrals, service, steps
from bot.casework.course_models import Referral, ServicePeriod
from bot.casework.errors import Conflict, Refused
from bot.casework.institution_models import Institution
from bot.casework.models import Case, CaseEvent
from tests.integration.casework.town import Town


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls in threads that begin together; results and refusals in their order."""
    ready = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        ready.wait()
        try:
            return call()
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_two_staff_on_one_case(town: Town) -> None:
    case = town.bring_to("in_review")
    version = town.case(case).version
    results = at_once(
        lambda: town.do(cases.accept_for_assessment, case, version=version),
        lambda: town.do(
            assessments.refuse, case, staff=town.supervisor, version=version, reason="测试"
        ),
    )
    [lost] = [result for result in results if isinstance(result, Conflict)]
    assert "刚刚有变动" in str(lost)
    with town.transaction() as session:
        steps_done = session.scalars(
            select(CaseEvent.step).where(CaseEvent.step.in_(("accept_for_assessment", "refuse")))
        ).all()
    assert len(steps_done) == 1
    assert town.case(case).version == version + 1


def test_many_for_the_last_place(town: Town) -> None:
    place = town.institution(capacity=2)
    waiting = [town.bring_to("waiting") for _ in range(5)]
    results = at_once(*(lambda case=case: town.refer(case, place) for case in waiting))
    refused = [result for result in results if isinstance(result, Refused)]
    assert len(refused) == 3
    assert all("没有空位" in str(result) for result in refused)
    with town.transaction() as session:
        assert session.get_one(Institution, place.id).places_taken == 2


def test_a_family_withdraws_while_the_institution_begins(town: Town) -> None:
    case = town.bring_to("signing")
    results = at_once(
        lambda: _withdraw(town, case),
        lambda: town.do(referrals.decline_referral, case, reason="测试"),
    )
    assert any(not isinstance(result, Refused) for result in results)
    with town.transaction() as session:
        assert steps.open_referral(session, case.id) is None


def test_one_code_binds_one_phone(town: Town) -> None:
    case = town.apply()
    phones = [town.contact() for _ in range(3)]
    with town.transaction() as session:
        code = people.make_code(
            session, case_id=case.id, role="patient", by="staff:1", now=town.now
        )

    def use(contact_id: int) -> Any:
        with town.transaction() as session:
            return people.bind_by_code(
                session, code=code, contact_id=contact_id, by="contact:1", now=town.now
            )

    results = at_once(*(lambda phone=phone: use(phone) for phone in phones))
    assert sum(isinstance(result, Refused) for result in results) == 2


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE \"case\" SET stage = 'closed'", "cannot go from submitted to closed"),
        ("UPDATE \"case\" SET stage = 'referred'", "open referral differ"),
        ("UPDATE institution SET capacity = 0, places_taken = 1", "places"),
        ("UPDATE institution SET places_taken = -1", "places"),
    ],
)
def test_what_the_database_refuses(town: Town, statement: str, constraint: str) -> None:
    town.institution()
    town.bring_to("submitted" if "closed" in statement else "waiting")
    with pytest.raises(IntegrityError, match=constraint), town.transaction() as session:
        session.execute(text(statement))


def test_no_referral_goes_around_the_conditions(town: Town) -> None:
    place = town.institution()
    case = town.bring_to("accepted_for_assessment")  # the patient's word was only reported
    with pytest.raises(IntegrityError, match="both consents"), town.transaction() as session:
        session.add(Referral(case_id=case.id, institution_id=place.id, sent_at=town.now))
    town.agrees(case, "patient")
    with pytest.raises(IntegrityError, match="recheck"), town.transaction() as session:
        session.add(Referral(case_id=case.id, institution_id=place.id, sent_at=town.now))


def test_no_service_goes_around_the_documents(town: Town) -> None:
    case = town.bring_to("signing")
    with town.transaction() as session:
        referral_id = session.scalars(select(Referral.id)).one()
    with pytest.raises(IntegrityError, match="both documents"), town.transaction() as session:
        session.add(
            ServicePeriod(
                case_id=case.id,
                referral_id=referral_id,
                started_at=town.now,
                assessment_due_on=town.today,
            )
        )


def test_a_second_open_referral_or_period_is_refused(town: Town) -> None:
    case = town.bring_to("in_service")
    place = town.institution()
    with pytest.raises(IntegrityError, match="uq_referral_open"), town.transaction() as session:
        session.add(Referral(case_id=case.id, institution_id=place.id, sent_at=town.now))
    with pytest.raises(IntegrityError, match="uq_service_period"), town.transaction() as session:
        session.add(
            ServicePeriod(
                case_id=case.id,
                referral_id=session.scalars(select(Referral.id)).one(),
                started_at=town.now,
                assessment_due_on=town.today,
            )
        )


def test_a_period_cannot_end_while_the_stage_says_service(town: Town) -> None:
    town.bring_to("in_service")
    with pytest.raises(IntegrityError, match="service period"), town.transaction() as session:
        session.execute(update(ServicePeriod).values(ended_at=town.now))


@pytest.mark.parametrize("days", [None, -1])
def test_no_assessment_by_who_is_not_trained(town: Town, days: int | None) -> None:
    case = town.bring_to("accepted_for_assessment")
    other = town.staff("supervisor")
    if days is not None:
        town.train(other, valid_days=days)
    with pytest.raises(Refused, match="培训"):
        town.assess_needs(case, staff=other)


def test_an_institution_that_may_not_serve(town: Town) -> None:
    case = town.bring_to("waiting")
    expired = town.institution(valid_until=town.today.replace(year=2025))
    elsewhere = town.institution(counties=("350206",))
    closed = town.institution(active=False)
    for place, word in ((expired, "过期"), (elsewhere, "不服务"), (closed, "停止接收")):
        with pytest.raises(Refused, match=word):
            town.refer(case, place)
    assert town.case(case).stage == "waiting"


def test_a_consent_taken_back_stops_the_referral(town: Town) -> None:
    case = town.bring_to("waiting")
    town.agrees(case, "guardian", agrees=False)
    with pytest.raises(Refused, match="监护人"):
        town.refer(case, town.institution())


def test_leaving_needs_an_assessment_that_says_so(town: Town) -> None:
    case = town.bring_to("in_service")
    town.assess_again(case, ready=False)
    with pytest.raises(Refused, match="没有说可以转出"):
        town.do(leaving.prepare_leaving, case, onward_to="home", details="回家")
    with pytest.raises(Refused, match="五项"):
        town.do(service.assess_again, case, items={"effect": "好"}, ready_to_leave=True)


def test_an_assessment_needs_every_profession(town: Town) -> None:
    case = town.bring_to("under_assessment")
    with pytest.raises(Refused, match="护士、康复师"):
        town.assess_together(case, participants={"psychiatrist": "测试", "social_worker": "测试"})


def _withdraw(town: Town, case: Case) -> Case:
    with town.transaction() as session:
        return cases.withdraw(
            session, case_id=case.id, contact_id=case.contact_id, by="contact:1", now=town.now
        )
