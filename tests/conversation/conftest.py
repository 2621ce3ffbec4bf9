from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from bot.emulator.client import EmulatorClient
from tests.families import Family, family
from tests.system import System


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One installation with the trained Rasa, shared by all conversations."""
    running = System(tmp_path_factory.mktemp("conversations") / "installation")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def phone(system: System) -> EmulatorClient:
    return system.emulator()


_numbers = itertools.count(100)


@pytest.fixture
def new_family(phone: EmulatorClient) -> Callable[[], Family]:
    """A family that nobody has met."""
    return lambda: family(phone, next(_numbers))
