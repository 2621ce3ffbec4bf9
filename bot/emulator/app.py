"""The emulator as a web application."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException, ValidationException
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig
from litestar.types import Scope

from bot.emulator import control, developer_pages, phone_pages
from bot.emulator.api.gateway import build_handlers
from bot.emulator.emulator import Emulator
from bot.emulator.errors import PlatformError
from bot.emulator.phone import NotPossible, Unknown
from bot.emulator.settings import EmulatorSettings

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
_MAX_BODY = 25 * 1024 * 1024


def create_app(settings: EmulatorSettings) -> Litestar:
    emulator = Emulator(settings)

    @asynccontextmanager
    async def life(_app: Litestar) -> AsyncIterator[None]:
        await emulator.start()
        try:
            yield
        finally:
            await emulator.stop()

    return Litestar(
        route_handlers=[
            *build_handlers(emulator),
            control.build_router(),
            phone_pages.build_router(),
            developer_pages.build_router(),
            create_static_files_router(path="/static", directories=[_HERE / "static"]),
        ],
        state=State({"emulator": emulator}),
        lifespan=[life],
        template_config=TemplateConfig(directory=_HERE / "templates", engine=JinjaTemplateEngine),
        exception_handlers={
            NotPossible: _not_possible,
            PlatformError: _platform_error,
            ValidationException: _invalid,
        },
        after_exception=[_report],
        logging_config=None,
        openapi_config=None,
        request_max_body_size=_MAX_BODY,
    )


async def _report(error: Exception, scope: Scope) -> None:
    """A defect of the emulator itself must not look like a fault of the platform."""
    if not isinstance(error, NotPossible | PlatformError | HTTPException):
        _log.error("%s failed", scope["path"], exc_info=error)


def _not_possible(_request: Request[Any, Any, Any], error: NotPossible) -> Response[Any]:
    status = 404 if isinstance(error, Unknown) else 409
    return Response({"detail": str(error)}, status_code=status)


def _platform_error(_request: Request[Any, Any, Any], error: PlatformError) -> Response[Any]:
    return Response({"errcode": error.errcode, "errmsg": error.errmsg}, status_code=404)


def _invalid(_request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    return Response({"detail": error.detail, "extra": error.extra}, status_code=400)
