"""What a hostile or broken browser sends, and what every answer carries."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from litestar import Litestar
from sqlalchemy.exc import OperationalError

import bot.console
from bot.console import sessions
from bot.db.engine import Database
from bot.installation import Installation
from bot.settings import Settings
from tests.integration.console.office import PASSWORD, Office, console_app
from tests.integration.console.test_permissions import known, path_of, routes  # noqa: F401

FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_every_answer_carries_the_security_headers(office: Office) -> None:
    office.staff("li")
    browser = office.browser("li")
    for path in (
        "/console",
        "/console/sign-in",
        "/console/nothing-here",
        "/console/staff",
        "/console/counts",
        "/console/static/base.css",
    ):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        kept = "immutable" if "/static/" in path else "no-store"
        assert kept in headers["cache-control"], path


def test_pages_hold_no_script_style_or_address_of_their_own() -> None:
    folder = Path(bot.console.__file__).parent
    for template in (folder / "templates").glob("*.html"):
        source = template.read_text()
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|https?://", source), template
        assert not re.search(r"<script(?! src=)", source), template
    for static in (folder / "static").iterdir():
        outside = [
            found
            for found in re.findall(r"https?://[^\s\"')]+", static.read_text())
            if found != "http://www.w3.org/2000/svg"
        ]
        assert not outside, static
        assert "url(" not in static.read_text()


def test_every_form_has_its_token() -> None:
    folder = Path(bot.console.__file__).parent / "templates"
    for template in folder.glob("*.html"):
        source = template.read_text()
        with_token = re.findall(r'method="post"[^>]*>\s*\{\{ (?:ctx\.)?csrf_input \| safe', source)
        assert source.count('method="post"') == len(with_token), template


def test_every_field_has_its_label() -> None:
    folder = Path(bot.console.__file__).parent / "templates"
    for template in folder.glob("*.html"):
        # What stands inside its label needs no name for it.
        source = re.sub(r"(<label[^>]*>\s*)<input[^>]*>", r"\1", template.read_text())
        fields = re.findall(r'<(?:input(?![^>]*type="hidden")|textarea)[^>]*\sid="([^"]+)"', source)
        for name in fields:
            assert f'<label for="{name}"' in source or f'for="{name}"' in source, (template, name)
        assert not re.search(r'<(?:input(?![^>]*type="hidden")|textarea)(?![^>]*\sid=)', source)


def test_a_post_without_the_pages_token_is_refused(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1")
    browser = office.browser("li")
    path = f"/console/cases/{case.id}/claim"
    for fields in ({"version": 1}, {"version": 1, "_csrf_token": "a" * 128}):
        answer = browser.client.post(path, data=fields, follow_redirects=False)
        assert answer.status_code == 403
        assert "请刷新再试" in answer.text
    json = browser.client.post(path, json={"version": 1})
    assert json.status_code == 403
    with office.transaction() as session:
        assert session.get_one(type(case), case.id).stage == "submitted"


def test_signing_in_needs_the_token_too(office: Office) -> None:
    office.staff("li")
    browser = office.browser()
    answer = browser.client.post(
        "/console/sign-in", data={"username": "li", "password": PASSWORD}, follow_redirects=False
    )
    assert answer.status_code == 403


def test_a_token_of_a_former_key_is_replaced(office: Office) -> None:
    office.staff("li")
    browser = office.browser()
    browser.client.cookies.set("jingkang_csrf", "b" * 128, domain="127.0.0.1")
    assert browser.sign_in("li").status_code == 403  # and the cookie is taken away
    assert "jingkang_csrf" not in browser.client.cookies
    assert browser.sign_in("li").status_code == 303


@pytest.mark.parametrize(
    "token", ["é" * 130, "令牌" * 70, "\0" * 130, "a" * 127 + "é", "", "a" * 100_000]
)
def test_odd_tokens_are_refused_and_break_nothing(office: Office, token: str) -> None:
    browser = office.browser()
    browser.get("/console/sign-in")
    body = f"username=li&password=x&_csrf_token={quote(token)}"
    answer = browser.client.post("/console/sign-in", content=body, headers=FORM)
    assert answer.status_code in (403, 413)
    twice = f"_csrf_token={quote(token)}&_csrf_token=b"
    assert browser.client.post("/console/sign-in", content=twice, headers=FORM).status_code < 500
    latin = {"cookie": "jingkang_csrf=" + "é" * 130, **FORM}
    raw = {name: value.encode("latin-1") for name, value in latin.items()}
    assert browser.client.post("/console/sign-in", content=body, headers=raw).status_code < 500


def test_a_large_form_is_refused(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1")
    browser = office.browser("li")
    answer = browser.post(f"/console/cases/{case.id}/note", note="长" * 40_000)
    assert answer.status_code == 413


WILD = (
    "",
    " ",
    "0",
    "-1",
    "1e9",
    "9" * 25,
    "9" * 5000,
    "1.5",
    "null",
    "true",
    "[]",
    "%00",
    "%ff%fe",
    "%ED%A0%80",
    "%F0%9F%98%8A",
    "%E7%9A%84" * 300,
    "<script>",
    "{{7*7}}",
    "..%2f..%2fetc%2fpasswd",
    "'%20OR%201=1--",
)


def test_nothing_that_is_sent_ends_in_a_server_error(
    office: Office,
    known: dict[str, str],  # noqa: F811
) -> None:
    """Every route, with wild values in path, query and form."""
    chance = random.Random(1)
    for role, values in (("supervisor", len(WILD)), ("administrator", 4), ("auditor", 4)):
        office.staff(role, role)
        browser = office.browser(role)
        token = browser.client.cookies["jingkang_csrf"]
        for method, path, _ in routes(office.app):
            if path == "/console/sign-out":
                continue
            for wild in chance.sample(WILD, values):
                here = path_of(path, known)
                assert_survives(browser.client, method, here, token, wild, chance)
                if "{" in path:
                    there = re.sub(r"\{\w+\}", wild, path)
                    answer = browser.client.request(
                        method, there, headers={"x-csrftoken": token}, follow_redirects=False
                    )
                    assert answer.status_code < 500, (method, there)


def assert_survives(
    client: Any, method: str, path: str, token: str, wild: str, chance: random.Random
) -> None:
    if method == "GET":
        for name in chance.sample(("page", "show", "before", "seen", "done", "next"), 2):
            joint = "&" if "?" in path else "?"
            asked = f"{path}{joint}{name}={wild}"
            answer = client.get(asked, follow_redirects=False)
            assert answer.status_code < 500, asked
        return
    names = ("version", "what", "note", "text", "owner_version", "seen", "q", "kept", "username")
    right = {"version": "1", "owner_version": "0", "seen": "0"}
    changed = {**right, **dict.fromkeys(chance.sample(names, 3), wild)}
    body = "&".join(f"{key}={value}" for key, value in changed.items())
    kinds = ("application/json", "multipart/form-data; boundary=x", "text/plain", "a")
    for kind, content in (
        (FORM["content-type"], f"{body}&_csrf_token={token}".encode()),
        (chance.choice(kinds), b"--x\r\n\xff\xfe{" + wild.encode()),
    ):
        answer = client.post(
            path,
            content=content,
            headers={"content-type": kind, "x-csrftoken": token},
            follow_redirects=False,
        )
        assert answer.status_code < 500, (path, kind, content)


def test_when_the_database_is_away_the_words_stay(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.staff("li")
    case = office.case("o-1")
    browser = office.browser("li")

    def away(*_: object, **__: object) -> Any:
        raise OperationalError("SELECT", {}, Exception("connection refused"))

    with monkeypatch.context() as patched:
        patched.setattr(sessions, "find", away)
        answer = browser.post(f"/console/cases/{case.id}/note", note="写了很久的<备注>")
        assert answer.status_code == 503
        assert "写了很久的&lt;备注&gt;" in answer.text
        assert "接着做" in answer.text
        assert browser.get("/console").status_code == 503
        assert browser.get("/console/sign-in").status_code == 200
        patched.setattr(Database, "transaction", away)
        assert browser.sign_in("li").status_code == 503


def test_error_pages_are_kind_in_the_console_and_plain_elsewhere(office: Office) -> None:
    browser = office.browser()
    inside, outside = browser.get("/console/nothing"), browser.get("/nothing")
    assert "没有这一页" in inside.text
    assert inside.headers["content-type"].startswith("text/html")
    assert outside.status_code == 404
    assert outside.headers["content-type"].startswith("text/plain")


@pytest.fixture
def real(installation: Installation) -> Litestar:
    """The console of an installation with credentials."""
    settings = Settings(wechat_app_id="wx-test", wechat_app_secret="secret", _env_file=None)
    installed = Installation(
        settings=settings,
        secrets=installation.secrets,
        database=installation.database,
        clock=installation.clock,
    )
    return console_app(installed)


def test_with_credentials_cookies_need_https(office: Office, real: Litestar) -> None:
    office.staff("li")
    office.app = real
    browser = office.browser()
    browser.client.base_url = "https://desk.example"
    answer = browser.sign_in("li")
    assert answer.status_code == 303
    first = browser.get("/console/sign-in")
    cookies = answer.headers.get_list("set-cookie") + first.headers.get_list("set-cookie")
    assert any(cookie.startswith("__Host-jingkang_staff=") for cookie in cookies)
    for cookie in cookies:
        parts = {part.strip().lower() for part in cookie.split(";")}
        assert {"secure", "httponly", "samesite=lax"} <= parts, cookie
    assert browser.get("/console").status_code == 200
