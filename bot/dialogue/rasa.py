"""The call to Rasa: masked text in, its plain answers out."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx

TIMEOUT = 3.5
"""Seconds for a whole turn: what is left of the platform's five goes to store and answer."""
READY_TIMEOUT = 10.0
PAUSE_AFTER_FAILURE = 3.0
"""Seconds in which nobody waits for a Rasa that just failed."""


class RasaAway(Exception):
    """Rasa did not answer in time or at all."""


class Rasa:
    """Client of one Rasa server. Safe to share between tasks of one event loop."""

    def __init__(self, origin: str, *, token: str, timeout: float = TIMEOUT) -> None:
        self._client = httpx.AsyncClient(
            base_url=origin,
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
            trust_env=False,
        )
        self._token = token
        self._timeout = timeout
        self._away_until = 0.0

    @property
    def away(self) -> bool:
        """True for a short while after a failure."""
        return time.monotonic() < self._away_until

    async def talk(self, *, conversation_id: str, text: str, message_id: int) -> list[str]:
        """Let Rasa take one turn; returns its plain answers. Raises `RasaAway`."""
        if self.away:
            raise RasaAway("failed a moment ago")
        body: dict[str, Any] = {
            "sender": conversation_id,
            "message": text,
            "metadata": {"message_id": message_id},
        }
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._client.post("/webhooks/gateway/turn", json=body)
            response.raise_for_status()
            return [str(part["text"]) for part in response.json() if "text" in part]
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
            self._away_until = time.monotonic() + PAUSE_AFTER_FAILURE
            raise RasaAway(type(error).__name__) from error

    async def ready(self) -> bool:
        """True when Rasa understands a sentence; the first one also warms it."""
        try:
            response = await self._client.post(
                "/model/parse",
                params={"token": self._token},
                json={"text": "你好"},
                timeout=READY_TIMEOUT,
            )
        except httpx.HTTPError:
            return False
        return response.status_code == 200

    async def close(self) -> None:
        await self._client.aclose()
