"""Crisis screening against sentences written apart from its rules, and what must always hold."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety import screen

DATA = Path(__file__).resolve().parents[2] / "data" / "crisis"
ALARMS = ("imminent", "risk")
ORDER = ("none", "history", "risk", "imminent")
FILES = ("dev.jsonl", "held_out.jsonl")
ROUNDS = tuple(sorted(path.name for path in DATA.glob("round_*.jsonl")))


def _lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DATA / name).read_text().splitlines()]


def _alarms(name: str) -> list[str]:
    return [line["text"] for line in _lines(name) if line["level"] in ALARMS]


@pytest.mark.parametrize("name", [*FILES, *ROUNDS])
def test_both_directions_of_error(name: str) -> None:
    lines = _lines(name)
    table = Counter((line["level"], screen(line["text"]).level) for line in lines)
    for expected in ORDER:
        row = {found: table[expected, found] for found in ORDER}
        print(f"{name} {expected}: {row}")  # noqa: T201 - both error directions are shown
    total = {level: sum(n for (e, _), n in table.items() if e == level) for level in ORDER}

    def alarms(level: str) -> int:
        return sum(table[level, found] for found in ALARMS)

    assert alarms("imminent") == total["imminent"], "an imminent crisis was not raised"
    assert table["imminent", "imminent"] >= min(total["imminent"] - 2, 0.97 * total["imminent"])
    assert alarms("risk") >= min(total["risk"] - 2, 0.97 * total["risk"])
    assert alarms("none") <= max(2, 0.03 * total["none"]), "too many alarms about nothing"
    assert alarms("history") == 0, "a past was taken for now"


def test_the_two_sets_share_no_sentence() -> None:
    dev, held_out = ({line["text"] for line in _lines(name)} for name in FILES)
    rounds = {line["text"] for name in ROUNDS for line in _lines(name)}
    assert not (dev | rounds) & held_out
    assert len(held_out) >= 400


@given(st.text())
def test_any_text_is_screened_and_always_the_same(text: str) -> None:
    assert screen(text) == screen(text)


@given(st.lists(st.sampled_from("我他不想死了拿刀药吃没有，。 去年跳楼打救命😭x1"), max_size=60))
def test_any_order_of_words_is_screened(words: list[str]) -> None:
    assert screen("".join(words)).level in ORDER


@pytest.mark.parametrize("after", ["开玩笑的", "，哈哈哈", " 逗你玩呢", "……当我没说", "[呲牙]"])
def test_a_joke_afterwards_lowers_nothing(after: str) -> None:
    for text in _alarms("dev.jsonl"):
        alone, joking = screen(text), screen(text + after)
        assert ORDER.index(joking.level) >= ORDER.index(alone.level), text + after


@pytest.mark.parametrize("before", ["您好，", "我想问一下，", "今天天气不错。", "申请填好了。"])
def test_a_harmless_beginning_lowers_nothing(before: str) -> None:
    for text in _alarms("dev.jsonl"):
        alone, later = screen(text), screen(before + text)
        assert ORDER.index(later.level) >= ORDER.index(alone.level), before + text


@pytest.mark.parametrize("name", FILES)
def test_the_worst_clause_of_a_long_message_counts(name: str) -> None:
    for line in _lines(name):
        if line["level"] == "imminent":
            long = "我想问问申请到哪一步了。" * 30 + line["text"] + "。" + "材料都交了。" * 30
            assert screen(long).alarm, line["text"]


def test_time_grows_with_length_and_no_faster() -> None:
    def steps(text: str) -> float:
        runs = []
        for _ in range(5):
            start = time.process_time()
            screen(text)
            runs.append(time.process_time() - start)
        return min(runs)

    message = "他又拿刀说要杀我，我吃了一把药。"
    once, often = steps(message * 50), steps(message * 500)
    print(f"800 characters {once * 1000:.1f} ms, 8000 characters {often * 1000:.1f} ms")  # noqa: T201
    times = []
    for line in _lines("held_out.jsonl"):
        start = time.perf_counter()
        screen(line["text"])
        times.append(time.perf_counter() - start)
    print(f"a message {statistics.median(times) * 1000:.2f} ms")  # noqa: T201
    assert often < 40 * once
