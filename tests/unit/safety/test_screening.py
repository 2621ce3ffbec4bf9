"""Crisis screening against sentences written apart from its rules, and what must always hold."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety import screen

DATA = Path(__file__).resolve().parents[2] / "data" / "crisis"
ALARMS = ("imminent", "risk")
# The development set holds the targets. The held-out set is only measured, never mended sentence by
# sentence: these are its figures as recorded, so that a change for the worse is seen.
MOST = {
    "dev.jsonl": {"missed": 0, "false alarms": 0.03, "past taken for now": 0},
    "held_out.jsonl": {"missed": 1, "false alarms": 0.035, "past taken for now": 1},
}
ORDER = ("none", "history", "risk", "imminent")


def _lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DATA / name).read_text().splitlines()]


@pytest.mark.parametrize("name", ["dev.jsonl", "held_out.jsonl"])
def test_both_directions(name: str) -> None:
    lines = _lines(name)
    table = Counter((line["level"], screen(line["text"]).level) for line in lines)
    for expected in ORDER:
        row = {found: table[expected, found] for found in ORDER}
        print(f"{name} {expected}: {row}")  # noqa: T201 - both error directions are shown
    total = {level: sum(n for (e, _), n in table.items() if e == level) for level in ORDER}
    missed = total["imminent"] - sum(table["imminent", level] for level in ALARMS)
    false = sum(table["none", level] for level in ALARMS) / total["none"]
    past = sum(table["history", level] for level in ALARMS)
    assert missed <= MOST[name]["missed"], "an imminent crisis was not raised"
    assert false <= MOST[name]["false alarms"], "too many alarms about nothing"
    assert past <= MOST[name]["past taken for now"]


@given(st.text())
def test_any_text_is_screened_and_always_the_same(text: str) -> None:
    assert screen(text) == screen(text)


@pytest.mark.parametrize("after", ["开玩笑的", "，哈哈哈", " 逗你玩呢", "……当我没说"])
def test_a_joke_afterwards_does_not_lower(after: str) -> None:
    for line in _lines("dev.jsonl"):
        if line["level"] in ALARMS:
            alone, joking = screen(line["text"]), screen(line["text"] + after)
            assert ORDER.index(joking.level) >= ORDER.index(alone.level), line["text"] + after


@pytest.mark.parametrize("before", ["您好，", "我想问一下，", "今天天气不错。", "申请填好了。"])
def test_a_harmless_beginning_does_not_lower(before: str) -> None:
    for line in _lines("dev.jsonl"):
        if line["level"] == "imminent":
            assert screen(before + line["text"]).level == "imminent", before + line["text"]
