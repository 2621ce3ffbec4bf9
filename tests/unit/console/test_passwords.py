from __future__ import annotations

import asyncio
import threading
import unicodedata

import pytest
from argon2 import PasswordHasher

from bot.console import passwords

GOOD = "长长的-测试密码-2026"


def test_hashing_is_as_strong_as_recommended() -> None:
    """RFC 9106, section 4: the option for memory-constrained machines, or more."""
    kept = passwords.hashed(GOOD)
    assert kept.startswith("$argon2id$")
    parameters = dict(part.split("=") for part in kept.split("$")[3].split(","))
    assert int(parameters["m"]) >= 64 * 1024
    assert int(parameters["t"]) >= 3
    assert GOOD not in kept
    assert passwords.hashed(GOOD) != kept


def test_the_same_password_from_another_keyboard() -> None:
    kept = passwords.hashed("Cafe\u0301-ＡＢＣ-1234")
    assert passwords.matches(unicodedata.normalize("NFC", "Café-ABC-1234"), kept)
    assert not passwords.matches("cafe-ABC-1234", kept)


@pytest.mark.parametrize("kept", [None, "", "not a hash", "$argon2id$v=19$m=1"])
def test_without_a_good_hash_nothing_matches(kept: str | None) -> None:
    assert not passwords.matches("nobody has this password", kept)
    assert not passwords.matches("", kept)


def test_an_absurdly_long_password_is_not_even_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = passwords.hashed(GOOD)
    asked: list[str] = []

    def verify(self: PasswordHasher, kept: str, password: str) -> bool:
        asked.append(password)
        return False

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    assert not passwords.matches("长" * 1_000_000, kept)
    assert asked == [""]


def test_rules() -> None:
    assert passwords.problem_with(GOOD, username="li") is None
    for bad in ("short", "aaaaaaaaaaaaaaaa", "x" * 201, "the-name-LIMEI-2026"):
        problem = passwords.problem_with(bad, username="limei")
        assert problem is not None
        assert " / " in problem


def test_only_a_few_are_checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0
    lock, go = threading.Lock(), threading.Event()

    def slow(password: str, kept: str | None) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        go.wait(5)
        with lock:
            running -= 1
        return True

    monkeypatch.setattr(passwords, "matches", slow)

    async def crowd() -> list[bool | BaseException]:
        checker = passwords.Checker(at_once=2, waiting=3)
        asked = [asyncio.create_task(checker.matches(GOOD, None)) for _ in range(8)]
        # The surplus is refused at once, while the others still work or wait.
        await asyncio.wait(asked, return_when=asyncio.FIRST_EXCEPTION)
        go.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    answers = asyncio.run(crowd())
    assert sum(answer is True for answer in answers) == 5
    assert sum(isinstance(answer, passwords.Busy) for answer in answers) == 3
    assert most == 2
