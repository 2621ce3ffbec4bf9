"""Who is behind a request to a family page: asked before every page, declared on every route.

A route says ``opt=SIGNED_IN`` or ``opt=OPEN``; one that says nothing is refused to everybody.
Being signed in shows nothing yet: what a visitor may see of a case is asked of the case.
"""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from bot.family import sessions
from bot.family.sessions import Visitor
from bot.installation import Installation

FamilyRequest = Request[Visitor, Any, State]

_KEY = "family"
SIGNED_IN = {_KEY: "signed_in"}
"""``opt`` of pages for whoever WeChat has named."""
OPEN = {_KEY: "open"}
"""``opt`` of pages for everybody: signing in, style sheets."""


class SignInNeeded(Exception):
    """WeChat has not named this visitor, or too long ago."""


def installation_of(request: Request[Any, Any, State]) -> Installation:
    """The installation that this application serves."""
    installation: Installation = request.app.state.installation
    return installation


def token_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The sign-in token that came along."""
    installation: Installation = connection.app.state.installation
    return connection.cookies.get(sessions.cookie_name(installation.settings)) or None


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of every family route. Raises `SignInNeeded` or `PermissionDeniedException`."""
    access = handler.opt.get(_KEY)
    if access == OPEN[_KEY]:
        return
    if access != SIGNED_IN[_KEY]:
        raise PermissionDeniedException("a route that says nothing")
    visitor = await sync_to_thread(_find, connection)
    if visitor is None:
        raise SignInNeeded
    connection.scope["user"] = visitor


def _find(connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor | None:
    token = token_of(connection)
    if token is None:
        return None
    installation: Installation = connection.app.state.installation
    with installation.database.transaction() as session:
        return sessions.find(session, token=token, now=installation.clock())
