"""The training sentences and those apart from them."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

from bot.nlu.intents import OUTSIDE, outside

ROOT = Path(__file__).resolve().parents[3]
APART = ROOT / "tests" / "data" / "intents"
FILES = ("held_out", "fresh_1", "fresh_2", "fresh_3", "fresh_4")
EXAMPLES_AT_LEAST = 150
"""Of each outside intent: breadth is worth more than any model."""
NEARLY_THE_SAME = 0.8
"""Share of character pairs that two sentences have in common."""


def _blocks(folder: str, kind: str) -> list[tuple[str, list[str]]]:
    found = []
    for path in sorted((ROOT / "nlu_data" / folder).glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if kind in block:
                lines = block["examples"].splitlines()
                found.append((block[kind], [line.removeprefix("- ") for line in lines]))
    return found


def _plain(text: str) -> str:
    return re.sub(r"\W", "", text.lower())


def _pairs(text: str) -> set[str]:
    plain = _plain(text)
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


TRAINED = [(text, intent) for intent, texts in _blocks("nlu", "intent") for text in texts]


def test_every_intent_is_known_and_taught() -> None:
    assert {intent for _, intent in TRAINED} == {
        fine for fines in OUTSIDE.values() for fine in fines
    }
    taught = Counter(outside(intent) for _, intent in TRAINED)
    assert min(taught.values()) >= EXAMPLES_AT_LEAST, taught


def test_no_sentence_teaches_two_things() -> None:
    taught = defaultdict(set)
    for text, intent in TRAINED:
        taught[text].add(intent)
    assert not {text: intents for text, intents in taught.items() if len(intents) > 1}


@pytest.mark.parametrize("name", FILES)
def test_sentences_apart_are_apart(name: str) -> None:
    holding = defaultdict(list)
    for number, (text, _) in enumerate(TRAINED):
        for pair in _pairs(text):
            holding[pair].append(number)
    sizes = [len(_pairs(text)) for text, _ in TRAINED]
    copied = []
    for line in (APART / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        pairs = _pairs(json.loads(line)["text"])
        common = Counter(number for pair in pairs for number in holding[pair])
        copied += [
            (json.loads(line)["text"], TRAINED[number][0])
            for number, shared in common.most_common(20)
            if shared / (len(pairs) + sizes[number] - shared) >= NEARLY_THE_SAME
        ]
    assert not copied


@pytest.mark.parametrize("name", FILES)
def test_sentences_apart_name_known_intents(name: str) -> None:
    for line in (APART / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        assert {case["intent"], *case.get("also", ())} <= set(OUTSIDE)


def test_no_dialect_word_stands_for_two_common_ones() -> None:
    meant = Counter(word for _, words in _blocks("lookups", "synonym") for word in words)
    assert not [word for word, count in meant.items() if count > 1]


def test_no_word_is_listed_twice_in_one_list() -> None:
    for concept, words in _blocks("lookups", "lookup"):
        twice = [word for word, count in Counter(words).items() if count > 1]
        assert not twice, concept
