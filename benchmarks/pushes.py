"""Encrypted pushes as the platform sends them, made beforehand."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.load import Post
from bot.emulator.cipher import MessageCipher, signature

_ids = itertools.count(10**15)


class Platform:
    """The platform's side of one account: seals pushes for it."""

    def __init__(self, *, token: str, aes_key: str, app_id: str) -> None:
        self.token = token
        self.aes_key = aes_key
        self.app_id = app_id
        self._cipher = MessageCipher(aes_key, app_id)

    @classmethod
    def of_installation(cls, data_dir: Path) -> Platform:
        kept = json.loads((data_dir / "development-secrets.json").read_text())
        return cls(token=kept["token"], aes_key=kept["aes_key"], app_id=kept["app_id"])

    def text(self, openid: str, content: str, path: str = "/wechat/callback") -> Post:
        """A push of a text message in 安全模式."""
        message = (
            f"<xml><ToUserName><![CDATA[gh_bench]]></ToUserName>"
            f"<FromUserName><![CDATA[{openid}]]></FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{content}]]></Content><MsgId>{next(_ids)}</MsgId></xml>"
        )
        sealed = self._cipher.encrypt(message)
        timestamp, nonce = str(int(time.time())), f"{next(_ids)}"
        query = urlencode(
            {
                "signature": signature(self.token, timestamp, nonce),
                "timestamp": timestamp,
                "nonce": nonce,
                "openid": openid,
                "encrypt_type": "aes",
                "msg_signature": signature(self.token, timestamp, nonce, sealed),
            }
        )
        body = (
            f"<xml><ToUserName><![CDATA[gh_bench]]></ToUserName>"
            f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        )
        return Post(f"{path}?{query}", body.encode())

    def open_reply(self, body: bytes) -> str:
        """The text of a passive reply; empty for ``success``."""
        if b"<Encrypt>" not in body:
            return ""
        sealed = body.split(b"<Encrypt><![CDATA[", 1)[1].split(b"]]>", 1)[0].decode()
        return self._cipher.decrypt(sealed)
