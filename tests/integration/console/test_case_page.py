"""A case's page: what it shows, its steps, and two people acting at the same moment."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

from bot.casework import cases
from bot.casework.models import Case, CaseEvent, Ticket
from bot.privacy.models import AuditEvent
from tests.conftest import MovableClock
from tests.integration.console.office import Browser, Office


def text_of(page: Any) -> str:
    """What a reader sees, tags and spaces left out."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", page.text))


def claimed(office: Office, browser: Browser, case: Case) -> None:
    assert browser.post(f"/console/cases/{case.id}/claim", version=1).status_code == 303


def test_everything_of_a_case_is_there(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1", patient="reported")
    office.says("o-1", "他最近睡不好")
    page = text_of(office.browser("li").get(f"/console/cases/{case.id}"))
    for words in (
        "测试甲",
        case.receipt_number,
        "福建省厦门市思明区",
        "13800000001",
        "等待审核",
        "还没有人接手",
        "申请人是患者的父母",
        "1992年",
        "建议过",
        "白天去机构（日间）、社工上门走访",
        "监护人同意：同意",
        "患者本人愿意：由家属转述，需当面确认",
        "父母在微信里说的",
        "个人信息的使用：同意",
        "家属递交了申请",
        "他最近睡不好",
        "我来负责",
    ):
        assert words in page, words


def test_a_missing_consent_is_shown_as_missing(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1", guardian=None)
    page = text_of(office.browser("li").get(f"/console/cases/{case.id}"))
    assert "监护人同意：还没有" in page
    assert "监护人还没同意" in page


def test_an_answer_of_a_later_form_does_not_break_the_page(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1", relation="godparent", something_new={"a": 1})
    page = office.browser("li").get(f"/console/cases/{case.id}")
    assert page.status_code == 200
    assert "something_new" not in page.text


def test_what_families_write_cannot_become_markup(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1", "<b>甲</b>")
    office.says("o-1", "<script>alert(1)</script>")
    page = office.browser("li").get(f"/console/cases/{case.id}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>甲" not in page


def test_claiming_tells_the_family_and_moves_on(office: Office) -> None:
    li = office.staff("li", name="测试李梅")
    case = office.case("o-1")
    browser = office.browser("li")
    answer = browser.post(f"/console/cases/{case.id}/claim", version=1)
    assert answer.headers["location"] == f"/console/cases/{case.id}?done=claimed"
    page = text_of(browser.get(answer.headers["location"]))
    assert "接手了，家属已经收到通知。" in page
    assert "通过初审，去做需求评估" in page
    assert "还缺东西，请家属补充" in page
    assert "测试李梅接手了这份申请" in page
    assert any("测试李梅社工正在看" in text for text in office.outbox(case.contact_id))
    with office.transaction() as session:
        assert session.get_one(Case, case.id).assigned_to == li.id
        assert session.query(Ticket).filter_by(case_id=case.id).one().owner_id == li.id


def test_the_whole_review(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1")
    browser = office.browser("li")
    claimed(office, browser, case)
    base = f"/console/cases/{case.id}"
    answer = browser.post(f"{base}/return", version=2, what="请告诉我们监护人的电话")
    assert answer.status_code == 303
    page = text_of(browser.get(base))
    assert "等家属补充" in page
    assert "请告诉我们监护人的电话" in page
    assert "通过初审" not in page
    assert any("请告诉我们监护人的电话" in text for text in office.outbox(case.contact_id))
    with office.transaction() as session:
        cases.resubmit(
            session, case_id=case.id, text="电话是13800000009", by="contact:1", now=office.now
        )
    page = text_of(browser.get(base))
    assert "家属补充好了" in page
    assert "电话是13800000009" in page
    version = browser.hidden(base, "version")
    assert browser.post(f"{base}/accept", version=version).status_code == 303
    page = text_of(browser.get(base))
    assert "约时间做需求评估" in page
    assert "还没有在国家平台登记" in page


def test_returning_without_saying_what_is_refused_kindly(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1")
    browser = office.browser("li")
    claimed(office, browser, case)
    for what, words in (("  \n ", "请写清楚"), ("长" * 501, "请写短一些")):
        answer = browser.post(f"/console/cases/{case.id}/return", version=2, what=what)
        assert answer.status_code == 422
        assert words in answer.text
    assert "长" * 501 in answer.text  # nothing typed is lost
    with office.transaction() as session:
        assert session.get_one(Case, case.id).stage == "in_review"


def test_the_second_to_claim_is_told_and_nothing_is_lost(office: Office) -> None:
    li = office.staff("li", name="测试李梅")
    office.staff("wang", name="测试王")
    case = office.case("o-1")
    first, second = office.browser("li"), office.browser("wang")
    claimed(office, first, case)
    answer = second.post(f"/console/cases/{case.id}/claim", version=1)
    assert answer.status_code == 409
    page = text_of(answer)
    assert "没有做成" in page
    assert "由测试李梅负责" in page
    assert "我来负责" not in page
    with office.transaction() as session:
        assert session.get_one(Case, case.id).assigned_to == li.id


def test_claims_at_the_same_moment_have_one_winner(office: Office) -> None:
    staff = [office.staff(f"staff{number}") for number in range(4)]
    case = office.case("o-1")
    browsers = [office.browser(person.username) for person in staff]
    path = f"/console/cases/{case.id}/claim"
    start = threading.Barrier(len(browsers))
    answers: list[int] = []

    def race(browser: Browser) -> None:
        start.wait()
        answers.append(browser.post(path, version=1).status_code)

    threads = [threading.Thread(target=race, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409, 409, 409]
    with office.transaction() as session:
        assert session.query(CaseEvent).filter_by(case_id=case.id, step="claim").count() == 1
        assert session.query(AuditEvent).filter_by(action="case.claim").count() == 1
    assert len(office.outbox(case.contact_id)) == 1


def test_another_social_worker_decides_nothing_but_the_supervisor_may(office: Office) -> None:
    office.staff("li", name="测试李梅")
    office.staff("wang")
    office.staff("boss", "supervisor")
    case = office.case("o-1")
    claimed(office, office.browser("li"), case)
    path = f"/console/cases/{case.id}"
    wang, boss = office.browser("wang"), office.browser("boss")
    page = text_of(wang.get(path))
    assert "由测试李梅负责" in page
    assert "通过初审" not in page
    answer = wang.post(f"{path}/return", version=2, what="请补充<材料>")
    assert answer.status_code == 409
    assert "请补充&lt;材料&gt;" in answer.text
    assert "以督导的身份" in text_of(boss.get(path))
    assert boss.post(f"{path}/accept", version=2).status_code == 303


def test_a_step_on_an_older_version_keeps_what_was_typed(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1")
    browser = office.browser("li")
    claimed(office, browser, case)
    path = f"/console/cases/{case.id}"
    with office.transaction() as session:
        cases.withdraw(session, case_id=case.id, by="contact:1", now=office.now)
    answer = browser.post(f"{path}/return", version=2, what="请补一张照片")
    assert answer.status_code == 409
    page = text_of(answer)
    assert "家属撤回了申请" in page
    assert "请补一张照片" in page


def test_notes_are_for_colleagues_alone(office: Office) -> None:
    office.staff("li", name="测试李梅")
    office.staff("wang")
    case = office.case("o-1")
    browser = office.browser("wang")
    path = f"/console/cases/{case.id}/note"
    assert browser.post(path, note="第一行\r\n第二行").status_code == 303
    assert browser.post(path, note=" ").status_code == 422
    too_long = browser.post(path, note="长" * 2001)
    assert too_long.status_code == 422
    assert "长" * 2001 in too_long.text
    page = office.browser("li").get(f"/console/cases/{case.id}").text
    assert "第一行\n第二行" in page
    assert office.outbox(case.contact_id) == []


def test_reading_what_is_not_ones_own_is_written_down(office: Office) -> None:
    li, wang = office.staff("li"), office.staff("wang")
    case = office.case("o-1")
    mine = office.browser("li")
    claimed(office, mine, case)
    mine.get(f"/console/cases/{case.id}")
    with office.transaction() as session:
        assert session.query(AuditEvent).filter_by(action="case.read").count() == 0
    office.browser("wang").get(f"/console/cases/{case.id}")
    with office.transaction() as session:
        [row] = session.query(AuditEvent).filter_by(action="case.read")
        assert (row.by, row.object_type, row.object_id) == (f"staff:{wang.id}", "case", case.id)
        assert row.details == {}
    assert li.id != wang.id


def test_other_tickets_of_the_family_are_pointed_to(office: Office, clock: MovableClock) -> None:
    office.staff("li")
    case = office.case("o-1")
    ticket = office.ticket("o-1", "crisis", urgency="urgent")
    page = office.browser("li").get(f"/console/cases/{case.id}")
    assert f"/console/tickets/{ticket}" in page.text
    assert "这家人还有别的事" in page.text


@pytest.mark.parametrize("path", ["/console/cases/999", "/console/tickets/999"])
def test_what_is_not_there_is_not_there(office: Office, path: str) -> None:
    office.staff("li")
    browser = office.browser("li")
    assert browser.get(path).status_code == 404
    assert "没有这一页" in browser.get(path).text
    reply = {"owner_version": 0, "seen": 0, "text": "您好"}
    assert browser.post(f"{path}/reply", **reply).status_code == 404
