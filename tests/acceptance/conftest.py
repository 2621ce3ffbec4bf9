from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system import System


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kills", type=int, default=20, help="how many kill -9 the killing test spreads (100)"
    )


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """A whole installation of one test."""
    running = System(tmp_path / "installation")
    running.start()
    yield running
    running.stop()
