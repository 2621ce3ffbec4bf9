"""What the bot understands of one sentence: crisis, intent and medication plans, put together."""

from __future__ import annotations

from typing import Any

from bot.care.reading import read
from bot.nlu.intents import outside
from bot.nlu.linear import LinearModel
from bot.safety import screen

NOT_CRISIS = {"caregiver": "caregiver_stress"}
"""Kinds of risk whose outside intent is another one: it is the carer who needs help."""


def understand(text: str, model: LinearModel) -> dict[str, Any]:
    """One object of ``jingkang understand``: text, crisis, intent, reminders."""
    found = screen(text)
    name, confidence = outside_intent(text, model)
    if found.level == "imminent" or (found.level == "risk" and found.kind not in NOT_CRISIS):
        name, confidence = "crisis", 1.0
    return {
        "text": text,
        "crisis": {"level": found.level, "kind": found.kind},
        "intent": {"name": name, "confidence": round(confidence, 4)},
        "reminders": [plan.to_contract() for plan in read(text)],
    }


def outside_intent(text: str, model: LinearModel) -> tuple[str, float]:
    """The outside intent that the fine ones of the model speak for together."""
    shares: dict[str, float] = {}
    for fine, share in model.parse(text).ranking:
        shares[outside(fine)] = shares.get(outside(fine), 0.0) + share
    return max(shares.items(), key=lambda item: item[1])
