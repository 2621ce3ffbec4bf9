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
from bot.safety import check, screen  # noqa: E402
from bot.settings import Settings  # noqa: E402
from tools import eval_nlu, eval_policy  # noqa: E402

DATA = ROOT / "tests" / "data"
LEVELS = ("imminent", "risk", "history", "none")


def main() -> int:
    path = find_model(Settings())
    if path is None:
        print("no trained model: run `make train`", file=sys.stderr)
        return 1
    model = read_model(path)
    for name in eval_nlu.INTENT_FILES:
        eval_nlu.intents(name, model, wrong=False)
    eval_nlu.entities(model)
    for path in sorted((DATA / "crisis").glob("*.jsonl")):
        _crisis(path)
    for path in sorted((DATA / "medication").glob("*.jsonl")):
        _medication(path)
    for path in sorted((DATA / "reminders").glob("*.jsonl")):
        _plans(path)
    eval_policy.main()
    return 0


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def _crisis(path: Path) -> None:
    lines = _lines(path)
    found = [(line, screen(line["text"])) for line in lines]
    table = Counter((line["level"], screening.level) for line, screening in found)
    print(f"\n## Crisis, {path.stem}: rows are what it is, columns what was found")
    print("  " + "".join(f"{level:>10}" for level in ("", *LEVELS, "alarm")))
    for expected in LEVELS:
        row = "".join(f"{table[expected, level]:10}" for level in LEVELS)
        total = sum(table[expected, level] for level in LEVELS)
        alarms = table[expected, "imminent"] + table[expected, "risk"]
        print(f"  {expected:>10}{row}{alarms / max(1, total):10.1%}")
    kinds = [
        line["kind"] == screening.kind
        for line, screening in found
        if screening.alarm and line["level"] in ("imminent", "risk")
    ]
    print(f"  kind right in {sum(kinds)} of the {len(kinds)} raised")


def _medication(path: Path) -> None:
    lines = _lines(path)
    right = 0
    for line in lines:
        concern = check(line["text"])
        kind = concern.kind if concern else "none"
        right += kind == line["kind"] or kind in line.get("also", ())
    print(f"\n## Medicines, {path.stem}: {right} of {len(lines)} right")


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
