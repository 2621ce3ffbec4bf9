"""The one place that reads the time. Domain code is handed ``now``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
"""All of China keeps this one time."""

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The current moment, aware, UTC."""
    return datetime.now(UTC)
