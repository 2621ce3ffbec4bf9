"""Is somebody in danger? The first thing asked of every message, in every state.

Pure and deterministic: no database, no model, no clock. Words, rules and their reasons are data
in `nlu_data/safety/`; `docs/safety.md` shows them to a reviewer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from bot.safety import lexicon, rules, second_reader
from bot.safety.lexicon import Tokens
from bot.safety.rules import Finding
from bot.safety.scene import Circumstance, Scene, drop_denied
from bot.safety.text import Text, normalise

Level = Literal["imminent", "risk", "history", "none"]

_CHUNK, _OVERLAP = 900, 150
"""WeChat ends a message at about 680 characters; anything longer is read in overlapping parts, so
that the time stays proportional to the length."""


@dataclass(frozen=True, slots=True)
class Screening:
    """What was found in a message.

    `level`: `imminent` (now, means at hand, attack or emergency under way), `risk` (wishes,
    threats, relapse, abuse), `history` (past only), `none`.
    `kind`: suicide, self_harm, violence, overdose, med_emergency, missing, relapse, abuse,
    caregiver, homicide_suicide; for `none` also other, info, idiom, negation.
    `why`: ids of the rules that decided, in the order of their place in the message.
    """

    level: Level
    kind: str
    why: tuple[str, ...]

    @property
    def alarm(self) -> bool:
        """A ticket is due and the duty staff are told."""
        return self.level in ("imminent", "risk")


_LEVELS: tuple[Level, ...] = get_args(Level)
_KINDS = (
    "homicide_suicide",
    "overdose",
    "abuse",
    "caregiver",
    "self_harm",
    "suicide",
    "violence",
    "med_emergency",
    "missing",
    "relapse",
)
"""Of several kinds at the same level, the one whose first sentence must not be missed."""


@cache
def _rules() -> tuple[rules.Rule, ...]:
    return rules.load("rules.toml")


_LAUGHED_OFF = re.compile(
    r"(?:[\s，,。.！!…~～]*(?:我?(?:就是|是)?(?:开(?:个|的)?玩笑|逗(?:你|您)玩|说着玩|闹着玩|吓唬(?:你|您))"
    r"(?:的|呢|呀|啊|啦)?|当我没说|[哈嘿呵嘻]{2,}|\[[^\]]{1,4}\]))+[\s，,。.！!…~～]*$"
)

_GRADED = frozenset({"med_emergency", "relapse", "caregiver"})
"""Kinds whose rules say themselves how urgent it is: today's doctor is not tonight's ambulance."""
_EVERYDAY = frozenset({"deceased", "missed_dose", "refusing_medicine", "self_stop"})
_ASKED = ("TOPIC", "STORY", "LAW_Q", "LOST_HARMLESS")


def screen(text: str) -> Screening:
    """Screen one message. Never raises, whatever the string.

    What is said laughing is screened without the laughter too: a joke afterwards lowers nothing.
    """
    serious = _LAUGHED_OFF.sub("", text)
    said = (text,) if serious == text else (text, serious)
    return min((_screen(part) for each in said for part in _parts(each)), key=_rank)


def _parts(text: str) -> Iterator[str]:
    yield text[:_CHUNK]
    for start in range(_CHUNK - _OVERLAP, len(text) - _OVERLAP, _CHUNK - _OVERLAP):
        yield text[start : start + _CHUNK]


def _rank(screening: Screening) -> tuple[int, int]:
    kind = _KINDS.index(screening.kind) if screening.kind in _KINDS else len(_KINDS)
    return _LEVELS.index(screening.level), kind


def _screen(text: str) -> Screening:
    tokens = lexicon.tag(normalise(text))
    asserted = drop_denied(tokens)
    findings = sorted(rules.apply(_rules(), asserted), key=lambda finding: finding.start)
    by_level: dict[str, list[Finding]] = {}
    for finding in findings:
        by_level.setdefault(finding.level, []).append(finding)
    for level in _LEVELS[:-1]:
        if level in by_level:
            found = by_level[level]
            kind = min((f.rule.kind for f in found), key=_KINDS.index)
            why = tuple(dict.fromkeys(f.rule.id for f in found))
            may_be_worse = level == "risk" and kind not in _GRADED
            if may_be_worse and second_reader.read(asserted, explained=True).urgent:
                return Screening("imminent", kind, (*why, "second_reader"))
            return Screening(level, kind, why)
    lowered = by_level.get("none", [])
    harmless = all(finding.because is Circumstance.HARMLESS for finding in lowered)
    if harmless and not Scene(tokens).spoken_of():
        reading = second_reader.read(asserted, explained=bool(lowered))
        if reading.alarm and _of_medicine(asserted.text):
            reading = second_reader.read(asserted, explained=True)
        if reading.alarm:
            level = "imminent" if reading.imminent else "risk"
            return Screening(level, reading.kind, ("second_reader",))
    why = tuple(dict.fromkeys(f"{f.rule.id}:{f.because}" for f in lowered))
    return Screening("none", _harmless_kind(tokens, asserted, harmless=harmless), why)


def _of_medicine(text: Text) -> bool:
    """A dose not taken, tablets refused, reminders after a death: answered by fixed words of
    their own (`bot.safety.medication`), and near in wording to what they are not."""
    tokens = lexicon.tag(text, medication=True)
    found = rules.apply(rules.load("rules_medication.toml"), tokens)
    return any(finding.rule.kind in _EVERYDAY and finding.level != "none" for finding in found)


def _harmless_kind(tokens: Tokens, asserted: Tokens, *, harmless: bool) -> str:
    if any(
        tokens.may_match(each.masks) and not asserted.may_match(each.masks)
        for rule in _rules()
        for each in rule.when
    ):
        return "negation"
    if not harmless or any(cue in tokens for cue in _ASKED):
        return "info"
    if "IDIOM" in tokens or "HIT_HARMLESS" in tokens:
        return "idiom"
    return "other"
