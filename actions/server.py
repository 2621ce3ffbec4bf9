"""``jingkang actions``: the endpoint that Rasa calls, on loopback and with a token."""

from __future__ import annotations

import asyncio
import hmac
import warnings
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import structlog
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from actions.dialogue import all_actions
from bot.dialogue.warm import warm
from bot.installation import Installation

log = structlog.get_logger()

THREADS = 16
"""At once under way; not above the database connections of the process."""


@get("/healthz", sync_to_thread=False, media_type="text/plain")
def alive() -> str:
    return "ok"


@post("/webhook", status_code=200)
async def run_action(request: Request[Any, Any, State], state: State) -> Response[Any]:
    """Run one action, as rasa-sdk's own server does."""
    given = request.query_params.get("token", "")
    if not hmac.compare_digest(given.encode(), state.token.encode()):
        return Response({"error": "token"}, status_code=401)
    call = await request.json()
    try:
        result = await state.executor.run(call)
    except ActionExecutionRejection as rejection:
        error = {"error": rejection.message, "action_name": rejection.action_name}
        return Response(error, status_code=400)
    except ActionNotFoundException as missing:
        return Response({"error": str(missing)}, status_code=404)
    except Exception:
        log.exception("action_failed", action=call.get("next_action"))
        return Response({"error": "failed"}, status_code=500)
    return Response(result.model_dump() if result else None)


def create_app(installation: Installation) -> Litestar:
    """The action server over one opened installation."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        executor = ActionExecutor()
    for action in all_actions(installation):
        executor.register_action(action)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        await asyncio.to_thread(warm, installation)
        yield
        installation.close()

    return Litestar(
        route_handlers=[alive, run_action],
        state=State({"executor": executor, "token": installation.secrets.rasa_token}),
        lifespan=[lifespan],
        openapi_config=None,
        # Litestar would open the root logger, and httpx would then print addresses with tokens.
        logging_config=None,
    )
