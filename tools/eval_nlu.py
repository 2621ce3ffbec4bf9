"""How well intents and entities are understood, on sentences apart from the training data.

    .venv/bin/python tools/eval_nlu.py               the trained model, as the application uses it
    .venv/bin/python tools/eval_nlu.py --pipelines   compares three pipelines (15 minutes)

`make eval` prints the first. What each file of sentences is: tests/data/intents/README.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import yaml  # noqa: E402

from bot.dialogue.understanding import understand  # noqa: E402
from bot.nlu.intents import OUTSIDE  # noqa: E402
from bot.nlu.linear import LinearModel  # noqa: E402
from bot.nlu.model import NoModel, find_model, read_model  # noqa: E402
from bot.nlu.train import DATA as TRAINING_DATA  # noqa: E402
from bot.rasa_process import ENVIRONMENT, rasa_environment  # noqa: E402
from bot.settings import Settings  # noqa: E402

SENTENCES = ROOT / "tests" / "data" / "intents"
INTENT_FILES = ("held_out", "fresh_1", "fresh_2", "fresh_3", "fresh_4")
CONFIDENCES = (0.0, 0.4, 0.6, 0.8, 0.95)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipelines", action="store_true")
    parser.add_argument("--wrong", action="store_true", help="list what is taken for another")
    arguments = parser.parse_args()
    settings = Settings()
    if arguments.pipelines:
        return _compare(settings)
    path = find_model(settings)
    if path is None:
        raise NoModel(f"no trained model in {settings.models_dir}: run `make train`")
    model = read_model(path)
    for name in INTENT_FILES:
        intents(name, model, wrong=arguments.wrong)
    entities(model)
    return 0


def lines(name: str) -> list[dict[str, Any]]:
    """The sentences of one file: `text`, `intent`, and in `also` what is right as well."""
    written = (SENTENCES / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in written.splitlines()]


def intents(name: str, model: LinearModel, *, wrong: bool) -> None:
    confused: Counter[tuple[str, str]] = Counter()
    sure: dict[float, list[bool]] = {limit: [] for limit in CONFIDENCES}
    alone = 0
    mistakes = []
    for line in lines(name):
        right = {line["intent"], *line.get("also", ())}
        found = understand(line["text"], model)
        correct = found.intent in right
        alone += model.parse(line["text"]).topics[0][0] in right
        confused[line["intent"], line["intent"] if correct else found.intent] += 1
        sure[max(limit for limit in CONFIDENCES if found.confidence >= limit)].append(correct)
        if not correct:
            mistakes.append((line["intent"], found.intent, found.confidence, line["text"]))
    total = confused.total()
    print(
        f"## {name}: {_accuracy(confused):.1%} of {total}, macro {_macro(confused):.1%}; "
        f"the model without the screening {alone / total:.1%}"
    )
    for intent in OUTSIDE:
        count = sum(n for (own, _), n in confused.items() if own == intent)
        taken = [f"{other} {n}" for (own, other), n in confused.items() if own == intent != other]
        if count:
            print(f"  {intent:18}{confused[intent, intent]:4}/{count:3}  {', '.join(taken)}")
    print("  confidence → right: ", end="")
    print(", ".join(f"{k}+ {sum(v) / len(v):.0%} of {len(v)}" for k, v in sure.items() if v))
    for own, other, confidence, text in mistakes if wrong else ():
        print(f"  {own} → {other} {confidence:.2f} | {text}")
    print()


def _accuracy(confused: Counter[tuple[str, str]]) -> float:
    return sum(n for (own, other), n in confused.items() if own == other) / confused.total()


def _macro(confused: Counter[tuple[str, str]]) -> float:
    total: Counter[str] = Counter()
    for (own, _), n in confused.items():
        total[own] += n
    return sum(confused[name, name] / count for name, count in total.items()) / len(total)


def entities(model: LinearModel) -> None:
    """F1 of exact spans with the right name."""
    (component,) = [
        part
        for part in yaml.safe_load((ROOT / "config.yml").read_text())["pipeline"]
        if part["name"].startswith("bot.nlu.component")
    ]
    hit: Counter[str] = Counter()
    expected: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for line in lines("entities"):
        wanted = {(one["start"], one["end"], one["entity"]) for one in line["entities"]}
        got = {tuple(span) for span in model.reader.mentions(line["text"], component["entities"])}
        expected.update(name for _, _, name in wanted)
        found.update(name for _, _, name in got)
        hit.update(name for _, _, name in wanted & got)
    print(f"## entities: F1 {_f1(hit, found, expected):.1%} of {expected.total()}")
    for name in sorted(expected | found):
        print(f"  {name:18}found {hit[name]}/{expected[name]}, {found[name] - hit[name]} too many")


def _f1(hit: Counter[str], found: Counter[str], expected: Counter[str]) -> float:
    return 2 * hit.total() / (found.total() + expected.total())


def _compare(settings: Settings) -> int:
    command = [
        str(ENVIRONMENT / "bin" / "python"),
        "tools/compare_pipelines.py",
        *(str(SENTENCES / f"{name}.jsonl") for name in INTENT_FILES),
        *("--data", *(f"nlu_data/{folder}" for folder in TRAINING_DATA if folder != "rules")),
        str(settings.models_dir / "drugs.yml"),
    ]
    return subprocess.run(command, cwd=ROOT, env=rasa_environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
