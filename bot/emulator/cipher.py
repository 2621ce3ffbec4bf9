"""Signatures and AES of the callback, written from the platform's description alone.

Official pages: subscription/guide/dev/push/encryption and oplatform/…/Technical_Plan: AES-256-CBC,
IV = first half of the key, PKCS#7 with blocks of 32 bytes, and inside
`16 random bytes + length (4 bytes, network order) + message + app id`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32


class CipherError(Exception):
    """What was received cannot be decrypted or is not meant for this account."""


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


class MessageCipher:
    """Encrypts and decrypts for one EncodingAESKey (43 characters)."""

    def __init__(self, aes_key: str, app_id: str) -> None:
        try:
            key = base64.b64decode(aes_key + "=", validate=True)
        except binascii.Error as error:
            raise ValueError("the AES key is not base64") from error
        if len(aes_key) != 43 or len(key) != 32:
            raise ValueError("the AES key must have 43 characters")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._app_id = app_id.encode()

    def encrypt(self, message: str) -> str:
        content = message.encode()
        plain = secrets.token_bytes(16) + struct.pack("!I", len(content)) + content + self._app_id
        pad = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def decrypt(self, sealed: str) -> str:
        try:
            raw = base64.b64decode(sealed, validate=True)
            decryptor = self._cipher.decryptor()
            plain = decryptor.update(raw) + decryptor.finalize()
            pad = plain[-1]
            if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
                raise CipherError("wrong padding")
            plain = plain[:-pad]
            (length,) = struct.unpack("!I", plain[16:20])
            content, app_id = plain[20 : 20 + length], plain[20 + length :]
            if app_id != self._app_id:
                raise CipherError("meant for another app id")
            return content.decode()
        except (ValueError, IndexError, struct.error) as error:
            raise CipherError(f"cannot be decrypted: {error}") from error
