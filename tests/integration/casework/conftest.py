from __future__ import annotations

import pytest

from bot.installation import Installation
from tests.integration.casework.town import Town


@pytest.fixture
def town(installation: Installation) -> Town:
    return Town(installation)
