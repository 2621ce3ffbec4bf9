"""The queue: what is in which view, in which order, and how it is found again."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from bot.casework import applications, cases, queries, tickets
from bot.casework.models import Lead, Staff
from tests.conftest import MovableClock
from tests.integration.console.office import Office


def listed(office: Office, show: str, staff: Staff) -> list[queries.WorkItem]:
    with office.transaction() as session:
        return queries.queue(
            session, show=show, staff_id=staff.id, now=office.now, page=1, size=100
        )


def claim(office: Office, case_id: int, staff: Staff) -> None:
    with office.transaction() as session:
        cases.claim_case(
            session,
            case_id=case_id,
            version=1,
            staff=session.get_one(Staff, staff.id),
            by=f"staff:{staff.id}",
            now=office.now,
        )


def accept(office: Office, case_id: int, staff: Staff) -> None:
    with office.transaction() as session:
        cases.accept_for_assessment(
            session,
            case_id=case_id,
            version=2,
            staff=session.get_one(Staff, staff.id),
            by=f"staff:{staff.id}",
            now=office.now,
        )


def test_urgent_comes_first_then_what_is_due_first(office: Office, clock: MovableClock) -> None:
    li = office.staff("li")
    office.case("o-1")
    clock.move(minutes=10)
    office.ticket("o-2", "ask_human", urgency="soon")
    office.ticket("o-3", "crisis", urgency="urgent")
    clock.move(minutes=10)
    office.ticket("o-4", "medication", urgency="urgent")
    kinds = [row.kind for row in listed(office, "open", li)]
    assert kinds == ["crisis", "medication", "ask_human", "application"]


def test_views(office: Office, clock: MovableClock) -> None:
    li, wang = office.staff("li"), office.staff("wang")
    mine = office.case("o-1", "测试甲")
    theirs = office.case("o-2", "测试乙")
    office.case("o-3", "测试丙")
    office.ticket("o-4", "crisis", urgency="urgent")
    claim(office, mine.id, li)
    claim(office, theirs.id, wang)
    clock.move(hours=1)
    names = {show: {row.patient_name for row in listed(office, show, li)} for show in queries.SHOWS}
    assert names == {
        "unclaimed": {"测试丙", None},
        "mine": {"测试甲"},
        "open": {"测试甲", "测试乙", "测试丙", None},
        "urgent": {None},
        "overdue": {None},
    }
    with office.transaction() as session:
        counts = queries.counts(session, staff_id=li.id, now=office.now)
    assert counts == {"unclaimed": 2, "mine": 1, "open": 4, "urgent": 1, "overdue": 1}


def test_a_case_after_its_review_stays_with_whoever_works_it(office: Office) -> None:
    li = office.staff("li")
    case = office.case("o-1")
    claim(office, case.id, li)
    accept(office, case.id, li)
    [row] = listed(office, "mine", li)
    assert (row.kind, row.stage, row.case_id, row.ticket_id, row.due_at) == (
        "case",
        "accepted_for_assessment",
        case.id,
        None,
        None,
    )


def test_what_is_settled_or_withdrawn_is_gone(office: Office) -> None:
    li = office.staff("li")
    case = office.case("o-1")
    with office.transaction() as session:
        cases.withdraw(session, case_id=case.id, by="contact:1", now=office.now)
    ticket = office.ticket("o-2")
    with office.transaction() as session:
        tickets.claim_ticket(
            session, ticket_id=ticket, version=1, staff_id=li.id, by="staff:1", now=office.now
        )
        tickets.settle_ticket(
            session, ticket_id=ticket, version=2, staff_id=li.id, by="staff:1", now=office.now
        )
    assert listed(office, "open", li) == []


def test_a_ticket_without_a_case_is_named_after_the_contacts_newest_case(office: Office) -> None:
    li = office.staff("li")
    office.case("o-1", "测试甲")
    office.case("o-1", "测试乙")
    office.ticket("o-1", "crisis", urgency="urgent")
    assert listed(office, "urgent", li)[0].patient_name == "测试乙"


def test_the_page_masks_names_and_says_urgency_in_words(office: Office) -> None:
    office.staff("li")
    office.case("o-1", "欧阳测试")
    office.ticket("o-1", "crisis", urgency="urgent")
    page = office.browser("li").get("/console").text
    assert "欧**" in page
    assert "欧阳测试" not in page
    assert "13800000001" not in page
    assert "紧急" in page
    assert "思明区" in page
    assert "还有 30 分钟" in page


@pytest.mark.parametrize(
    ("show", "words"),
    [
        ("unclaimed", "没有等着的"),
        ("mine", "您手上没有事"),
        ("open", "全部办完了"),
        ("urgent", "没有紧急的事"),
        ("overdue", "没有逾期的"),
    ],
)
def test_empty_views_say_so_kindly(office: Office, show: str, words: str) -> None:
    office.staff("li")
    assert words in office.browser("li").get(f"/console?show={show}").text


def test_pages(office: Office) -> None:
    office.staff("li")
    for number in range(27):
        office.ticket(f"o-{number}")
    browser = office.browser("li")
    first, second = browser.get("/console").text, browser.get("/console?page=2").text
    assert first.count('class="over"') == 25
    assert second.count('class="over"') == 2
    assert "第 1 页，共 2 页" in first
    rows = re.findall(r"/console/tickets/(\d+)", first + second)
    assert len(set(rows)) == 27
    assert "这一页没有了" in browser.get("/console?page=9").text
    assert browser.get("/console?page=0").status_code == 400
    assert browser.get("/console?show=nonsense").status_code == 200


def test_counts_for_an_open_page(office: Office) -> None:
    office.staff("li")
    office.ticket("o-1", urgency="urgent")
    counts = office.browser("li").get("/console/counts").json()
    assert counts == {"unclaimed": 1, "mine": 0, "open": 1, "urgent": 1, "overdue": 0}


@pytest.mark.parametrize(
    "said",
    [
        "测试·甲",
        " 测试‧甲 ",
        "测 试 · 甲",
        "138 0000 0001",
        "138-0000-0001",
        "+86 13800000001",
        "８６13800000001",
        "KF20261123-000001",
        "kf20261123 000001",
        "20261123-000001",
    ],
)
def test_a_case_is_found_however_it_is_said(office: Office, said: str) -> None:
    office.staff("li")
    case = office.case("o-1", "测试·甲")
    office.case("o-2", "测试乙", telephone="13800000002")
    assert case.receipt_number == "KF20261123-000001"
    page = office.browser("li").post("/console/search", q=said)
    assert page.status_code == 200
    assert "找到 1 份" in page.text
    assert f"/console/cases/{case.id}" in page.text


def test_a_closed_case_and_several_of_one_name_are_found(office: Office) -> None:
    office.staff("li")
    first, second = office.case("o-1"), office.case("o-2", telephone="13800000002")
    with office.transaction() as session:
        cases.withdraw(session, case_id=first.id, by="contact:1", now=office.now)
    page = office.browser("li").post("/console/search", q="测试甲").text
    assert "找到 2 份" in page
    assert page.index(f"/console/cases/{second.id}") < page.index(f"/console/cases/{first.id}")
    assert "已撤回" in page


def test_a_lead_is_found_by_its_number(office: Office) -> None:
    office.staff("li")
    contact_id = office.contact()
    with office.transaction() as session:
        number = applications.take_lead(
            session,
            source_key="test:lead",
            contact_id=contact_id,
            reporter_relation="neighbour",
            description="邻居家的孩子好像需要帮忙",
            by="contact:1",
            now=office.now,
        )
        assert session.query(Lead).count() == 1
    page = office.browser("li").post("/console/search", q=number).text
    assert "需求线索" in page
    assert "/console/tickets/" in page


@pytest.mark.parametrize("said", ["", "   ", "没有这个人", "%", "'; drop table", "\0", "9" * 100])
def test_nothing_found_is_said_so(office: Office, said: str) -> None:
    office.staff("li")
    office.case("o-1")
    page = office.browser("li").post("/console/search", q=said)
    assert page.status_code == 200
    assert "没有找到" in page.text


def test_no_name_is_put_into_an_address(office: Office) -> None:
    office.staff("li")
    assert office.browser("li").get("/console/search?q=测试甲").status_code == 405


def test_the_number_of_queries_does_not_follow_the_number_of_rows(office: Office) -> None:
    office.staff("li")
    browser = office.browser("li")
    seen: list[str] = []

    def counted(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    def queries_of_a_page() -> int:
        seen.clear()
        event.listen(office.installation.database.engine, "before_cursor_execute", counted)
        assert browser.get("/console?show=open").status_code == 200
        event.remove(office.installation.database.engine, "before_cursor_execute", counted)
        return len(seen)

    office.case("o-0")
    few = queries_of_a_page()
    for number in range(1, 12):
        office.case(f"o-{number}", telephone=f"1380000{number:04d}")
        office.ticket(f"o-{number}")
    assert queries_of_a_page() == few <= 8
