"""Passwords: rules, and hashing that a flood of sign-ins cannot turn against the server.

argon2id takes some 100 ms and 64 MiB for each password. So few are hashed at once, a bounded
number waits, and the rest is told to come again; the web process stays free for the platform's
callback.
"""

from __future__ import annotations

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 200
FEWEST_DIFFERENT = 5
AT_ONCE = 2
WAITING = 20

_hasher = PasswordHasher()


class Busy(Exception):
    """Too many sign-ins at this moment."""


def problem_with(password: str, *, username: str) -> str | None:
    """Why a password may not be used, as ``中文 / English``; None when it may."""
    password = _normal(password)
    if len(password) < SHORTEST:
        return (
            f"密码至少要 {SHORTEST} 个字符。 / The password needs at least {SHORTEST} characters."
        )
    if len(password) > LONGEST:
        return f"密码最多 {LONGEST} 个字符。 / The password has more than {LONGEST} characters."
    if len(set(password)) < FEWEST_DIFFERENT:
        return "密码太简单，不同的字符太少。 / The password repeats too few characters."
    if username and username in password.lower():
        return "密码里不要写登录名。 / The password must not contain the username."
    return None


def hashed(password: str) -> str:
    """The argon2id hash to keep."""
    return _hasher.hash(_normal(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one of the hash.

    Without a hash (nobody has this name) the work is the same and the answer is no, so that the
    time tells nothing about which names exist.
    """
    if len(password) > LONGEST:
        password = ""
    try:
        right = _hasher.verify(_nobodys_hash() if kept is None else kept, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and kept is not None


def is_outdated(kept: str) -> bool:
    """The hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


class Checker:
    """Checks passwords beside the event loop, a few at once. One per process."""

    def __init__(self, *, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._places = at_once + waiting

    async def matches(self, password: str, kept: str | None) -> bool:
        """As `matches`; raises `Busy` when too many are waiting already."""
        return bool(await self._run(matches, password, kept))

    async def hashed(self, password: str) -> str:
        """As `hashed`; raises `Busy`."""
        return str(await self._run(hashed, password))

    async def _run(self, work: object, *arguments: object) -> object:
        if not self._places:
            raise Busy
        self._places -= 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, work, *arguments)  # type: ignore[arg-type]
        finally:
            self._places += 1


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")


def _normal(password: str) -> str:
    """The same password from every keyboard (NIST SP 800-63B 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
