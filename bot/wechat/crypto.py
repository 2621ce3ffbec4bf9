"""The platform's signatures and encryption (消息加解密说明, 消息推送).

Three modes: 明文 (signature over token, timestamp, nonce), 兼容 and 安全 (``encrypt_type=aes``,
``msg_signature`` also over ``Encrypt``). In the encrypted modes only the ciphertext is believed:
the plain fields that 兼容 sends beside it are covered by no signature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wechatpy.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

from bot.wechat.markup import Unreadable, read

WINDOW = timedelta(minutes=10)
"""How far a push's timestamp may be from our clock: retries take seconds, clocks drift minutes."""

_PASSED_AS_IS = ("", "success")
"""Answers that the platform takes unencrypted in every mode (被动回复用户消息)."""


class NotFromPlatform(Exception):
    """No or a wrong signature, another account, or a replay: answer ``status`` and do nothing."""

    def __init__(self, reason: str, *, status: int = 403) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class CallbackQuery:
    """The query parameters that the platform adds to the callback's address."""

    signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    encrypt_type: str = ""
    msg_signature: str = ""
    echostr: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> CallbackQuery:
        return cls(**{name: params.get(name, "") for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class Opened:
    """A push whose sender is proven. ``message`` is its XML or JSON, still to be read."""

    message: bytes = field(repr=False)
    timestamp: str
    nonce: str
    key: int | None = None
    """Which of the AES keys opened it; None where it was not encrypted."""
    json: bool = False
    """The account's data format is JSON, so the encrypted reply's envelope must be too."""

    @property
    def encrypted(self) -> bool:
        return self.key is not None


class CallbackCrypto:
    """Opens pushes to one account and seals the replies.

    ``aes_keys`` are EncodingAESKeys of 43 characters, current first, then previous ones.
    ``allow_plain`` says whether an unencrypted push is believed although a key is set. The
    platform sends none then (both encrypted modes carry ``Encrypt``), and the plain signature
    covers no content, so it defaults to "only where there is no key".
    """

    def __init__(
        self,
        *,
        token: str,
        app_id: str,
        aes_keys: Sequence[str] = (),
        allow_plain: bool | None = None,
    ) -> None:
        self._token = token
        self._app_id = app_id
        self._ciphers = [_Cipher(decode_aes_key(key)) for key in aes_keys]
        self._allow_plain = not aes_keys if allow_plain is None else allow_plain

    def verify_echo(self, query: CallbackQuery) -> str:
        """The text to answer a GET with (``echostr``, raw). Raises `NotFromPlatform`."""
        self._check(query.signature, query.timestamp, query.nonce)
        return query.echostr

    def open(self, body: bytes, query: CallbackQuery, *, now: datetime | None = None) -> Opened:
        """Prove a POST's sender and decrypt its message.

        Raises `NotFromPlatform`, or `Unreadable` where the sender is right and the content is not.
        With ``now`` the timestamp must be within `WINDOW` of it.
        """
        if query.encrypt_type.lower() != "aes":
            return self._open_plain(body, query, now)
        if not query.msg_signature:
            raise NotFromPlatform("no msg_signature", status=401)
        try:
            is_json, fields = read(body)
        except Unreadable:
            self._check(query.signature, query.timestamp, query.nonce)
            raise
        ciphertext = fields.raw("Encrypt").strip()
        if self._ciphers and ciphertext:
            self._check(query.msg_signature, query.timestamp, query.nonce, ciphertext)
            _check_fresh(query.timestamp, now)
            key, message = self._decrypt(ciphertext)
            return Opened(message, query.timestamp, query.nonce, key, is_json)
        if not self._ciphers and fields.has("FromUserName"):
            return self._open_plain(body, query, now)  # 兼容 mode, and we were given no key
        # Nothing to check msg_signature against: let the other signature tell who this is from.
        self._check(query.signature, query.timestamp, query.nonce)
        raise Unreadable("an encrypted push without Encrypt, or no key to open it with")

    def seal(self, reply: str, opened: Opened, *, now: datetime, nonce: str | None = None) -> str:
        """The body to answer ``opened`` with: ``reply``, encrypted with the key that opened it."""
        if opened.key is None or reply in _PASSED_AS_IS:
            return reply
        nonce = nonce or secrets.token_hex(8)
        timestamp = int(now.timestamp())
        ciphertext = self._ciphers[opened.key].seal(reply, self._app_id)
        signature = sign(self._token, str(timestamp), nonce, ciphertext)
        if opened.json:
            return json.dumps(
                {
                    "Encrypt": ciphertext,
                    "MsgSignature": signature,
                    "TimeStamp": timestamp,
                    "Nonce": nonce,
                }
            )
        return (
            f"<xml><Encrypt><![CDATA[{ciphertext}]]></Encrypt>"
            f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )

    def _open_plain(self, body: bytes, query: CallbackQuery, now: datetime | None) -> Opened:
        self._check(query.signature, query.timestamp, query.nonce)
        if not self._allow_plain:
            raise NotFromPlatform("not encrypted, although this account has a key")
        _check_fresh(query.timestamp, now)
        return Opened(body, query.timestamp, query.nonce)

    def _check(self, given: str, *parts: str) -> None:
        if not given:
            raise NotFromPlatform("no signature", status=401)
        expected = sign(self._token, *parts)
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            raise NotFromPlatform("wrong signature")

    def _decrypt(self, ciphertext: str) -> tuple[int, bytes]:
        other_account = False
        for number, cipher in enumerate(self._ciphers):
            try:
                message, app_id = cipher.unseal(ciphertext)
            except Unreadable:
                continue  # sealed with another key
            if app_id == self._app_id.encode():
                return number, message
            other_account = True
        if other_account:
            raise NotFromPlatform("encrypted for another account")
        raise Unreadable("no key opens it")


class ReplayGuard:
    """Remembers which message came with which timestamp and nonce.

    The platform repeats a push unchanged when it got no answer, so a repeat passes (the inbox
    joins it); another message under a nonce already used is a forgery on a stolen address, which
    the signature of 明文 mode does not reveal. Kept per process: with several, each sees its part.
    """

    def __init__(self, *, window: timedelta = WINDOW, capacity: int = 100_000) -> None:
        self._window = window
        self._capacity = capacity
        self._seen: dict[tuple[str, str], tuple[datetime, bytes]] = {}

    def admit(self, opened: Opened, *, now: datetime) -> None:
        """Raises `NotFromPlatform` for another message under a known timestamp and nonce."""
        # A timestamp may lie up to a window ahead of our clock and is valid one window after it.
        horizon = now - 2 * self._window
        while self._seen:
            oldest = next(iter(self._seen))
            if self._seen[oldest][0] > horizon and len(self._seen) < self._capacity:
                break
            del self._seen[oldest]
        digest = hashlib.sha256(opened.message).digest()
        known = self._seen.setdefault((opened.timestamp, opened.nonce), (now, digest))
        if not hmac.compare_digest(known[1], digest):
            raise NotFromPlatform("nonce used for another message")


def sign(token: str, *parts: str) -> str:
    """The platform's signature: SHA-1 of the sorted and joined parts, in hexadecimal."""
    signer = WeChatSigner()
    signer.add_data(*(part.encode("utf-8", "replace") for part in (token, *parts)))
    signature: str = signer.signature
    return signature


def decode_aes_key(encoding_aes_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey. Raises ValueError without showing it."""
    try:
        key = base64.b64decode(encoding_aes_key + "=", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(encoding_aes_key) != 43 or len(key) != 32:
        raise ValueError("an EncodingAESKey has 43 letters and digits, as the platform shows it")
    return key


def _check_fresh(timestamp: str, now: datetime | None) -> None:
    if now is None:
        return
    try:
        age = abs(now.timestamp() - int(timestamp))
    except (ValueError, OverflowError):
        raise NotFromPlatform("no readable timestamp") from None
    if age > WINDOW.total_seconds():
        raise NotFromPlatform("timestamp outside the time window")


class _Cipher(PrpCrypto):  # type: ignore[misc]
    """wechatpy's AES-CBC with its padding to 32, unpacked strictly and salted well.

    wechatpy believes the last byte and the length it finds, so that garbage becomes struct.error
    or a wrong text, and draws its salt from ``random``.
    """

    def get_random_string(self) -> bytes:
        return secrets.token_bytes(16)

    def seal(self, message: str, app_id: str) -> str:
        sealed: bytes = self.encrypt(message, app_id)
        return sealed.decode("ascii")

    def unseal(self, ciphertext: str) -> tuple[bytes, bytes]:
        """Message and app id. Raises `Unreadable` for anything not sealed with this key."""
        try:
            sealed = base64.b64decode("".join(ciphertext.split()), validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable("Encrypt is not base64") from None
        if not sealed or len(sealed) % 16:
            raise Unreadable("Encrypt is not whole AES blocks")
        padded: bytes = self.cipher.decrypt(sealed)
        padding = padded[-1]
        if not 1 <= padding <= 32 or padded[-padding:] != bytes([padding]) * padding:
            raise Unreadable("wrong padding")
        content = padded[16:-padding]
        length = int.from_bytes(content[:4], "big")
        if len(content) < 4 + length:
            raise Unreadable("wrong length")
        return content[4 : 4 + length], content[4 + length :]
