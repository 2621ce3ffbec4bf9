"""What one sentence says about one reminder: the shape that the rest of the house relies on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Op = Literal[
    "set",
    "change",
    "cancel",
    "snooze",
    "pause",
    "resume",
    "query",
    "checkin_taken",
    "checkin_missed",
    "none",
]
Kind = Literal["medication", "injection", "refill", "follow_up", "visit", "lab"]

# In this order they are asked back.
NEEDS = ("drug", "dose", "date", "times", "am_pm", "lunar", "delta", "confirm")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a gradual change: `when` is "3d" (for so long), a date, or "" (from then on)."""

    dose: str
    when: str = ""


@dataclass(slots=True)
class PlanReading:
    """One reminder, self-contained. Field by field in docs/plan-reading.md.

    `times`, `repeat`, `dose` and the rest hold the strings of the contract. `dose_by_time` is set
    instead of `dose` when the doses differ; its keys are those of `times`.
    """

    op: Op = "set"
    kind: Kind = "medication"
    drug: str | None = None
    dose: str | None = None
    times: list[str] = field(default_factory=list)
    repeat: str | None = None
    needs: list[str] = field(default_factory=list)
    refuse: bool = False
    drug_text: str | None = None
    nonpsych: bool = False
    dose_by_time: dict[str, str] = field(default_factory=dict)
    strength: str | None = None
    per_day: int | None = None
    per_week: int | None = None
    per_month: int | None = None
    times_implied: bool = False
    offset: str | None = None
    lead: str | None = None
    lead_at: str | None = None
    last: str | None = None
    start: str | None = None
    until: str | None = None
    day: str | None = None
    was: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def ask(self, *needs: str) -> None:
        """Note what must be asked back, once each and in the order of asking."""
        self.needs = [need for need in NEEDS if need in self.needs or need in needs]

    def to_contract(self) -> dict[str, Any]:
        """The `reminders` object: eight keys always, the others where the sentence says so."""
        said: dict[str, Any] = {
            "op": self.op,
            "kind": self.kind,
            "drug": self.drug,
            "dose": self.dose,
            "times": list(self.times),
            "repeat": self.repeat,
            "needs": list(self.needs),
            "refuse": self.refuse,
        }
        for key in (
            "drug_text",
            "nonpsych",
            "dose_by_time",
            "strength",
            "per_day",
            "per_week",
            "per_month",
            "times_implied",
            "offset",
            "lead",
            "lead_at",
            "last",
            "start",
            "until",
            "day",
            "was",
        ):
            value = getattr(self, key)
            if value:
                said[key] = list(value) if isinstance(value, list) else value
        return said
