"""Who is behind a request, and whether they may: asked before every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from bot.console import sessions
from bot.console.permissions import Permission, may, needed_by
from bot.console.security import session_cookie
from bot.console.sessions import SignedIn
from bot.installation import Installation

PageRequest = Request[SignedIn, Any, State]
IN_BACKGROUND = "in_background"
"""``opt`` of routes that a page asks by itself: they do not keep a session alive."""
_LONGEST_TOKEN = 200
_WRITTEN = ("text", "note", "what", "q")


class SignInNeeded(Exception):
    """Nobody is signed in, or no more."""


@dataclass(frozen=True)
class Kept:
    """A form that could not be taken: shown again, so that nothing typed is lost."""

    path: str
    fields: dict[str, str]

    @property
    def words(self) -> dict[str, str]:
        """The fields that somebody wrote words into."""
        return {name: self.fields[name] for name in _WRITTEN if self.fields.get(name)}


def installation_of(request: Request[Any, Any, State]) -> Installation:
    """The installation that this application serves."""
    installation: Installation = request.app.state.installation
    return installation


def token_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The sign-in token that came along."""
    installation: Installation = connection.app.state.installation
    token = connection.cookies.get(session_cookie(installation.settings))
    return token if token and len(token) <= _LONGEST_TOKEN else None


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of every console route: finds the signed-in member of staff and their permission.

    Raises `SignInNeeded` or `PermissionDeniedException`.
    """
    needed = needed_by(handler.opt)
    if needed is Permission.EVERYBODY:
        return
    await _keep_form(connection)
    staff = await sync_to_thread(_find, connection, not handler.opt.get(IN_BACKGROUND, False))
    if staff is None:
        raise SignInNeeded
    connection.scope["user"] = staff
    if needed is None or not may(staff.role, needed):
        raise PermissionDeniedException("not for this role")


def kept_form(request: Request[Any, Any, State]) -> Kept | None:
    """The form of this request, where it was posted by our own page."""
    kept: Kept | None = request.state.get("kept")
    return kept


def _find(connection: ASGIConnection[Any, Any, Any, Any], used: bool) -> SignedIn | None:
    token = token_of(connection)
    if token is None:
        return None
    installation: Installation = connection.app.state.installation
    with installation.database.transaction() as session:
        return sessions.find(session, token=token, now=installation.clock(), used=used)


async def _keep_form(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    # The forgery check has been passed: these fields were typed on a page of ours.
    assert isinstance(connection, Request)
    if connection.method != "POST":
        return
    if connection.content_type[0] != RequestEncodingType.URL_ENCODED:
        return
    form = await connection.form()
    fields = {k: v for k, v in form.items() if isinstance(v, str) and not k.startswith("_")}
    connection.state["kept"] = Kept(connection.url.path, fields)
