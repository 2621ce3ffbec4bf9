"""Every table of the application, loaded: for processes that write, and for migrations."""

from __future__ import annotations

from bot.care import models as care
from bot.casework import course_models as course
from bot.casework import institution_models as institutions
from bot.casework import models as casework
from bot.casework import team_models as teams
from bot.casework.complaints import models as complaints
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
    "care",
    "casework",
    "complaints",
    "console",
    "course",
    "delivery",
    "dialogue",
    "family",
    "institutions",
    "policy",
    "privacy",
    "teams",
    "wechat",
]
