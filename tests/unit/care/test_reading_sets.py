"""Sentences with the whole plan expected of each; what the sets are is in docs/plan-reading.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.care.reading import PlanReading, read

SETS = Path(__file__).resolve().parents[2] / "data" / "reminders"
PLAN_SETS = (
    "dev",
    "held_out",
    "round_1",
    "round_2",
    "round_3",
    "round_4",
    "round_5",
    "round_6",
    "round_7",
)
DEFAULTS: dict[str, Any] = {
    "op": "set",
    "kind": "medication",
    "drug": None,
    "dose": None,
    "times": [],
    "needs": [],
    "refuse": False,
}


def _lines(name: str) -> list[dict[str, Any]]:
    text = (SETS / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _whole(expected: dict[str, Any]) -> dict[str, Any]:
    """A line holds what differs from a daily medicine that was understood completely."""
    plan = {**DEFAULTS, **expected}
    daily = plan["op"] == "set" and plan["kind"] == "medication"
    plan.setdefault("repeat", "daily" if daily else None)
    return plan


def _cases(*names: str) -> list[Any]:
    return [
        pytest.param(line, id=f"{name}:{number}")
        for name in names
        for number, line in enumerate(_lines(name), start=1)
    ]


@pytest.mark.parametrize("case", _cases(*PLAN_SETS))
def test_sentence_gives_exactly_these_plans(case: dict[str, Any]) -> None:
    found = [plan.to_contract() for plan in read(case["text"])]
    assert found == [_whole(expected) for expected in case["expect"]]


@pytest.mark.parametrize("case", _cases("not_reminders"))
def test_other_sentences_give_no_plan(case: dict[str, Any]) -> None:
    assert read(case["text"]) == []


@pytest.mark.parametrize("case", _cases("refusals"))
def test_own_wish_is_refused_and_the_doctors_change_is_not(case: dict[str, Any]) -> None:
    assert any(plan.refuse for plan in read(case["text"])) is case["refuse"]


def _doses(plan: dict[str, Any]) -> set[tuple[str, str | None]]:
    return {(t, plan.get("dose_by_time", {}).get(t) or plan["dose"]) for t in plan["times"]}


@pytest.mark.parametrize("name", PLAN_SETS)
def test_no_expected_dose_is_dropped_in_silence(name: str) -> None:
    dropped = []
    for line in _lines(name):
        wanted = [_whole(e) for e in line["expect"] if e.get("op", "set") == "set"]
        found = [plan.to_contract() for plan in read(line["text"])]
        asked = any(plan["needs"] for plan in found)
        given = set().union(*(_doses(plan) for plan in found)) if found else set()
        if not all(_doses(plan) <= given for plan in wanted) and not asked:
            dropped.append(line["text"])
    assert dropped == []


def test_sets_are_as_large_as_they_should_be_and_share_no_sentence() -> None:
    texts = {
        name: [line["text"] for line in _lines(name)] for name in (*PLAN_SETS, "not_reminders")
    }
    assert len(texts["dev"]) >= 300
    assert len(texts["held_out"]) >= 200
    assert len(texts["not_reminders"]) >= 200
    together = [text for lines in texts.values() for text in lines]
    assert len(together) == len(set(together))


def test_a_long_message_is_read_in_time_and_not_past_its_end() -> None:
    assert isinstance(read("奥氮平早上一片，" * 2000), list)


def test_contract_keeps_its_eight_keys_and_adds_only_what_was_said() -> None:
    assert PlanReading().to_contract() == {**DEFAULTS, "repeat": None}
    (plan,) = read("利培酮2mg早1晚2")
    assert set(plan.to_contract()) - set(DEFAULTS) == {"repeat", "dose_by_time", "strength"}
