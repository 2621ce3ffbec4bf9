"""The words and rules as data: readable, reasoned, and none of them idle."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from bot.safety import lexicon, rules, second_reader, text

DATA = text.DATA
CODE = "".join(path.read_text() for path in Path(text.__file__).parent.glob("*.py"))
FILES = ("rules.toml", "rules_medication.toml")


def _words() -> dict[str, dict[str, object]]:
    return {
        name: entry
        for path in DATA.glob("words_*.toml")
        for name, entry in tomllib.loads(path.read_text()).items()
    }


def _entries(name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = tomllib.loads((DATA / name).read_text())["rule"]
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_rule_has_an_id_of_its_own_and_a_reason(name: str) -> None:
    entries = _entries(name)
    assert len({entry["id"] for entry in entries}) == len(entries) == len(rules.load(name))
    assert all(str(entry["why"]).strip() for entry in entries)


def test_every_group_of_words_has_a_reason() -> None:
    assert [name for name, entry in _words().items() if not str(entry.get("why", "")).strip()] == []


def test_no_group_of_words_is_idle() -> None:
    named = re.findall(r"[A-Z_]+", "".join((DATA / name).read_text() for name in FILES))
    idle = [
        name
        for name, entry in _words().items()
        if name not in named
        and f'"{name}"' not in CODE
        and not entry.get("hides")
        and name != "PLAIN"  # hides cue words, and means nothing
        and not set(map(str, entry.get("is", []))) & set(named)  # type: ignore[call-overload]
    ]
    assert idle == []


def test_forms_are_expanded() -> None:
    assert set(lexicon.expand("跳[楼|河]")) == {"跳楼", "跳河"}
    assert set(lexicon.expand("[快]?想死")) == {"想死", "快想死"}
    assert "割过腕" in set(lexicon.expand("割~腕"))


def test_a_form_nobody_can_review_is_refused() -> None:
    many = "[" + "|".join("甲乙丙丁戊己庚辛壬癸") + "]"
    with pytest.raises(ValueError, match="split it"):
        list(lexicon.expand(many * 3))


def test_the_second_reader_knows_its_threshold() -> None:
    weights = second_reader.load()
    assert weights.alarm[""] < weights.alarm_from < 1, "raises an empty text, or hardly anything"
    assert set(weights.alarm) == set(weights.imminent)
