"""What the bot understands of one sentence: crisis, intent and medication plans, put together."""

from __future__ import annotations

from typing import Any

from bot.care.reading import read
from bot.nlu.linear import LinearModel
from bot.safety import screen

NOT_CRISIS = {"caregiver": "caregiver_stress"}
"""Kinds of risk whose outside intent is another one: it is the carer who needs help."""


def understand(text: str, model: LinearModel) -> dict[str, Any]:
    """One object of ``jingkang understand``: text, crisis, intent, reminders."""
    found = screen(text)
    name, confidence = model.parse(text).topics[0]
    if found.level == "imminent" or (found.level == "risk" and found.kind not in NOT_CRISIS):
        name, confidence = "crisis", 1.0
    return {
        "text": text,
        "crisis": {"level": found.level, "kind": found.kind},
        "intent": {"name": name, "confidence": round(confidence, 4)},
        "reminders": [plan.to_contract() for plan in read(text)],
    }
