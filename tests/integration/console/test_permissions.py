"""Every route as every role and unsigned: what the table of permissions says, happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from bot.casework.models import ROLES
from bot.console import permissions
from bot.console.permissions import GRANTS, Permission, may, needed_by, needs
from tests.integration.console.office import Browser, Office
from tests.integration.policy.talk import put_document

FORMS: dict[str, dict[str, Any]] = {
    "claim": {"version": 1},
    "return": {"version": 1, "what": "请补充"},
    "accept": {"version": 1},
    "note": {"note": "一条备注"},
    "reply": {"owner_version": 0, "seen": 0, "text": "您好"},
    "hand-back": {"owner_version": 0},
    "settle": {"version": 1},
    "search": {"q": "13800000001"},
    "assign": {"version": 1, "to": 1},
    "make_code": {"version": 1, "role": "caregiver"},
}


def routes(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Method, path and handler of every route."""
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            for method in handler.http_methods - {"OPTIONS", "HEAD"}:
                yield str(method), route.path_format, handler


def ask(browser: Browser, method: str, path: str) -> Any:
    if method == "GET":
        return browser.get(path)
    return browser.post(path, **FORMS.get(path.rsplit("/", 1)[-1], {}))


@pytest.fixture
def known(office: Office) -> dict[str, str]:
    """A path parameter's value for everything that exists."""
    person = office.staff("closed")
    case = office.case("o-1")
    office.says("o-1", "你好")
    return {
        "{case_id}": str(case.id),
        "{ticket_id}": str(office.ticket("o-1")),
        "{contact_id}": str(case.contact_id),
        "{staff_id}": str(person.id),
        "{complaint_id}": "1",
        "{document_id}": str(put_document(office.installation)),
        "{upload_id}": "1",
        "{card_id}": "1",
        "{question_id}": "1",
        "{reply_id}": "1",
        "{team_id}": "1",
        "/do/{name}": "/do/make_code",
        "{name}": "base.css",
    }


def path_of(path: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        path = path.replace(name, value)
    assert "{" not in path, path
    if path.endswith("/news"):
        path += "?seen=0"
    return path


def test_every_route_says_what_it_needs(office: Office) -> None:
    for _, path, handler in routes(office.app):
        assert needed_by(handler.opt) is not None, path


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_exactly_what_it_is_granted(
    office: Office, known: dict[str, str], role: str
) -> None:
    office.staff("me", role)
    browser = office.browser("me")
    asked = 0
    for method, path, handler in routes(office.app):
        needed = needed_by(handler.opt)
        assert needed is not None
        if needed is Permission.EVERYBODY or path == "/console/sign-out":
            continue
        answer = ask(browser, method, path_of(path, known))
        if may(role, needed):
            assert answer.status_code != 403, (method, path)
            assert answer.status_code < 500, (method, path)
            assert "/console/sign-in" not in answer.headers.get("location", ""), (method, path)
        else:
            assert answer.status_code == 403, (method, path)
            assert "测试甲" not in answer.text
        asked += 1
    assert asked > 15


def test_nobody_gets_in_without_signing_in(office: Office, known: dict[str, str]) -> None:
    browser = office.browser()
    for method, path, handler in routes(office.app):
        if needed_by(handler.opt) is Permission.EVERYBODY:
            continue
        answer = ask(browser, method, path_of(path, known))
        if method == "GET" and answer.status_code == 303:
            assert answer.headers["location"].startswith("/console/sign-in"), path
        else:
            assert answer.status_code == 401, (method, path)
        assert "测试甲" not in answer.text


def test_administrators_and_auditors_never_meet_content(
    office: Office, known: dict[str, str]
) -> None:
    for role in ("administrator", "auditor"):
        office.staff(role, role)
        browser = office.browser(role)
        start = browser.get(browser.get("/console").headers["location"])
        assert start.status_code == 200
        for secret in ("测试甲", "13800000001", "你好", "想找人说说话"):
            assert secret not in start.text


def test_a_route_that_says_nothing_is_closed_to_everybody() -> None:
    assert needed_by({}) is None
    assert needed_by(needs(Permission.READ_LOG)) is Permission.READ_LOG


def test_every_role_has_its_grants_and_a_first_page() -> None:
    assert set(GRANTS) == set(ROLES)
    for role in ROLES:
        assert permissions.start_page(role).startswith("/console")
    assert not may("somebody", Permission.READ_CASES)
