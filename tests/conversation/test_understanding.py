"""The trained model: how well it understands, and that both sides understand the same."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import httpx
import yaml

from bot.dialogue import degraded
from bot.nlu import intents
from bot.nlu.model import read_model
from tests.system import MODELS, ROOT, System

HELD_OUT = ROOT / "tests" / "data" / "intents" / "held_out.jsonl"
LEAST_ACCURACY = 0.93
"""Recorded 0.949 when this was written; two hundredths are left for other sentences' training."""
LEAST_MACRO = 0.88


def _model_path() -> Path:
    return max(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)


def _held_out() -> list[dict[str, str]]:
    return [json.loads(line) for line in HELD_OUT.read_text().splitlines()]


def test_held_out_sentences() -> None:
    model = read_model(_model_path())
    right = defaultdict(list)
    for line in _held_out():
        name, _ = model.parse(line["text"]).topics[0]
        right[line["intent"]].append(name == line["intent"] or name in line.get("also", ()))
    every = [one for each in right.values() for one in each]
    accuracy = sum(every) / len(every)
    macro = sum(sum(each) / len(each) for each in right.values()) / len(right)
    print(f"accuracy {accuracy:.3f}, macro {macro:.3f}, {len(every)} sentences")  # noqa: T201
    assert set(right) == set(intents.OUTSIDE)
    assert accuracy >= LEAST_ACCURACY
    assert macro >= LEAST_MACRO


def test_no_held_out_sentence_is_trained_on() -> None:
    trained = {
        line[6:].strip()
        for path in (ROOT / "nlu_data" / "nlu").glob("*.yml")
        for line in path.read_text().splitlines()
        if line.startswith("    - ")
    }
    same = [line["text"] for line in _held_out() if line["text"] in trained]
    # Words like 报名 are whole messages; they belong to both.
    assert not [text for text in same if len(text) > 6]


def test_rasa_and_the_application_understand_the_same(system: System) -> None:
    model = read_model(_model_path())
    token = json.loads((system.data_dir / "development-secrets.json").read_text())["rasa_token"]
    origin = f"http://127.0.0.1:{system.environment['JINGKANG_RASA_PORT']}"
    for line in _held_out()[::20]:
        answer = httpx.post(
            f"{origin}/model/parse", params={"token": token}, json={"text": line["text"]}
        ).json()
        parsed = model.parse(line["text"])
        best, *others = [one for one in answer["intent_ranking"] if one["name"] != "nlu_fallback"]
        assert best["name"] == parsed.intent
        assert abs(best["confidence"] - parsed.confidence) < 1e-5, line["text"]
        ours = dict(parsed.ranking)
        for other in others:
            assert abs(ours[other["name"]] - other["confidence"]) < 1e-5, line["text"]


def test_both_sides_give_up_at_the_same_confidence() -> None:
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text())["pipeline"]
    (fallback,) = [part for part in pipeline if part["name"] == "FallbackClassifier"]
    assert fallback["threshold"] == degraded.THRESHOLD


def test_every_fine_intent_has_its_place() -> None:
    model = read_model(_model_path())
    known = {fine for fines in intents.OUTSIDE.values() for fine in fines}
    assert set(model.intents) == known
    domain = yaml.safe_load((ROOT / "nlu_data" / "domain" / "intents.yml").read_text())
    assert set(domain["intents"]) == known
