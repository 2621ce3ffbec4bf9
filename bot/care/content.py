"""What is ordered, apart from when: medicine, doses, strengths. Sealed wherever it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Content:
    """``dose_by_time`` has slots as keys; ``steps`` are (first day, dose), the earliest first."""

    drug: str | None = None
    drug_text: str | None = None
    """As the family wrote it, where that is not the generic name."""
    dose: str | None = None
    dose_by_time: dict[str, str] = field(default_factory=dict)
    strength: str | None = None
    steps: tuple[tuple[str, str], ...] = ()
    place: str | None = None
    bring: str | None = None
    lead: str | None = None
    """When to remind of a visit: ``1d,0d``, ``120m``."""
    lead_at: str | None = None

    @property
    def name(self) -> str:
        """What staff and family call it."""
        return self.drug or self.drug_text or "药"

    def dose_on(self, day: date, slot: str) -> str | None:
        """The dose ordered for one occurrence, as said (``1.5片``)."""
        dose = self.dose_by_time.get(slot, self.dose)
        for first, stepped in self.steps:
            if date.fromisoformat(first) <= day:
                dose = stepped
        return dose

    def to_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Content:
        steps = tuple((first, dose) for first, dose in kept.get("steps", ()))
        return cls(**{**kept, "steps": steps})
