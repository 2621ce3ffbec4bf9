"""Signing in: sessions that are ours alone, and guessing that locks nobody else out."""

from __future__ import annotations

import html
import threading
from typing import Any

import pytest
from argon2 import PasswordHasher

from bot.casework.models import Staff
from bot.console import accounts, passwords, sessions, signing_in, throttle
from bot.console.models import SignInFailure, StaffSession
from bot.privacy.models import AuditEvent
from tests.conftest import MovableClock
from tests.integration.console.office import PASSWORD, Office

COOKIE = "jingkang_staff"


def test_the_cookie_is_for_the_server_alone(office: Office) -> None:
    office.staff("li")
    answer = office.browser().sign_in("li")
    [cookie] = [c for c in answer.headers.get_list("set-cookie") if c.startswith(COOKIE)]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= attributes
    assert "secure" not in attributes  # development: plain http on loopback
    assert answer.headers["location"] == "/console"


def test_only_a_hash_of_the_token_is_kept(office: Office) -> None:
    office.staff("li")
    browser = office.browser("li")
    token = browser.client.cookies[COOKIE]
    with office.transaction() as session:
        [row] = session.query(StaffSession)
        assert token.encode() not in bytes(row.token_hash)
        assert len(row.token_hash) == 32


def test_name_is_read_in_any_width_and_case(office: Office) -> None:
    office.staff("Li.Mei")
    assert office.browser().sign_in(" ＬＩ．mei ").status_code == 303


def test_wrong_name_and_wrong_password_read_the_same(office: Office) -> None:
    office.staff("li")
    wrong = office.browser().sign_in("li", "这是-错的密码-0000")
    unknown = office.browser().sign_in("nobody", PASSWORD)
    assert wrong.status_code == unknown.status_code == 401
    assert signing_in.WRONG in wrong.text
    assert signing_in.WRONG in unknown.text


