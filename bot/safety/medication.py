"""What is said about medicines, and the fixed safe answers.

Nothing here names a dose, a catch-up dose, a reduction or a way to hide tablets. Words and rules
are in `words_medication.toml` and `rules_medication.toml`, the answers in `replies.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from bot.safety import lexicon, rules
from bot.safety.replies import sentences
from bot.safety.screening import Screening, screen
from bot.safety.text import normalise

Severity = Literal["mild", "urgent", "emergency"]

_URGENT = frozenset({"pregnancy", "alcohol", "extra_dose"})


@dataclass(frozen=True, slots=True)
class MedicationConcern:
    """What a message says about a medicine.

    `kind`: side_effect, missed_dose, extra_dose (taken twice, or somebody else's),
    self_reduction, self_stop, self_increase, hide_in_food, no_prescription, interaction,
    pregnancy, alcohol, deceased, refusing_medicine.
    `severity`: `emergency` goes to hospital now and agrees with `screen` (imminent), `urgent` is
    heard by a doctor today, `mild` can wait for the next call.
    """

    kind: str
    severity: Severity
    why: tuple[str, ...]


def check(text: str) -> MedicationConcern | None:
    """The medication matter of a message, or None. Never raises, whatever the string."""
    tokens = lexicon.tag(normalise(text), medication=True)
    found = {
        finding.rule.kind: finding.rule.id
        for finding in rules.apply(_rules(), tokens)
        if finding.level != "none"
    }
    if "deceased" in found:
        return MedicationConcern("deceased", "mild", (found["deceased"],))
    danger = screen(text)
    if danger.level == "imminent" and danger.kind in ("med_emergency", "overdose"):
        kind = "side_effect" if danger.kind == "med_emergency" else "extra_dose"
        return MedicationConcern(kind, "emergency", danger.why)
    if danger.level == "risk" and danger.kind == "overdose":
        return MedicationConcern("extra_dose", "urgent", danger.why)
    kind = next((rule.kind for rule in _rules() if rule.kind in found), "")
    if not kind:
        return _urgent_sign(danger)
    if kind == "side_effect" and danger.kind == "med_emergency":
        return MedicationConcern(kind, "urgent", (found[kind], *danger.why))
    return MedicationConcern(kind, "urgent" if kind in _URGENT else "mild", (found[kind],))


def medication_reply(
    concern: MedicationConcern, *, reminders_stopped: bool = False
) -> tuple[str, ...]:
    """The answer, first sentence first; each fits a small screen.

    `reminders_stopped` is set by a caller who has stopped every reminder of this patient; only
    then does the answer for `deceased` say so.
    """
    if concern.kind == "deceased":
        said = sentences("medication", "deceased")
        stopped = sentences("medication", "deceased_stopped") if reminders_stopped else ()
        return (*said, *stopped)
    if concern.severity == "emergency":
        kind = "med_emergency" if concern.kind == "side_effect" else "overdose"
        return sentences("imminent", kind)
    if concern.kind == "side_effect" and concern.severity == "urgent":
        return sentences("medication", "side_effect_urgent")
    return sentences("medication", concern.kind)


@cache
def _rules() -> tuple[rules.Rule, ...]:
    return rules.load("rules_medication.toml")


def _urgent_sign(danger: Screening) -> MedicationConcern | None:
    if danger.level == "risk" and danger.kind == "med_emergency":
        return MedicationConcern("side_effect", "urgent", danger.why)
    return None
