"""wechatpy's client with its way to the platform replaced.

wechatpy's own has no time-out when it fetches a token, retries a refused token without end, takes a
page of HTML for success, lets `requests` errors out, and writes hosts into its API classes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from wechatpy.client import WeChatClient

from bot.wechat.errors import TOKEN_CODES
from bot.wechat.failures import PlatformRefused, PlatformUnreachable
from bot.wechat.tokens import TokenKeeper
from bot.wechat.transport import MAX_JSON, MAX_MEDIA, Answer, Transport, result_of

_PLATFORM_HOST = re.compile(r"https?://[a-z0-9.-]+\.weixin\.qq\.com(?=/)")


class Calls(WeChatClient):  # type: ignore[misc]
    """All of wechatpy's API classes (``.message``, ``.menu`` …) come through `_request`."""

    API_BASE_URL = "/cgi-bin/"

    def __init__(self, app_id: str, transport: Transport, keeper: TokenKeeper) -> None:
        super().__init__(app_id, secret="")
        self._transport = transport
        self._keeper = keeper

    def fetch_access_token(self) -> None:
        raise AssertionError("tokens come from TokenKeeper")

    def raw(self, path: str, params: Mapping[str, str]) -> Answer:
        """A call whose answer may be a file."""
        return self._with_token(
            lambda token: self._transport.call(
                "GET", path, params={**params, "access_token": token}, limit=MAX_MEDIA
            )
        )

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        base = kwargs.get("api_base_url", self.API_BASE_URL)
        url = url_or_endpoint if "://" in url_or_endpoint else base + url_or_endpoint
        # The hosts that wechatpy writes into its API classes are the platform's one origin.
        path = _PLATFORM_HOST.sub("", url)
        if "://" in path:
            raise AssertionError("a call to a host that is not the platform's")
        data = kwargs.get("data")
        body = encode(data) if isinstance(data, dict) else data
        params = dict(kwargs.get("params") or {})

        def call(token: str) -> Answer:
            return self._transport.call(
                method.upper(),
                path,
                params={**params, "access_token": token},
                body=body,
                files=kwargs.get("files"),
                limit=MAX_JSON,
            )

        result = result_of(self._with_token(call), path.strip("/"))
        processor = kwargs.get("result_processor")
        return processor(result) if processor else result

    def _with_token(self, call: Callable[[str], Answer]) -> Answer:
        """Call, and once more with another token where the platform refuses this one."""
        token = self._keeper.token()
        answer = call(token)
        if _refused_token(answer):
            answer = call(self._keeper.token(rejected=token))
        return answer


def _refused_token(answer: Answer) -> bool:
    if answer.body.lstrip()[:1] != b"{" or len(answer.body) > 4_096:
        return False
    try:
        result_of(answer, "")
    except PlatformRefused as refused:
        return refused.code in TOKEN_CODES
    except PlatformUnreachable:
        return False
    return False


def encode(body: Mapping[str, Any]) -> bytes:
    # Not escaped: the platform stores \uXXXX in menus as it stands (40033).
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
