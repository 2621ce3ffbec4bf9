"""Every table of the application, loaded: for processes that write, and for migrations."""

from __future__ import annotations

from bot.casework import models as casework
from bot.console import models as console
from bot.db.base import Base
from bot.delivery import models as delivery
from bot.dialogue import models as dialogue
from bot.family import models as family
from bot.policy import models as policy
from bot.privacy import models as privacy
from bot.wechat import models as wechat

__all__ = [
    "Base",
    "casework",
    "console",
    "delivery",
    "dialogue",
    "family",
    "policy",
    "privacy",
    "wechat",
]