def test_an_unknown_name_costs_the_same_work(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.staff("li")
    passwords._nobodys_hash()
    worked: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, kept: str, password: str) -> Any:
        worked.append(kept.split("$")[3])
        return verify(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    office.browser().sign_in("li", "这是-错的密码-0000")
    office.browser().sign_in("nobody", "这是-错的密码-0000")
    office.browser().sign_in("a\0b", "这是-错的密码-0000")
    assert len(worked) == 3
    assert len(set(worked)) == 1  # the same parameters


def test_a_token_that_is_not_ours_is_never_adopted(office: Office) -> None:
    office.staff("li")
    browser = office.browser()
    browser.client.cookies.set(COOKIE, "chosen-by-somebody-else")
    assert browser.get("/console").status_code == 303
    browser.sign_in("li")
    tokens = {c.value for c in browser.client.cookies.jar if c.name == COOKIE}
    assert len(tokens - {"chosen-by-somebody-else"}) == 1
    with office.transaction() as session:
        assert session.query(StaffSession).count() == 1
        assert (
            sessions.find(session, token="chosen-by-somebody-else", now=office.now, used=True)
            is None
        )


def test_signing_in_again_makes_a_new_token_and_ends_the_old(office: Office) -> None:
    office.staff("li")
    browser = office.browser("li")
    old = browser.client.cookies[COOKIE]
    browser.sign_in("li")
    assert browser.client.cookies[COOKIE] != old
    with office.transaction() as session:
        assert sessions.find(session, token=old, now=office.now, used=True) is None


def test_signing_out_ends_the_session_on_the_server(office: Office) -> None:
    office.staff("li")
    browser = office.browser("li")
    token = browser.client.cookies[COOKIE]
    assert browser.post("/console/sign-out").status_code == 303
    browser.client.cookies.set(COOKIE, token)
    assert browser.get("/console").headers["location"] == "/console/sign-in"


def test_a_session_ends_without_use(office: Office, clock: MovableClock) -> None:
    office.staff("li")
    browser = office.browser("li")
    clock.move(minutes=29)
    assert browser.get("/console").status_code == 200
    clock.move(minutes=29)
    assert browser.get("/console").status_code == 200
    clock.move(minutes=31)
    assert browser.get("/console").status_code == 303


def test_an_open_page_alone_does_not_keep_a_session_alive(
    office: Office, clock: MovableClock
) -> None:
    office.staff("li")
    browser = office.browser("li")
    for _ in range(3):
        clock.move(minutes=9)
        assert browser.get("/console/counts").status_code == 200
    clock.move(minutes=9)
    answer = browser.get("/console/counts")
    assert answer.status_code == 401
    assert answer.json() == {"signed_in": False}


def test_a_session_ends_after_twelve_hours_of_use(office: Office, clock: MovableClock) -> None:
    office.staff("li")
    browser = office.browser("li")
    for _ in range(12 * 3 - 1):
        clock.move(minutes=20)
        assert browser.get("/console").status_code == 200
    clock.move(minutes=21)
    assert browser.get("/console").status_code == 303


def test_a_closed_account_is_out_at_once_and_cannot_come_back(office: Office) -> None:
    li = office.staff("li")
    browser = office.browser("li")
    with office.transaction() as session:
        accounts.deactivate_staff(session, staff_id=li.id, by="staff:99", now=office.now)
    assert browser.get("/console").status_code == 303
    assert office.browser().sign_in("li").status_code == 401


def test_an_outdated_hash_is_renewed_at_sign_in(office: Office) -> None:
    li = office.staff("li")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with office.transaction() as session:
        session.get_one(Staff, li.id).password_hash = weak
    office.browser("li")
    with office.transaction() as session:
        kept = session.get_one(Staff, li.id).password_hash
    assert kept != weak
    assert not passwords.is_outdated(kept)
    office.browser("li")


def test_guessing_is_stopped_even_when_the_guess_is_right(
    office: Office, clock: MovableClock
) -> None:
    office.staff("li")
    browser = office.browser()
    for _ in range(throttle.PER_ACCOUNT):
        assert browser.sign_in("li", "这是-错的密码-0000").status_code == 401
    refused = browser.sign_in("li")
    assert refused.status_code == 429
    assert signing_in.TOO_MANY in refused.text
    clock.move(minutes=16)
    assert browser.sign_in("li").status_code == 303


def test_failures_elsewhere_lock_nobody_out(office: Office) -> None:
    office.staff("li")
    stranger = office.browser(address="203.0.113.9")
    for _ in range(throttle.PER_ACCOUNT + 1):
        stranger.sign_in("li", "这是-错的密码-0000")
    assert stranger.sign_in("li").status_code == 429
    assert office.browser().sign_in("li").status_code == 303


def test_a_colleague_behind_the_same_address_locks_no_known_browser_out(office: Office) -> None:
    office.staff("li")
    mine = office.browser("li")
    mine.post("/console/sign-out")
    colleague = office.browser()
    for _ in range(throttle.PER_ACCOUNT + 1):
        colleague.sign_in("li", "这是-错的密码-0000")
    assert colleague.sign_in("li").status_code == 429
    assert mine.sign_in("li").status_code == 303


def test_the_mark_of_a_known_browser_is_worth_nothing_for_another_account(
    office: Office,
) -> None:
    office.staff("li")
    office.staff("wang")
    mine = office.browser("li")
    for _ in range(throttle.PER_ACCOUNT):
        mine.sign_in("wang", "这是-错的密码-0000")
    assert mine.sign_in("wang").status_code == 429


def test_many_names_from_one_address_are_stopped(office: Office) -> None:
    for number in range(throttle.PER_ADDRESS):
        with office.transaction() as session:
            attempt = throttle.begin(
                session,
                username=f"name{number}",
                address="2001:db8::1",
                browser=None,
                now=office.now,
            )
            assert attempt is not None
    for address, allowed in (("2001:db8::ffff", False), ("2001:db9::1", True)):
        with office.transaction() as session:
            attempt = throttle.begin(
                session, username="another", address=address, browser=None, now=office.now
            )
            assert (attempt is not None) is allowed


def test_a_right_password_clears_the_count(office: Office) -> None:
    office.staff("li")
    browser = office.browser()
    for _ in range(throttle.PER_ACCOUNT - 1):
        browser.sign_in("li", "这是-错的密码-0000")
    assert browser.sign_in("li").status_code == 303
    with office.transaction() as session:
        account = session.query(SignInFailure.key).group_by(SignInFailure.key).all()
        assert len(account) == 1  # what is left counts for the address


def test_guesses_at_the_same_moment_are_counted_one_by_one(office: Office) -> None:
    admitted: list[bool] = []

    def guess() -> None:
        with office.transaction() as session:
            attempt = throttle.begin(
                session, username="li", address="192.0.2.7", browser=None, now=office.now
            )
            admitted.append(attempt is not None)

    threads = [threading.Thread(target=guess) for _ in range(3 * throttle.PER_ACCOUNT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert admitted.count(True) == throttle.PER_ACCOUNT


def test_names_are_kept_nowhere_when_sign_in_fails(office: Office) -> None:
    office.browser().sign_in("wangxiaoming", "这是-错的密码-0000")
    with office.transaction() as session:
        for row in session.query(SignInFailure):
            assert len(row.key) == 16
        assert session.query(AuditEvent).count() == 0


def test_too_many_at_once_are_told_to_come_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.staff("li")
    monkeypatch.setattr(signing_in, "_checker", passwords.Checker(at_once=0 + 1, waiting=-1))
    answer = office.browser().sign_in("li")
    assert answer.status_code == 503
    assert signing_in.BUSY in answer.text


@pytest.mark.parametrize(
    ("wished", "reached"),
    [
        ("/console/cases/7", "/console/cases/7"),
        ("/console", "/console"),
        ("https://example.org/", "/console"),
        ("//example.org/console", "/console"),
        ("/console/../\\example.org", "/console"),
        ("/console/\r\nset-cookie: a=b", "/console"),
        ("/consolation", "/console"),
        ("/console/sign-in?next=/console/sign-in", "/console"),
    ],
)
def test_after_signing_in_one_stays_inside(office: Office, wished: str, reached: str) -> None:
    office.staff("li")
    answer = office.browser().sign_in("li", next=wished)
    assert answer.headers["location"] == reached


def test_a_page_asked_for_is_reached_after_signing_in(office: Office) -> None:
    answer = office.browser().get("/console/cases/5")
    assert answer.headers["location"] == "/console/sign-in?next=/console/cases/5"
    form = office.browser().get(answer.headers["location"])
    assert 'name="next" value="/console/cases/5"' in form.text


def test_words_typed_while_the_session_ended_are_not_lost(
    office: Office, clock: MovableClock
) -> None:
    office.staff("li")
    case = office.case("o-1")
    browser = office.browser("li")
    clock.move(minutes=40)
    text = '明天下午<三点>给您"打电话"'
    asked = browser.post(f"/console/cases/{case.id}/note", note=text)
    assert asked.status_code == 401
    packed = asked.text.split('name="kept" value="')[1].split('"')[0]
    answer = browser.sign_in("li", kept=html.unescape(packed))
    assert answer.status_code == 200
    assert html.escape(text, quote=False) in answer.text.replace("&#34;", '"')
    assert f'action="/console/cases/{case.id}/note"' in answer.text
    assert browser.post(f"/console/cases/{case.id}/note", note=text).status_code == 303


def test_a_kept_form_leads_nowhere_else(office: Office) -> None:
    office.staff("li")
    kept = '{"path": "https://example.org/", "fields": {"text": "a"}}'
    assert office.browser().sign_in("li", kept=kept).status_code == 303


def test_signing_in_leaves_its_audit_row(office: Office) -> None:
    li = office.staff("li")
    browser = office.browser("li")
    browser.post("/console/sign-out")
    with office.transaction() as session:
        rows = [(row.action, row.by) for row in session.query(AuditEvent).order_by(AuditEvent.id)]
    by = f"staff:{li.id}"
    assert rows == [
        ("staff.add", "system:test"),
        ("staff.sign_in", by),
        ("staff.sign_out", by),
    ]


def test_what_has_ended_can_be_swept_away(office: Office, clock: MovableClock) -> None:
    office.staff("li")
    office.browser("li")
    office.browser().sign_in("li", "这是-错的密码-0000")
    clock.move(days=2)
    office.browser("li")
    with office.transaction() as session:
        sessions.forget_ended(session, now=office.now)
        throttle.forget_old(session, now=office.now)
        assert session.query(StaffSession).count() == 1
        assert session.query(SignInFailure).count() == 0
