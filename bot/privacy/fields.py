"""Encryption of single fields, and blind indexes to find them again.

Ciphertext layout: 1 byte version, 4 bytes key id, 12 bytes nonce, AES-256-GCM output. The
place of the value (``table.column``, and the row where it is known beforehand) is bound in as
associated data, so that ciphertext copied elsewhere does not decrypt.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

VERSION = b"\x01"
_HEADER = 1 + 4 + 12


class FieldUnreadable(Exception):
    """The stored field cannot be decrypted: wrong place, damaged, or its key is gone."""


class FieldCipher:
    """Seals and opens field values with the installation's keys (newest first).

    `index_key` keys the blind indexes and is independent of the encryption keys, so that
    rotating those leaves indexes valid.
    """

    def __init__(self, keys: tuple[bytes, ...], index_key: bytes) -> None:
        if not keys:
            raise ValueError("at least one encryption key is needed")
        self._by_id = {key_id(key): AESGCM(key) for key in keys}
        self._newest_id = key_id(keys[0])
        self._newest = AESGCM(keys[0])
        self._index_key = index_key

    def seal(self, value: str, *, place: str) -> bytes:
        """Encrypt ``value`` for the column ``place`` (``"table.column"``)."""
        nonce = os.urandom(12)
        sealed = self._newest.encrypt(nonce, value.encode(), place.encode())
        return VERSION + self._newest_id + nonce + sealed

    def open(self, sealed: bytes, *, place: str) -> str:
        """Decrypt what `seal` made; raises `FieldUnreadable`."""
        if len(sealed) < _HEADER or sealed[:1] != VERSION:
            raise FieldUnreadable("not a sealed field")
        aead = self._by_id.get(sealed[1:5])
        if aead is None:
            raise FieldUnreadable(f"no key with id {sealed[1:5].hex()}")
        try:
            return aead.decrypt(sealed[5:17], sealed[17:], place.encode()).decode()
        except InvalidTag as error:
            raise FieldUnreadable(f"not sealed for {place}") from error

    def seal_json(self, value: Any, *, place: str) -> bytes:
        return self.seal(json.dumps(value, ensure_ascii=False), place=place)

    def open_json(self, sealed: bytes, *, place: str) -> Any:
        return json.loads(self.open(sealed, place=place))

    @property
    def newest_key_id(self) -> bytes:
        """What bytes 2–5 of everything sealed from now on are."""
        return self._newest_id

    def mac(self, content: bytes, *, purpose: str) -> bytes:
        """Keyed digest of content that has to stay as it is; 32 bytes."""
        key = hmac.new(self._index_key, purpose.encode(), hashlib.sha256).digest()
        return hmac.new(key, content, hashlib.sha256).digest()

    def blind_index(self, value: str, *, place: str) -> bytes:
        """Keyed hash of a value that the caller has normalised; 16 bytes."""
        digest = hmac.new(self._index_key, f"{place}\0{value}".encode(), hashlib.sha256).digest()
        return digest[:16]


def key_id(key: bytes) -> bytes:
    """Four bytes that name a key without revealing it."""
    return hashlib.sha256(b"jingkang key id\0" + key).digest()[:4]


class _Keyring:
    """The process's cipher, installed once at start by the door that opens the database."""

    def __init__(self) -> None:
        self._cipher: FieldCipher | None = None

    def install(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    @property
    def cipher(self) -> FieldCipher:
        if self._cipher is None:
            raise FieldUnreadable("the process has opened no installation: no keys are installed")
        return self._cipher


keyring = _Keyring()


class SealedText(TypeDecorator[str]):
    """A text column that is ciphertext in the database; ``place`` is ``"table.column"``."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring.cipher.seal(value, place=self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else keyring.cipher.open(bytes(value), place=self.place)


class SealedJson(TypeDecorator[Any]):
    """A JSON value that is ciphertext in the database. Assign anew; changes inside go unseen."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring.cipher.seal_json(value, place=self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else keyring.cipher.open_json(bytes(value), place=self.place)


def blind_index(value: str, *, place: str) -> bytes:
    """Keyed hash of a normalised value, for the index column of ``place``; 16 bytes."""
    return keyring.cipher.blind_index(value, place=place)
