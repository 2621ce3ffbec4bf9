"""Accounts and the audit log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bot
from bot.casework.models import Staff
from bot.console import accounts, words
from bot.privacy.models import AuditEvent
from tests.integration.console.office import PASSWORD, Office


def add(office: Office, **changed: str) -> Staff:
    fields = {
        "username": "li",
        "display_name": "测试李梅",
        "role": "social_worker",
        "password": PASSWORD,
        **changed,
    }
    with office.transaction() as session:
        return accounts.add_staff(session, by="system:test", now=office.now, **fields)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("username", "", "登录名"),
        ("username", "a b", "登录名"),
        ("username", "a\0b", "登录名"),
        ("username", "-li", "登录名"),
        ("username", "l" * 33, "登录名"),
        ("role", "king", "Unknown role: king"),
        ("password", "短的密码", "at least 10"),
        ("password", "x" * 201, "more than 200"),
        ("password", "aaaaaaaaaaaa", "太简单"),
        ("password", "my-name-is-LI-2026", "登录名"),
        ("display_name", "名" * 21, "最多 20"),
    ],
)
def test_what_an_account_may_not_be(office: Office, field: str, value: str, words: str) -> None:
    with pytest.raises(accounts.AccountRefused, match=words):
        add(office, **{field: value})
    with office.transaction() as session:
        assert session.query(Staff).count() == 0


def test_a_username_has_one_spelling(office: Office) -> None:
    assert add(office, username=" Ｌi.Mei ").username == "li.mei"
    assert add(office, username="LI.MEI").username == "li.mei"
    assert add(office, username="王小明").username == "王小明"
    with office.transaction() as session:
        assert session.query(Staff).count() == 2


def test_adding_again_renews_password_and_role_and_signs_out(office: Office) -> None:
    add(office)
    browser = office.browser("li")
    renewed = add(office, role="supervisor", password="另一个-长的密码-77", display_name="li")
    assert (renewed.role, renewed.display_name) == ("supervisor", "测试李梅")
    assert browser.get("/console").status_code == 303
    assert office.browser().sign_in("li").status_code == 401
    assert office.browser().sign_in("li", "另一个-长的密码-77").status_code == 303


def test_adding_the_same_again_changes_nothing(office: Office) -> None:
    first = add(office)
    browser = office.browser("li")
    second = add(office)
    assert first.password_hash == second.password_hash
    assert browser.get("/console").status_code == 200
    with office.transaction() as session:
        assert session.query(AuditEvent).filter(AuditEvent.action == "staff.renew").count() == 0


def test_adding_opens_a_closed_account(office: Office) -> None:
    closed = add(office)
    with office.transaction() as session:
        accounts.deactivate_staff(session, staff_id=closed.id, by="staff:9", now=office.now)
    assert add(office).active


def test_the_administrator_closes_and_opens_accounts(office: Office) -> None:
    office.staff("admin", "administrator")
    li = office.staff("li", name="测试李梅")
    theirs, browser = office.browser("li"), office.browser("admin")
    page = browser.get("/console/staff").text
    assert "测试李梅" in page
    answer = browser.post(f"/console/staff/{li.id}/deactivate")
    assert answer.status_code == 303
    assert "已停用" in browser.get("/console/staff").text
    assert theirs.get("/console").status_code == 303
    assert browser.post(f"/console/staff/{li.id}/activate").status_code == 303
    assert theirs.get("/console").status_code == 303  # its sessions stay ended
    assert office.browser().sign_in("li").status_code == 303


def test_nobody_closes_their_own_account(office: Office) -> None:
    admin = office.staff("admin", "administrator")
    browser = office.browser("admin")
    answer = browser.post(f"/console/staff/{admin.id}/deactivate")
    assert answer.status_code == 422
    assert "不能停用自己的账号" in answer.text
    assert browser.post("/console/staff/999/deactivate").status_code == 422


def test_the_log_tells_who_did_what_without_content(office: Office) -> None:
    office.staff("audit", "auditor", name="测试审计")
    office.staff("li", name="测试李梅")
    case = office.case("o-1")
    office.browser("li").post(f"/console/cases/{case.id}/claim", version=1)
    page = office.browser("audit").get("/console/log").text
    assert "测试李梅 接手了申请" in page
    assert "测试审计 登录" in page
    assert "测试甲" not in page


def test_the_log_comes_in_pages(office: Office) -> None:
    office.staff("audit", "auditor")
    for number in range(60):
        office.ticket(f"o-{number}")
    browser = office.browser("audit")
    first = browser.get("/console/log").text
    assert first.count("<li>") == 50
    before = first.split("/console/log?before=")[1].split('"')[0]
    second = browser.get(f"/console/log?before={before}").text
    assert second.count("<li>") == 12
    assert "更早的" not in second


def test_every_action_of_ours_has_words() -> None:
    """The log shows no bare action name for what casework and console write."""
    root = Path(bot.__file__).parent
    source = "\n".join(
        path.read_text()
        for folder in ("casework", "console", "dialogue")
        for path in (root / folder).rglob("*.py")
    )
    written = set(re.findall(r'action="([a-z_]+\.[a-z_]+)"', source))
    assert written
    assert written - set(words.AUDIT_WORDS) == set()
