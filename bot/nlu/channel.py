"""Rasa's only input channel. Runs inside Rasa's environment (Python 3.10).

Unlike Rasa's own REST channel it asks for the token, and a turn that broke is answered 500, so
that the gateway notices instead of reading an empty reply.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse


class GatewayInput(InputChannel):
    """``POST /webhooks/gateway/turn`` with ``sender``, ``message``, ``metadata``."""

    def __init__(self, token: str) -> None:
        self._token = token

    @classmethod
    def name(cls) -> str:
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GatewayInput:
        token = (credentials or {}).get("token")
        if not token:
            cls.raise_missing_credentials_exception()
        return cls(str(token))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("gateway", __name__)

        @blueprint.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            if not hmac.compare_digest(request.token or "", self._token):
                return response.json({"error": "token"}, status=401)
            collector = CollectingOutputChannel()
            message = UserMessage(
                request.json["message"],
                collector,
                request.json["sender"],
                input_channel=self.name(),
                metadata=request.json.get("metadata"),
            )
            await on_new_message(message)
            return response.json(collector.messages)

        return blueprint
