"""Institutions, absences, canned replies, office hours, exports: what the office keeps."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from sqlalchemy import event

from bot.casework.institution_models import Institution
from bot.casework.models import Case, Staff, Ticket
from bot.casework.team_models import CalendarDay, Team
from bot.console import canned
from bot.privacy.models import AuditEvent
from tests.conftest import MovableClock
from tests.integration.console.office import Browser, Office

ROW = {
    "名称": "测试康复站",
    "依据": "备案",
    "编号": "闽测备 1 号",
    "有效期至": "",
    "所在县": "福建省厦门市思明区",
    "服务县": "福建省厦门市思明区",
    "地址": "测试路 1 号",
    "电话": "05920000000",
    "开放时间": "周一至周五",
    "服务形式": "日间",
    "名额": 3,
}


def upload(browser: Browser, data: bytes) -> Any:
    browser.get("/console/institutions")
    token = browser.client.cookies["jingkang_csrf"]
    return browser.client.post(
        "/console/institutions/preview",
        data={"_csrf_token": token},
        files={"file": ("名录.xlsx", data)},
        follow_redirects=False,
    )


def filled(form: bytes, *rows: dict[str, Any]) -> bytes:
    """The office's own form (an empty export) with rows in it."""
    book = openpyxl.load_workbook(io.BytesIO(form))
    sheet = book.active
    assert sheet is not None
    titles = [str(cell.value) for cell in sheet[1]]
    for number, row in enumerate(rows, start=2):
        for column, title in enumerate(titles, start=1):
            match = next((key for key in row if title.startswith(key)), None)
            if match is not None:
                sheet.cell(number, column, row[match])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_sheet_is_previewed_row_by_row_and_imported_whole(office: Office) -> None:
    office.staff("admin", "administrator")
    browser = office.browser("admin")
    form = browser.post("/console/institutions/export").content
    bad = upload(browser, filled(form, ROW, {**ROW, "名称": "第二家", "电话": ""}))
    assert bad.status_code == 200
    assert "1 行不对" in bad.text, bad.text
    assert "第 3 行 第二家" in bad.text
    assert "都对，导入" not in bad.text
    good = upload(browser, filled(form, ROW))
    sheet = re.search(r'name="sheet" value="([^"]+)"', good.text)
    assert sheet, good.text
    with office.transaction() as session:
        assert session.query(Institution).count() == 0, "a preview writes nothing"
    assert browser.post("/console/institutions/import", sheet=sheet[1]).status_code == 303
    with office.transaction() as session:
        assert session.query(Institution).one().capacity == 3
    assert "空位 3 / 3" in browser.get("/console/institutions").text


@pytest.mark.parametrize("data", [b"", b"no sheet", b"PK\x03\x04 broken"])
def test_what_is_no_sheet_is_refused_kindly(office: Office, data: bytes) -> None:
    office.staff("admin", "administrator")
    assert upload(office.browser("admin"), data).status_code == 422


def test_somebody_away_leaves_nothing_lying(office: Office, clock: MovableClock) -> None:
    office.staff("admin", "administrator")
    li = office.staff("li", name="测试李")
    office.staff("wang", name="测试王")
    case = office.case("o-1")
    hers, his = office.browser("li"), office.browser("wang")
    hers.post(f"/console/cases/{case.id}/claim", version=1)
    hers.post(f"/console/cases/{case.id}/accept", version=2)
    ticket = office.ticket("o-1")
    hers.post(f"/console/tickets/{ticket}/claim", version=1)
    admin = office.browser("admin")
    assert admin.post(f"/console/staff/{li.id}/away", until="2026-11-01").status_code == 422
    assert admin.post(f"/console/staff/{li.id}/away", until="2026-11-30").status_code == 303
    assert "请假到 2026-11-30" in admin.get("/console/staff").text
    with office.transaction() as session:
        assert session.get_one(Case, case.id).assigned_to is None
        assert session.get_one(Ticket, ticket).state == "open"
    page = his.get(f"/console/cases/{case.id}").text
    assert "现在没有人负责" in page
    version = his.hidden(f"/console/cases/{case.id}", "version")
    with office.transaction() as session:
        wang = session.query(Staff).filter_by(username="wang").one().id
    assert his.post(f"/console/cases/{case.id}/assign", version=version, to=wang).status_code == 303
    stale = his.post(f"/console/cases/{case.id}/assign", version=version, to=wang)
    assert stale.status_code == 409
    version = his.hidden(f"/console/cases/{case.id}", "version")
    away = his.post(f"/console/cases/{case.id}/assign", version=version, to=li.id)
    assert away.status_code == 422
    assert "正在请假" in away.text
    clock.move(days=8)
    admin = office.browser("admin")
    assert "请假到 2026" not in admin.get("/console/staff").text


