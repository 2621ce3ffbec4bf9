"""Logs: one JSON line an event, on standard output, without what people wrote.

Events carry ids, states and numbers. Exceptions are logged by type and place; their messages may
quote data, so they are left out.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import structlog


def configure(level: int = logging.INFO) -> None:
    """Set up this process's logging; call once at start."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _exception_without_words,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s", force=True)
    # The formats above drop messages: libraries quote queries, parameters and addresses in them.


def _exception_without_words(
    logger: Any, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    info = event.pop("exc_info", None)
    if not info:
        return event
    error = sys.exc_info()[1] if info is True else info
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["error"] = type(error).__name__
        event["at"] = [f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in frames[-6:]]
    return event
