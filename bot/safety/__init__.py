"""Crisis screening and medication safety: pure, deterministic, needs nothing else running."""

from bot.safety.medication import MedicationConcern, check, medication_reply
from bot.safety.replies import crisis_reply
from bot.safety.screening import Level, Screening, screen

__all__ = [
    "Level",
    "MedicationConcern",
    "Screening",
    "check",
    "crisis_reply",
    "medication_reply",
    "screen",
]
