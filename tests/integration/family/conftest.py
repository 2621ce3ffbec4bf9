from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from bot.console import passwords
from bot.installation import Installation
from tests.integration.family.home import Home


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2 as it is used takes a tenth of a second each."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 64, 1))
    passwords._nobodys_hash.cache_clear()


@pytest.fixture
def home(installation: Installation) -> Home:
    return Home(installation)