def test_canned_replies_fill_themselves_in(office: Office) -> None:
    office.staff("li", name="测试李")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    browser = office.browser("li")
    text = "您好，{患者}的申请（{回执编号}）现在{进度}。"
    assert browser.post("/console/canned", title="进度", text=text, id=0).status_code == 303
    again = browser.post("/console/canned", title="进度", text=text, id=0)
    assert again.status_code == 422
    for wrong in ("{电话}", "{患者", "患者}"):
        refused = browser.post("/console/canned", title="别的", text=wrong, id=0)
        assert refused.status_code == 422
        assert "花括号里只能写" in refused.text
    page = browser.get(f"/console/cases/{case.id}?canned=1").text
    assert f"您好，测试甲的申请（{case.receipt_number}）现在等待审核。</textarea>" in page
    assert browser.post("/console/canned/1/remove").status_code == 303
    assert browser.get(f"/console/cases/{case.id}?canned=1").status_code == 200


def test_what_is_not_known_stays_to_be_seen() -> None:
    assert canned.filled("{患者}，{进度}", {"患者": "测试甲"}) == "测试甲，{进度}"


def test_two_who_look_see_each_other(office: Office, clock: MovableClock) -> None:
    office.staff("li", name="测试李")
    office.staff("wang", name="测试王")
    case = office.case("o-1")
    li, wang = office.browser("li"), office.browser("wang")
    assert "data-others hidden" in li.get(f"/console/cases/{case.id}").text
    assert "测试李" in wang.get(f"/console/cases/{case.id}").text
    news = f"/console/contacts/{case.contact_id}/news?seen=0"
    assert li.get(news).json()["others"] == "测试王"
    clock.move(seconds=50)
    assert li.get(news).json()["others"] == "", "who closed the page is gone"


def test_working_days_and_hours_are_set(office: Office) -> None:
    office.staff("admin", "administrator")
    browser = office.browser("admin")
    day = {"day": "2027-01-02", "working": "yes", "note": "调班"}
    assert browser.post("/console/office/days", **day).status_code == 303
    assert browser.post("/console/office/days", **{**day, "day": "soon"}).status_code == 422
    hours = {"opens": "09:00", "closes": "17:30", "lunch_from": "12:00", "lunch_to": "13:30"}
    assert browser.post("/console/office/teams/1", **hours).status_code == 303
    turned = {**hours, "opens": "18:00"}
    assert browser.post("/console/office/teams/1", **turned).status_code == 422
    assert "调班" in browser.get("/console/office").text
    with office.transaction() as session:
        assert session.query(CalendarDay).one().working
        assert session.get_one(Team, 1).closes.hour == 17


def test_an_account_is_put_into_an_institution(office: Office) -> None:
    office.staff("admin", "administrator")
    station = office.staff("station", "institution_staff")
    worker = office.staff("li")
    browser = office.browser("admin")
    with office.transaction() as session:
        assert session.query(Institution).count() == 0
    assert browser.post(f"/console/staff/{station.id}/place", institution=7).status_code == 422
    assert browser.post(f"/console/staff/{worker.id}/place", institution=0).status_code == 422
    assert browser.post(f"/console/staff/{station.id}/place", institution=0).status_code == 303
    assert "还没有连到机构" in office.browser("station").get("/console/referrals").text


def test_an_export_is_recorded_and_holds_no_formula(office: Office) -> None:
    office.staff("li")
    office.case("o-1", "=1+1")
    answer = office.browser("li").post("/console/export", show="unclaimed")
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert any("=1+1" in str(cell.value) for cell in cells)
    assert not [c for c in cells if c.data_type == "f" or str(c.value).startswith(("=", "+", "@"))]
    with office.transaction() as session:
        [kept] = session.query(AuditEvent).filter_by(action="case.export").all()
        assert kept.details == {"show": "unclaimed", "rows": 1}


def test_opening_a_ticket_or_a_new_application_is_noted_once(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1")
    ticket = office.ticket("o-1")
    browser = office.browser("li")
    for path in (f"/console/cases/{case.id}", f"/console/tickets/{ticket}") * 2:
        assert browser.get(path).status_code == 200
    with office.transaction() as session:
        assert all(t.read_at is not None for t in session.query(Ticket))
        assert session.query(AuditEvent).filter_by(action="ticket.first_read").count() == 2


def test_a_case_page_asks_a_bounded_number_of_questions(office: Office) -> None:
    """However much a case holds."""
    office.staff("li")
    case = office.case("o-1")
    browser = office.browser("li")
    asked: list[str] = []

    @event.listens_for(office.installation.database.engine, "before_cursor_execute")
    def _count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    def questions() -> int:
        asked.clear()
        assert browser.get(f"/console/cases/{case.id}").status_code == 200
        return len(asked)

    questions()
    few = questions()
    for number in range(30):
        office.says("o-1", f"第{number}句")
        office.ticket("o-1")
        browser.post(f"/console/cases/{case.id}/note", note=f"备注{number}")
    assert questions() <= few + 2
    assert few <= 40
