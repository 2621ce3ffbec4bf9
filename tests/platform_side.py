"""The platform's side of one account, for tests of the callback: seals pushes, opens replies.

Made with the emulator's own crypto, so that a mistake of ours is not mirrored.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from bot.emulator.cipher import MessageCipher, signature

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Push:
    url: str
    body: bytes


class PlatformSide:
    def __init__(
        self, token: str, aes_key: str, app_id: str, clock: Callable[[], datetime]
    ) -> None:
        self._token = token
        self._cipher = MessageCipher(aes_key, app_id)
        self._clock = clock

    def xml(self, openid: str, **fields: str) -> str:
        inner = "".join(
            f"<{name}><![CDATA[{_cdata(value)}]]></{name}>" for name, value in fields.items()
        )
        created = int(self._clock().timestamp())
        return (
            f"<xml><ToUserName><![CDATA[gh_test]]></ToUserName>"
            f"<FromUserName><![CDATA[{openid}]]></FromUserName>"
            f"<CreateTime>{created}</CreateTime>{inner}</xml>"
        )

    def text(self, openid: str, content: str, *, mode: str = "safe", age: int = 0) -> Push:
        message = self.xml(openid, MsgType="text", Content=content, MsgId=f"{next(_numbers)}")
        # The platform sends MsgId as a bare number.
        message = re.sub(r"<MsgId><!\[CDATA\[(\d+)\]\]></MsgId>", r"<MsgId>\1</MsgId>", message)
        return self.sealed(message, mode=mode, age=age)

    def sealed(self, message: str, *, mode: str = "safe", age: int = 0) -> Push:
        timestamp = str(int(self._clock().timestamp()) - age)
        nonce = f"nonce{next(_numbers)}"
        query = {
            "signature": signature(self._token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
        }
        if mode == "plain":
            return Push(_url(query), message.encode())
        encrypted = self._cipher.encrypt(message)
        query |= {
            "encrypt_type": "aes",
            "msg_signature": signature(self._token, timestamp, nonce, encrypted),
        }
        plain = message.removeprefix("<xml>").removesuffix("</xml>") if mode == "compatible" else ""
        body = f"<xml>{plain}<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        return Push(_url(query), body.encode())

    def verification(self, echo: str) -> str:
        timestamp, nonce = str(int(self._clock().timestamp())), "n"
        query = {
            "signature": signature(self._token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "echostr": echo,
        }
        return _url(query)

    def open_reply(self, body: bytes, *, encrypted: bool = True) -> str:
        """The words of a passive reply."""
        text = body.decode()
        if encrypted:
            found = re.search(r"<Encrypt><!\[CDATA\[(.*?)\]\]></Encrypt>", text)
            assert found, text
            text = self._cipher.decrypt(found[1])
        content = re.search(r"<Content><!\[CDATA\[(.*?)\]\]></Content>", text, re.DOTALL)
        assert content, text
        return content[1]


def _url(query: dict[str, str]) -> str:
    return f"/wechat/callback?{urlencode(query)}"


def _cdata(value: str) -> str:
    return value.replace("]]>", "]]]]><![CDATA[>")
