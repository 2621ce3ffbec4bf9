"""The family pages' routes. A new page adds its handlers here."""

from __future__ import annotations

from typing import Any

import structlog
from litestar import Request, Response, Router
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler
from sqlalchemy.exc import OperationalError, TimeoutError

from bot.console.security import OddTokens
from bot.family import acting, apply_pages, case_pages, gate, policy_pages, signing_in, static_files
from bot.family.pages import error_page

__all__ = ["error_page", "handlers"]

log = structlog.get_logger()

LARGEST_FORM = 64 * 1024


def handlers() -> list[ControllerRouterHandler]:
    """Every route under ``/family``."""
    pages = Router(
        path="/",
        middleware=[OddTokens()],
        guards=[gate.admit],
        exception_handlers={
            gate.SignInNeeded: signing_in.ask_to_sign_in,
            OperationalError: _database_away,
            TimeoutError: _database_away,
        },
        request_max_body_size=LARGEST_FORM,
        route_handlers=[
            signing_in.sign_in,
            signing_in.come_back,
            signing_in.sign_out,
            case_pages.home,
            case_pages.show_case,
            acting.consent,
            acting.show_document,
            acting.sign,
            acting.confirm,
            acting.dispute,
            acting.resubmit,
            acting.object_to_refusal,
            acting.ask_to_withdraw,
            acting.withdraw,
            acting.invite,
            acting.bind_form,
            acting.bind_scanned,
            acting.bind,
            apply_pages.apply,
            apply_pages.begin,
            apply_pages.erase,
            apply_pages.review,
            apply_pages.submit,
            apply_pages.lead,
            apply_pages.take_lead,
            apply_pages.show_step,
            apply_pages.save_step,
            policy_pages.show_clause,
            static_files.static_file,
        ],
    )
    return [pages]


def _database_away(request: Request[Any, Any, State], error: Exception) -> Response[Any]:
    log.error("database_away", path=request.url.path, error=type(error).__name__)
    return error_page(request, 503)
