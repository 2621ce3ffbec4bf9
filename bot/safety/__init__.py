"""Crisis screening and medication safety: pure, deterministic, needs nothing else running."""

from bot.safety.screening import Level, Screening, screen

__all__ = ["Level", "Screening", "screen"]
