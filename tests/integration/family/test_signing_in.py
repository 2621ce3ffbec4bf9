"""Signing in through WeChat: bound to the browser, never adopted, never a virtual person."""

from __future__ import annotations

import re
from typing import Any

import pytest
from litestar.routes import HTTPRoute

from bot.delivery.models import Contact
from bot.family.gate import OPEN
from bot.family.models import FamilySession
from bot.family.signing_in import inside
from tests.conftest import MovableClock
from tests.integration.family.home import Home

COOKIE = "jingkang_family"


def test_the_way_there_and_back(home: Home) -> None:
    phone = home.phone()
    first = phone.get("/family")
    assert first.status_code == 303
    assert first.headers["location"] == "/family/sign-in?to=%2Ffamily"
    back = phone.sign_in("o-1")
    assert back.headers["location"] == "/family"
    cookie = back.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = phone.get("/family")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    with home.transaction() as session:
        [kept] = session.query(FamilySession).all()
        token = phone.client.cookies[COOKIE]
        assert token.encode() not in kept.token_hash
        assert len(kept.token_hash) == 32


def test_a_code_from_elsewhere_signs_nobody_in(home: Home) -> None:
    """Somebody's own code behind a link would sign the reader in as them."""
    attacker = home.phone()
    link = attacker.way_back("o-attacker")
    victim = home.phone()
    for _ in range(2):
        answer = victim.get(link)
        assert answer.status_code == 403
        assert COOKIE not in victim.client.cookies
        victim.get("/family/sign-in")  # even on the way to WeChat itself


def test_a_code_serves_once(home: Home) -> None:
    phone = home.phone()
    address = phone.way_back("o-1")
    assert phone.get(address).status_code == 303
    assert phone.get(address).status_code == 403
    assert phone.get("/family").status_code == 200, "the session stays"


def test_a_snapshot_has_nobody_behind_it(home: Home) -> None:
    phone = home.phone()
    address = phone.way_back("o-1").replace("o-1%21", "o-snapshot%21")
    answer = phone.get(address)
    assert answer.status_code == 403
    assert "使用完整服务" in answer.text
    with home.transaction() as session:
        assert session.query(Contact).count() == 0


def test_a_token_that_we_did_not_give_is_not_adopted(home: Home) -> None:
    phone = home.phone()
    phone.client.cookies.set(COOKIE, "chosen-by-somebody")
    phone.sign_in("o-1")
    assert [c.value for c in phone.client.cookies.jar if c.name == COOKIE][-1] != (
        "chosen-by-somebody"
    )
    stranger = home.phone()
    stranger.client.cookies.set(COOKIE, "chosen-by-somebody")
    assert stranger.get("/family").status_code == 303


def test_signing_in_again_ends_the_session_before(home: Home) -> None:
    phone = home.phone("o-1")
    old = phone.client.cookies[COOKIE]
    phone.sign_in("o-2")
    other = home.phone()
    other.client.cookies.set(COOKIE, old)
    assert other.get("/family").status_code == 303


def test_signing_out_and_running_out(home: Home, clock: MovableClock) -> None:
    phone = home.phone("o-1")
    token = phone.client.cookies[COOKIE]
    assert phone.post("/family/sign-out").status_code == 200
    other = home.phone()
    other.client.cookies.set(COOKIE, token)
    assert other.get("/family").status_code == 303
    phone = home.phone("o-1")
    clock.move(hours=12, seconds=1)
    assert phone.get("/family").status_code == 303
    late = phone.post("/family/sign-out")
    assert late.status_code == 401
    assert "重新打开" in late.text


def test_a_visitor_who_never_wrote_cannot_be_written_to(home: Home) -> None:
    home.phone("o-new")
    home.contact("o-known")
    home.phone("o-known")
    with home.transaction() as session:
        assert [c.subscribed for c in session.query(Contact).order_by(Contact.id)] == [False, True]


def test_a_form_without_our_token_is_refused(home: Home) -> None:
    phone = home.phone("o-1")
    answer = phone.client.post("/family/sign-out", data={"_csrf_token": "made-up"})
    assert answer.status_code == 403
    assert phone.get("/family").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.invalid/",
        "//elsewhere.invalid",
        "/console",
        "/family/../console",
        "/familyx",
        "/family\\..",
        "/family/\n",
        "/family/sign-in",
        "",
    ],
)
def test_one_comes_back_to_pages_of_ours_alone(path: str) -> None:
    assert inside(path) == "/family"


def test_one_comes_back_to_the_page_that_was_asked_for(home: Home) -> None:
    assert home.phone().sign_in("o-1", "/family/cases/3").headers["location"] == "/family/cases/3"


def test_every_route_asks_who_it_is(home: Home) -> None:
    """Every family route as a stranger: open are signing in, style sheets and public clauses."""
    home.case("o-1")
    asked = 0
    for method, path, opt in _routes(home):
        if opt == OPEN:
            assert path.startswith(("/family/sign-in", "/family/static", "/family/policy")), path
            continue
        answer = home.phone().ask(method, re.sub(r"\{[^}]*\}", "1", path))
        assert answer.status_code == (303 if method == "GET" else 401), (method, path)
        assert "测试甲" not in answer.text
        asked += 1
    assert asked >= 20


def test_somebody_bound_to_nothing_sees_nothing_of_a_case(home: Home) -> None:
    case = home.case("o-1")
    stranger = home.phone("o-2")
    for method, path, opt in _routes(home):
        if opt == OPEN or path == "/family/sign-out":
            continue
        answer = stranger.ask(method, re.sub(r"\{[^}]*\}", str(case.id), path))
        assert "测试甲" not in answer.text, path
        assert case.receipt_number not in answer.text, path
        if "{case_id:int}" in path:
            assert answer.status_code == 404, (method, path)


def test_errors_are_kind_and_say_nothing(home: Home) -> None:
    phone = home.phone("o-1")
    for path in ("/family/nothing", "/family/cases/1", "/family/cases/99999999999999999999"):
        answer = phone.get(path)
        assert answer.status_code in (404, 400), path
        assert "回首页" in answer.text


def _routes(home: Home) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and what is needed, of every family route."""
    return [
        (str(method), route.path, {k: v for k, v in handler.opt.items() if k in OPEN})
        for route in home.app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/family")
        for handler in route.route_handlers
        for method in handler.http_methods - {"OPTIONS", "HEAD"}
    ]
