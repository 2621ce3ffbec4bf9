"""Signing in through WeChat: there with a state that belongs to this browser, back with a code.

Source: the platform's page on web login (网页授权): a code serves once, for five minutes; the
virtual user of a 快照页 must never be bound; ``state`` has letters and digits, at most 128 bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Annotated, Any, Protocol
from urllib.parse import urlencode

import structlog
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie, State
from litestar.params import FromQuery, QueryParameter

from bot.family import sessions
from bot.family.gate import OPEN, SIGNED_IN, FamilyRequest, installation_of, token_of
from bot.family.pages import HOME, message_page, see_other

SIGN_IN = "/family/sign-in"
BACK = "/family/sign-in/back"
BROWSER = "jingkang_family_browser"
_BROWSER_FOR = 600
"""Seconds that the way to WeChat and back may take."""
_LONGEST_CODE = 512
_INSIDE = re.compile(r"/family(?:/[A-Za-z0-9._/-]*)?")

log = structlog.get_logger()


class SignInFailed(Exception):
    """WeChat did not name anybody; asking again may help."""


class SnapshotVisitor(SignInFailed):
    """WeChat shows the page as a snapshot (快照页) and names nobody real."""


class WebLogin(Protocol):
    """WeChat's web login, as the application hands it to these pages (``state.web_login``)."""

    def login_url(self, redirect_to: str, *, state: str) -> str:
        """Where to send the browser; it comes back to ``redirect_to`` with ``code``."""

    def openid_of(self, code: str) -> str:
        """Who comes with ``code``. Raises `SignInFailed`."""


@get(SIGN_IN, opt=OPEN, sync_to_thread=False)
def sign_in(request: FamilyRequest, to: FromQuery[str] = HOME) -> Response[Any]:
    """Off to WeChat."""
    installation = installation_of(request)
    browser = _browser_of(request) or secrets.token_hex(16)
    back = f"{installation.settings.own_origin}{BACK}?{urlencode({'to': inside(to)})}"
    response = see_other(_web_login(request).login_url(back, state=_state_of(browser)))
    response.cookies.append(
        Cookie(
            BROWSER,
            value=browser,
            path=SIGN_IN,
            max_age=_BROWSER_FOR,
            secure=not installation.settings.development,
            httponly=True,
            samesite="lax",
        )
    )
    return response


@get(BACK, opt=OPEN, sync_to_thread=True)
def come_back(
    request: FamilyRequest,
    to: FromQuery[str] = HOME,
    code: FromQuery[str] = "",
    given: Annotated[str, QueryParameter(name="state")] = "",
) -> Response[Any]:
    """Back from WeChat: a new session, if this browser is the one that went."""
    browser = _browser_of(request)
    target = inside(to)
    expected = _state_of(browser) if browser else ""
    if not browser or not hmac.compare_digest(given.encode(), expected.encode()):
        return _failed(request, target)
    if not code or len(code) > _LONGEST_CODE:
        return _failed(request, target)
    try:
        openid = _web_login(request).openid_of(code)
    except SnapshotVisitor:
        return message_page(
            request,
            status=403,
            title="请点“使用完整服务”",
            sentence="现在看到的是微信的快照页，认不出您是谁。点右下角的“使用完整服务”，再打开一次就好。",
            link=(target, "再打开一次"),
        )
    except SignInFailed as failed:
        log.warning("family_sign_in_failed", error=str(failed))
        return _failed(request, target)
    installation = installation_of(request)
    now = installation.clock()
    with installation.database.transaction() as session:
        if old := token_of(request):
            sessions.end(session, token=old, now=now)
        token = sessions.start(session, openid=openid, now=now)
    response = see_other(target)
    response.cookies.append(_session_cookie(request, token))
    response.cookies.append(Cookie(BROWSER, path=SIGN_IN, max_age=0))
    return response


@post("/family/sign-out", opt=SIGNED_IN, sync_to_thread=True)
def sign_out(request: FamilyRequest) -> Response[Any]:
    """End this phone's session."""
    installation = installation_of(request)
    token = token_of(request)
    assert token is not None
    with installation.database.transaction() as session:
        sessions.end(session, token=token, now=installation.clock())
    response = message_page(
        request,
        title="已经退出",
        sentence="这台手机上看不到您的信息了。要再看，从公众号里点进来就行。",
    )
    response.cookies.append(_session_cookie(request, "", max_age=0))
    return response


def ask_to_sign_in(request: Request[Any, Any, State], _: Exception) -> Response[Any]:
    """A page was asked for by nobody known: WeChat is asked who it is."""
    if request.method == "GET":
        return see_other(f"{SIGN_IN}?{urlencode({'to': inside(request.url.path)})}")
    # A form cannot lead to WeChat: our pages let forms go to our own address alone.
    return message_page(
        request,
        status=401,
        title="这一步没有做成",
        sentence="页面放得太久了，要重新打开一次。刚才这一步请再做一遍。",
        link=(HOME, "重新打开"),
    )


def inside(path: str) -> str:
    """The page to go to after signing in: one of ours."""
    ours = _INSIDE.fullmatch(path) and ".." not in path and not path.startswith(SIGN_IN)
    return path if ours else HOME


def _failed(request: FamilyRequest, target: str) -> Response[Any]:
    return message_page(
        request,
        status=403,
        title="没能认出您",
        sentence="微信这一下没有告诉我们您是谁，多半是页面放得久了。请再打开一次。",
        link=(target, "再打开一次"),
    )


def _web_login(request: FamilyRequest) -> WebLogin:
    web_login: WebLogin = request.app.state.web_login
    return web_login


def _browser_of(request: FamilyRequest) -> str | None:
    browser = request.cookies.get(BROWSER, "")
    return browser if re.fullmatch(r"[0-9a-f]{32}", browser) else None


def _state_of(browser: str) -> str:
    # The address shows only this hash of what the cookie holds.
    return hashlib.sha256(browser.encode()).hexdigest()[:40]


def _session_cookie(request: FamilyRequest, token: str, *, max_age: int | None = None) -> Cookie:
    settings = installation_of(request).settings
    return Cookie(
        sessions.cookie_name(settings),
        value=token,
        path="/",
        max_age=int(sessions.LIFETIME.total_seconds()) if max_age is None else max_age,
        secure=not settings.development,
        httponly=True,
        samesite="lax",
    )
