"""How well the bot understands, on sentences written apart from its rules: ``make eval``.

Prints intents with the confusions, crisis by level in both directions, medication plans, and
policy answers beside plain BM25.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.care.reading import read  # noqa: E402
from bot.nlu.model import find_model, read_model  # noqa: E402
from bot.safety import screen  # noqa: E402
from bot.settings import Settings  # noqa: E402
from tools import eval_policy  # noqa: E402

DATA = ROOT / "tests" / "data"
LEVELS = ("imminent", "risk", "history", "none")


def main() -> int:
    path = find_model(Settings())
    if path is None:
        print("no trained model: run `make train`", file=sys.stderr)
        return 1
    _intents(read_model(path))
    for name in ("dev", "held_out"):
        _crisis(name)
    for path in sorted((DATA / "reminders").glob("*.jsonl")):
        _plans(path)
    eval_policy.main()
    return 0


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def _intents(model: Any) -> None:
    confused: Counter[tuple[str, str]] = Counter()
    total: Counter[str] = Counter()
    for line in _lines(DATA / "intents" / "held_out.jsonl"):
        name, _ = model.parse(line["text"]).topics[0]
        right = name == line["intent"] or name in line.get("also", ())
        total[line["intent"]] += 1
        confused[line["intent"], line["intent"] if right else name] += 1
    right = sum(confused[name, name] for name in total)
    macro = sum(confused[name, name] / count for name, count in total.items()) / len(total)
    print(
        f"## Intents, held out: {right / total.total():.1%} of {total.total()}, macro {macro:.1%}"
    )
    for name, count in sorted(total.items()):
        taken = [f"{other} {n}" for (own, other), n in confused.items() if own == name != other]
        print(f"  {name:18} {confused[name, name]:3}/{count:3}  {', '.join(taken)}")


def _crisis(name: str) -> None:
    lines = _lines(DATA / "crisis" / f"{name}.jsonl")
    table = Counter((line["level"], screen(line["text"]).level) for line in lines)
    print(f"\n## Crisis, {name}: rows are what it is, columns what was found")
    print("  " + "".join(f"{level:>10}" for level in ("", *LEVELS)))
    for expected in LEVELS:
        row = "".join(f"{table[expected, found]:10}" for found in LEVELS)
        print(f"  {expected:>10}{row}")


def _plans(path: Path) -> None:
    """Share of sentences whose plans hold everything that is expected of them."""
    lines = _lines(path)
    if not lines or "expect" not in lines[0]:
        silent = sum(not read(line["text"]) for line in lines)
        print(f"\n## {path.stem}: {silent} of {len(lines)} read as no reminder")
        return
    exact = sum(_same(line) for line in lines)
    print(f"\n## Plans, {path.stem}: {exact} of {len(lines)} as expected")


def _same(line: dict[str, Any]) -> bool:
    expected = line["expect"] if isinstance(line["expect"], list) else [line["expect"]]
    found = [plan.to_contract() for plan in read(line["text"])]
    return len(found) == len(expected) and all(
        all(plan.get(key) == value for key, value in wanted.items())
        for plan, wanted in zip(found, expected, strict=True)
    )


if __name__ == "__main__":
    sys.exit(main())
