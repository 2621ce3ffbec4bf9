"""A second reader for sentences in which no rule found anything.

People say a thing in more ways than anybody lists. This reader knows no meaning: it adds up
weights of characters, pairs of characters and concepts (`second_reader.tsv`, written by
`bot.safety.training`) and says how much a sentence resembles crisis messages rather than the
everyday ones of this service. It can only raise an alarm, never lower one, and it is asked only
where the rules are silent, so that every lowering keeps a reason a person can read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from bot.safety.lexicon import Tokens
from bot.safety.text import DATA, Text

FILE = "second_reader.tsv"
KINDS_FILE = "second_reader_kinds.tsv"
_WINDOW = 60
"""Characters read at once: the worst part of a long message counts, not its average."""
_IF_EXPLAINED = 2.5
"""More than the usual score, where a rule has spoken."""
_URGENT = 1.5
"""Score for imminent from which a rule that found a risk is overruled."""


class Weights(NamedTuple):
    """`alarm` and `imminent` by feature; the biases are under the empty feature."""

    alarm: dict[str, float]
    imminent: dict[str, float]
    alarm_from: float


class Reading(NamedTuple):
    """`alarm`: resembles a crisis; `imminent`: and rather one that is happening now; `urgent`: so
    much so that a rule which found a risk is overruled; `kind`: which crisis it resembles most."""

    alarm: bool
    imminent: bool
    urgent: bool
    kind: str


@cache
def load() -> Weights:
    """Read the weights; the first line holds the score from which an alarm is raised."""
    alarm: dict[str, float] = {}
    imminent: dict[str, float] = {}
    first, *lines = (DATA / FILE).read_text(encoding="utf-8").splitlines()
    for line in lines:
        feature, for_alarm, for_imminent = line.split("\t")
        alarm[feature] = float(for_alarm)
        imminent[feature] = float(for_imminent)
    return Weights(alarm, imminent, float(first.split("\t")[1]))


@cache
def load_kinds() -> dict[str, dict[str, float]]:
    """Weights by kind and feature; the first line names the kinds."""
    first, *lines = (DATA / KINDS_FILE).read_text(encoding="utf-8").splitlines()
    kinds = first.split("\t")[1:]
    weights: dict[str, dict[str, float]] = {kind: {} for kind in kinds}
    for line in lines:
        feature, *numbers = line.split("\t")
        for kind, number in zip(kinds, numbers, strict=True):
            if number:
                weights[kind][feature] = float(number)
    return weights


def read(tokens: Tokens, *, explained: bool) -> Reading:
    """Read a tagged text from which denials were dropped. Where a rule found something already
    (`explained`), be it harmless or a risk, much more is asked before it is overruled."""
    weights = load()
    needed = weights.alarm_from + (_IF_EXPLAINED if explained else 0.0)
    seen = [features(tokens, start, end) for start, end in _windows(tokens.text)]
    raised = [found for found in seen if score(weights.alarm, found) >= needed]
    imminent = any(score(weights.imminent, found) > 0 for found in raised)
    urgent = any(score(weights.imminent, found) > _URGENT for found in raised)
    return Reading(bool(raised), imminent, urgent, kind=_kind(raised))


def _kind(raised: list[list[str]]) -> str:
    """The kind that the raised stretches resemble most."""
    weights = load_kinds()

    def resembles(kind: str) -> float:
        return max((score(weights[kind], found) for found in raised), default=0.0)

    return max(weights, key=resembles)


def features(tokens: Tokens, start: int, end: int) -> list[str]:
    """Characters, pairs of characters and concepts of one stretch, each once, sorted. A greeting
    or opening at its beginning is not read: being polite makes nothing less urgent."""
    for greeting in tokens.of("POLITE"):
        if greeting.start == start and greeting.end < end:
            start = greeting.end
    chars = tokens.text.chars[start:end]
    found = {*chars, *(chars[i : i + 2] for i in range(len(chars) - 1))}
    found.update(
        "#" + token.concept
        for token in tokens.all()
        if start <= token.start and token.end <= end and token.concept.isascii()
    )
    return sorted(found)


def score(weights: dict[str, float], found: list[str]) -> float:
    """The sum, scaled by length so that many words are not many reasons."""
    scale: float = max(1, len(found)) ** -0.5
    total: float = sum(weights.get(feature, 0.0) for feature in found)
    return weights.get("", 0.0) + scale * total


def _windows(text: Text) -> list[tuple[int, int]]:
    """The whole if it is short, each sentence, and of a long sentence runs of whole clauses that
    overlap by about a half."""
    length = len(text.chars)
    found = [(0, length)] if 0 < length <= _WINDOW else []
    for start, end in _runs(text.sentence):
        found += [(start, end)] if end - start <= _WINDOW else _clause_runs(text, start, end)
    return found


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(start, end) of each stretch of equal numbers."""
    start = 0
    for i in range(1, len(numbers) + 1):
        if i == len(numbers) or numbers[i] != numbers[start]:
            yield start, i
            start = i


def _clause_runs(text: Text, first: int, last: int) -> list[tuple[int, int]]:
    starts = [first + start for start, _ in _runs(text.clause[first:last])]
    found: list[tuple[int, int]] = []
    for start in starts:
        if found and start < found[-1][0] + _WINDOW // 2:
            continue
        ends = [end for end in [*starts, last] if start < end <= start + _WINDOW]
        found.append((start, max(ends, default=min(last, start + _WINDOW))))
    return found
