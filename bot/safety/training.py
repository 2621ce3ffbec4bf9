"""Write `second_reader*.tsv`, with everything that was written except the held-out half:

    python -m bot.safety.training tests/data/crisis/dev.jsonl tests/data/crisis/round_*.jsonl \\
        --harmless nlu_data/nlu/[!c]*.yml

Crisis files have one JSON object a line with `text`, `level` and `kind`; harmless files are Rasa
training examples (`    - sentence`), those of crises left out. Plain logistic regression, the same
weights every time.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.safety import lexicon, rules, second_reader
from bot.safety.scene import drop_denied
from bot.safety.text import DATA, normalise

_ROUNDS, _RATE, _DECAY = 14, 0.5, 3e-5
_SEED = 20
_SMALLEST, _SMALLEST_FOR_KIND = 0.15, 0.4
_EXAMPLE = re.compile(r"\s{4,}- (.+)")
_MARKED = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


class Example(NamedTuple):
    """A sentence as features, and whether the answer is yes."""

    features: list[str]
    yes: bool


def describe(text: str) -> list[str]:
    """The features of a whole sentence, as `second_reader.read` sees them."""
    tokens = drop_denied(lexicon.tag(normalise(text)))
    return second_reader.features(tokens, 0, len(tokens.text.chars))


def fit(examples: Sequence[Example], *, weight_of_yes: float) -> dict[str, float]:
    """Logistic regression by stochastic descent with a step size per feature."""
    order = list(range(len(examples)))
    shuffle = random.Random(_SEED).shuffle  # noqa: S311 (a repeatable order, no secret)
    weights: dict[str, float] = {"": 0.0}
    seen: dict[str, float] = {"": 1.0}
    for _ in range(_ROUNDS):
        shuffle(order)
        for n in order:
            found, yes = examples[n]
            scale = max(1, len(found)) ** -0.5
            total = max(-30.0, min(30.0, second_reader.score(weights, found)))
            error = (1.0 if yes else 0.0) - 1.0 / (1.0 + math.exp(-total))
            if yes:
                error *= weight_of_yes
            for feature in found:
                slope = error * scale - _DECAY * weights.get(feature, 0.0)
                seen[feature] = seen.get(feature, 0.1) + slope * slope
                step = _RATE * slope / math.sqrt(seen[feature])
                weights[feature] = weights.get(feature, 0.0) + step
            seen[""] += error * error
            weights[""] += _RATE * error / math.sqrt(seen[""])
    return weights


def harmless_sentences(paths: Iterable[Path]) -> list[str]:
    """The examples of Rasa training files, without their entity marks. What the rules raise is
    left out: a complaint about blows is no example of a harmless sentence."""
    lines = (line for path in paths for line in path.read_text(encoding="utf-8").splitlines())
    sentences = (_MARKED.sub(r"\1", found[1]) for line in lines if (found := _EXAMPLE.match(line)))
    return [text for text in sentences if not raised_by_rules(text)]


def raised_by_rules(text: str) -> bool:
    tokens = drop_denied(lexicon.tag(normalise(text)))
    findings = rules.apply(rules.load("rules.toml"), tokens)
    return any(finding.level in ("imminent", "risk") for finding in findings)


def train(crisis: Sequence[Path], harmless: Sequence[Path], alarm_from: float) -> str:
    """The content of the weights file."""
    rows = [json.loads(line) for path in crisis for line in path.read_text().splitlines()]
    calm = [Example(describe(text), yes=False) for text in harmless_sentences(harmless)]
    told = [(describe(row["text"]), row["level"]) for row in rows]
    raised = [(found, level) for found, level in told if level in ("imminent", "risk")]
    alarm = fit(
        [*(Example(f, level in ("imminent", "risk")) for f, level in told), *calm],
        weight_of_yes=2.0,
    )
    imminent = fit([Example(f, level == "imminent") for f, level in raised], weight_of_yes=1.0)
    lines = [f"alarm_from\t{alarm_from}\tscore; below: feature, weight for alarm, for imminent"]
    for feature in sorted(alarm):
        a, i = alarm[feature], imminent.get(feature, 0.0)
        if feature == "" or abs(a) >= _SMALLEST:
            lines.append(f"{feature}\t{a:.2f}\t{i:.2f}")
    return "\n".join(lines) + "\n"


def train_kinds(crisis: Sequence[Path]) -> str:
    """The content of the kinds' file: one kind against all others, of what is to be raised."""
    rows = [json.loads(line) for path in crisis for line in path.read_text().splitlines()]
    told = [(describe(r["text"]), r["kind"]) for r in rows if r["level"] in ("imminent", "risk")]
    kinds = sorted({kind for _, kind in told})
    by_kind = {
        kind: fit([Example(found, own == kind) for found, own in told], weight_of_yes=1.0)
        for kind in kinds
    }
    lines = ["\t".join(["", *kinds])]
    for feature in sorted({feature for weights in by_kind.values() for feature in weights}):
        numbers = [by_kind[kind].get(feature, 0.0) for kind in kinds]
        if feature == "" or max(map(abs, numbers)) >= _SMALLEST_FOR_KIND:
            kept = (f"{n:.1f}" if abs(n) >= _SMALLEST or not feature else "" for n in numbers)
            lines.append("\t".join([feature, *kept]))
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("crisis", nargs="+", type=Path)
    parser.add_argument("--harmless", nargs="+", type=Path, required=True)
    parser.add_argument("--alarm-from", type=float, default=-0.8)
    parser.add_argument("--out", type=Path, default=DATA)
    given = parser.parse_args()
    alarm = train(given.crisis, given.harmless, given.alarm_from)
    (given.out / second_reader.FILE).write_text(alarm, encoding="utf-8")
    kinds = train_kinds(given.crisis)
    (given.out / second_reader.KINDS_FILE).write_text(kinds, encoding="utf-8")


if __name__ == "__main__":
    main()
