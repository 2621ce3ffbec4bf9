"""Signing in and out."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie, State
from litestar.params import FromQuery
from sqlalchemy import select

from bot.casework.models import Staff
from bot.console import forms, passwords, sessions, throttle
from bot.console.accounts import normal_username
from bot.console.gate import (
    IN_BACKGROUND,
    Kept,
    PageRequest,
    SignInNeeded,
    installation_of,
    kept_form,
    token_of,
)
from bot.console.pages import SIGN_IN, page, resume_page, see_other
from bot.console.permissions import Permission, needs, start_page
from bot.console.security import derived_secret, session_cookie
from bot.console.sessions import SignedIn
from bot.privacy import audit

WRONG = "登录名或密码不对，请再试一次。"
TOO_MANY = "试错的次数太多了，请过一刻钟再试。"
BUSY = "现在登录的人太多，请过几秒再试。"
KNOWN_BROWSER = "jingkang_browser"
_KNOWN_FOR = 180 * 24 * 3600
_LONGEST_NAME = 64

_checker = passwords.Checker()


@get(SIGN_IN, opt=needs(Permission.EVERYBODY), sync_to_thread=False)
def sign_in_page(request: PageRequest, next: FromQuery[str] = "") -> Response[Any]:
    """The form to sign in with."""
    return _form(request, next=next)


@post(SIGN_IN, opt=needs(Permission.EVERYBODY))
async def sign_in(request: PageRequest, data: forms.SignIn) -> Response[Any]:
    """Check name and password; on success a new session, in any case the same work."""
    username = normal_username(data.username[:_LONGEST_NAME])
    attempt, staff = await sync_to_thread(_begin, request, username)
    if attempt is None:
        return _form(request, data, wrong=TOO_MANY, status=429)
    try:
        right = await _checker.matches(data.password, staff.password_hash if staff else None)
        renewed = None
        if right and staff is not None and passwords.is_outdated(staff.password_hash):
            renewed = await _checker.hashed(data.password)
    except passwords.Busy:
        return _form(request, data, wrong=BUSY, status=503)
    if not right or staff is None:
        return _form(request, data, wrong=WRONG, status=401)
    token = await sync_to_thread(_succeed, request, attempt, staff, renewed)
    return _signed_in(request, data, staff, token)


@post("/console/sign-out", opt=needs(Permission.SIGN_OUT), sync_to_thread=True)
def sign_out(request: PageRequest) -> Response[Any]:
    """End this browser's session."""
    installation = installation_of(request)
    now = installation.clock()
    token = token_of(request)
    assert token is not None
    with installation.database.transaction() as session:
        sessions.end(session, token=token, now=now)
        audit.record(
            session,
            by=request.user.by,
            action="staff.sign_out",
            on=("staff", request.user.staff_id),
            now=now,
        )
    response = see_other(SIGN_IN, done="signed_out")
    response.cookies.append(_session_cookie(request, "", max_age=0))
    return response


def ask_to_sign_in(request: Request[Any, Any, State], _: SignInNeeded) -> Response[Any]:
    """A page was asked for without being signed in. A form that was posted is kept."""
    if request.route_handler.opt.get(IN_BACKGROUND):
        return Response({"signed_in": False}, status_code=401)
    if request.method == "GET":
        path = request.url.path
        return see_other(SIGN_IN if path == "/console" else f"{SIGN_IN}?next={path}")
    kept = kept_form(request)
    return _form(request, status=401, kept=kept if kept and kept.fields else None)


def _form(
    request: PageRequest,
    data: forms.SignInForm | None = None,
    *,
    next: str = "",
    wrong: str | None = None,
    status: int = 200,
    kept: Kept | None = None,
) -> Response[Any]:
    if data is not None:
        kept = _unpacked(data.kept)
    return page(
        request,
        "sign_in.html",
        status=status,
        username=data.username[:_LONGEST_NAME] if data else "",
        next=data.next if data else next,
        wrong=wrong,
        kept=kept,
        packed=msgspec.json.encode(kept).decode() if kept else "",
    )


def _begin(request: PageRequest, username: str) -> tuple[throttle.Attempt | None, Staff | None]:
    installation = installation_of(request)
    secret = derived_secret(installation, "known browser")
    with installation.database.transaction() as session:
        attempt = throttle.begin(
            session,
            username=username,
            address=request.client.host if request.client else "",
            browser=throttle.browser_of(
                request.cookies.get(KNOWN_BROWSER), username, secret=secret
            ),
            now=installation.clock(),
        )
        if attempt is None or "\0" in username:
            return attempt, None
        staff = session.scalar(select(Staff).where(Staff.username == username, Staff.active))
        return attempt, staff


def _succeed(
    request: PageRequest, attempt: throttle.Attempt, staff: Staff, renewed: str | None
) -> str:
    installation = installation_of(request)
    now = installation.clock()
    with installation.database.transaction() as session:
        throttle.succeeded(session, attempt)
        if old := token_of(request):
            sessions.end(session, token=old, now=now)
        if renewed is not None:
            session.get_one(Staff, staff.id).password_hash = renewed
        token = sessions.start(session, staff_id=staff.id, now=now)
        audit.record(
            session,
            by=f"staff:{staff.id}",
            action="staff.sign_in",
            on=("staff", staff.id),
            now=now,
        )
    return token


def _signed_in(
    request: PageRequest, data: forms.SignInForm, staff: Staff, token: str
) -> Response[Any]:
    response: Response[Any]
    kept = _unpacked(data.kept)
    if kept is not None:
        request.scope["user"] = SignedIn(staff.id, 0, staff.display_name, staff.role)
        response = resume_page(request, kept)
    else:
        response = see_other(_inside(data.next) or start_page(staff.role))
    installation = installation_of(request)
    mark = throttle.new_mark(staff.username, secret=derived_secret(installation, "known browser"))
    response.cookies += [
        _session_cookie(request, token),
        Cookie(
            KNOWN_BROWSER,
            value=mark,
            path=SIGN_IN,
            max_age=_KNOWN_FOR,
            secure=not installation.settings.development,
            httponly=True,
            samesite="lax",
        ),
    ]
    return response


def _session_cookie(request: PageRequest, token: str, *, max_age: int | None = None) -> Cookie:
    settings = installation_of(request).settings
    return Cookie(
        session_cookie(settings),
        value=token,
        path="/",
        max_age=max_age,
        secure=not settings.development,
        httponly=True,
        samesite="lax",
    )


def _inside(path: str) -> str | None:
    """The page to go to after signing in: one of ours, or none."""
    if path == "/console" or path.startswith("/console/"):
        printable = path.isascii() and path.isprintable() and "\\" not in path
        return path if printable and not path.startswith(SIGN_IN) else None
    return None


def _unpacked(packed: str) -> Kept | None:
    """The form that waits to be sent; it came back through the browser, so it is read anew."""
    try:
        kept = msgspec.json.decode(packed, type=Kept)
    except msgspec.DecodeError:
        return None
    return kept if _inside(kept.path) else None
