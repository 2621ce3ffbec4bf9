"""What the bot understands of one message: crisis, intents and medication plans, put together.

The linear model says what a message is about, the screening how dangerous it is. Neither
overrules the other: the screening shifts the odds of the topics that a danger speaks for, and
the strongest topic is the intent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.care.reading import PlanReading, read
from bot.dialogue.wishes import URGENCY, wishes_of
from bot.nlu.linear import LinearModel
from bot.safety import Screening, screen

SETTLED = 1e6
EVIDENCE: dict[tuple[str, str], dict[str, float]] = {
    ("imminent", "overdose"): {"crisis": SETTLED},
    ("imminent", "suicide"): {"crisis": SETTLED},
    ("imminent", "self_harm"): {"crisis": SETTLED},
    ("imminent", "homicide_suicide"): {"crisis": SETTLED},
    ("imminent", "violence"): {"crisis": 30.0},
    ("imminent", "missing"): {"crisis": 30.0},
    ("imminent", "caregiver"): {"crisis": 100.0},
    ("imminent", "abuse"): {"crisis": 30.0, "complaint": 10.0},
    ("imminent", "med_emergency"): {"crisis": 10.0, "side_effect": 10.0},
    ("risk", "suicide"): {"crisis": 30.0},
    ("risk", "self_harm"): {"crisis": 30.0},
    ("risk", "homicide_suicide"): {"crisis": 30.0},
    ("risk", "violence"): {"crisis": 10.0},
    ("risk", "missing"): {"crisis": 10.0},
    ("risk", "relapse"): {"crisis": 5.0, "green_channel": 5.0},
    ("risk", "abuse"): {"crisis": 10.0, "complaint": 10.0},
    ("risk", "med_emergency"): {"crisis": 5.0, "side_effect": 10.0},
}
"""How many times likelier what was screened makes a topic.

A danger is not always what the message is about: drug emergencies belong to `side_effect`, abuse
by staff to `complaint`, a carer's despair to `caregiver_stress`, a relapse whose family looks for
a bed to `green_channel`. The danger itself is answered by the screening in any case.
"""
UNCERTAIN = ("second_reader",)
HINT = 8.0
"""No rule found the danger, the words only resemble one: the family is answered for it, but what
the message is about the model may know better."""
NOTHING_FOUND = {"crisis": 0.02}
"""The screening knows idioms, denials and the past far better than the model does."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """One message understood. ``also`` are further outside intents of it, most urgent first."""

    text: str
    crisis: Screening
    intent: str
    confidence: float
    also: tuple[str, ...]
    plans: Sequence[PlanReading]

    def to_contract(self) -> dict[str, Any]:
        """The object of ``jingkang understand``."""
        return {
            "text": self.text,
            "crisis": {"level": self.crisis.level, "kind": self.crisis.kind},
            "intent": {"name": self.intent, "confidence": round(self.confidence, 4)},
            "reminders": [plan.to_contract() for plan in self.plans],
        }


def understand(text: str, model: LinearModel) -> Understanding:
    """Never raises for any text."""
    found, plans = screen(text), read(text)
    chances = topics(text, model, screening=found)
    intent = max(chances, key=chances.__getitem__)
    return Understanding(
        text=text,
        crisis=found,
        intent=intent,
        confidence=chances[intent],
        also=_also(text, model, intent=intent),
        plans=plans,
    )


def topics(text: str, model: LinearModel, *, screening: Screening) -> dict[str, float]:
    """Probability of each outside intent, with what the screening found."""
    odds = dict(model.parse(text).topics)
    for topic, times in _evidence(screening).items():
        odds[topic] = odds.get(topic, 0.0) * times
    total = math.fsum(odds.values())
    return {topic: share / total for topic, share in odds.items()}


def _also(text: str, model: LinearModel, *, intent: str) -> tuple[str, ...]:
    """Further wishes of a message that is mainly about ``intent``."""
    topics_meant = {wish.topic for wish in wishes_of(text, model)}
    return tuple(topic for topic in URGENCY if topic in topics_meant and topic != intent)


def _evidence(screening: Screening) -> dict[str, float]:
    if screening.level in ("none", "history"):
        return NOTHING_FOUND
    evidence = EVIDENCE.get((screening.level, screening.kind), {})
    if screening.why == UNCERTAIN:
        return {topic: min(times, HINT) for topic, times in evidence.items()}
    return evidence
