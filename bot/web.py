"""The HTTP application: the platform's callback, console and family pages, health and metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import structlog
from litestar import Litestar, Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from bot.callback import Callback, receive, verify_address
from bot.console import routes as console
from bot.dialogue.pipeline import Pipeline
from bot.dialogue.rasa import Rasa
from bot.dialogue.waiting import WaitingRoom
from bot.dialogue.warm import warm
from bot.family import routes as family
from bot.installation import Installation
from bot.nlu.model import find_model
from bot.platform import platform_client
from bot.web_login import PlatformWebLogin
from bot.wechat.client import PlatformClient

log = structlog.get_logger()

THREADS = 16
"""At once under way; not above the database connections of the process."""
READY_WITHIN = 2.0
"""Seconds in which each part has to show that it is ready."""


@get("/healthz", sync_to_thread=False, media_type="text/plain")
def alive() -> str:
    """The process answers."""
    return "ok"


@get("/readyz")
async def ready(state: State) -> Response[dict[str, str]]:
    """Which parts work: ``ok``, ``away``; the dialogue may also be ``degraded``."""
    installation: Installation = state.installation
    database, rasa, token = await asyncio.gather(
        _within(asyncio.to_thread(_database_answers, installation)),
        _within(state.rasa.ready()),
        _within(asyncio.to_thread(_token_is_there, state.platform)),
    )
    dialogue = "ok" if rasa else ("degraded" if find_model(installation.settings) else "away")
    parts = {
        "database": "ok" if database else "away",
        "rasa": "ok" if rasa else "away",
        "dialogue": dialogue,
        "wechat_token": "ok" if token else "away",
    }
    usable = database and token and dialogue != "away"
    return Response(parts, status_code=200 if usable else 503)


@get("/metrics", sync_to_thread=False)
def metrics() -> Response[bytes]:
    """Prometheus text; for the office's own monitoring, behind the proxy's allow-list."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def create_app(installation: Installation) -> Litestar:
    """The application over one opened installation."""
    settings = installation.settings
    rasa = Rasa(settings.rasa_origin, token=installation.secrets.rasa_token)
    waiting = WaitingRoom()
    callback = Callback(installation, Pipeline(installation, rasa, waiting), waiting)
    platform = platform_client(installation)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        # Turns wait on the database more than they compute: more of them than cores.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        await asyncio.to_thread(warm, installation)
        try:
            yield
        finally:
            await callback.finish()
            await rasa.close()
            installation.close()

    return Litestar(
        route_handlers=[
            verify_address,
            receive,
            alive,
            ready,
            metrics,
            *console.handlers(),
            *family.handlers(),
        ],
        state=State(
            {
                "installation": installation,
                "callback": callback,
                "rasa": rasa,
                "platform": platform,
                "web_login": PlatformWebLogin(platform),
            }
        ),
        lifespan=[lifespan],
        openapi_config=None,
        # Litestar would open the root logger, and httpx would then print addresses with tokens.
        logging_config=None,
        exception_handlers={Exception: _failed},
        **console.app_options(installation),
    )


def _failed(request: Request[Any, Any, State], error: Exception) -> Response[Any]:
    """Nothing of an error reaches the outside; the log has its kind and place."""
    page = family.error_page if request.url.path.startswith("/family") else console.error_page
    if isinstance(error, HTTPException):
        return page(request, error.status_code)
    log.error("request_failed", path=request.url.path, exc_info=error)
    return page(request, 500)


def _database_answers(installation: Installation) -> bool:
    with installation.database.connection() as connection:
        return bool(connection.scalar(text("SELECT 1")) == 1)


def _token_is_there(platform: PlatformClient) -> bool:
    platform.check_token()
    return True


async def _within(check: Any) -> bool:
    try:
        async with asyncio.timeout(READY_WITHIN):
            return bool(await check)
    except Exception:
        return False
