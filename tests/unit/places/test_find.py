"""Divisions found in what families write, situation by situation."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.places import find

CASES = Path(__file__).parents[2] / "data" / "answers" / "places.tsv"


def read_cases() -> list[tuple[str, list[str], str, str | None, bool]]:
    cases = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        text, named, certainty, near, asked = (line.split("\t") + [""] * 3)[:5]
        names = [] if named == "-" else named.split(",")
        cases.append((text, names, certainty.strip(), near or None, asked == "asked"))
    return cases


@pytest.mark.parametrize(("text", "names", "certainty", "near", "asked"), read_cases())
def test_places_named_in_a_message(
    text: str, names: list[str], certainty: str, near: str | None, asked: bool
) -> None:
    found = find(text, near=near, expected=asked)
    remaining = [match.full_name for match in found]
    assert len(found) == len(names), remaining
    for name in names:
        assert any(match.full_name.endswith(name) for match in found), (name, remaining)
    if certainty:
        assert found[0].certainty == certainty, remaining
    for match in found:
        assert 0 <= match.start < match.end <= len(text)


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=60), st.sampled_from([None, "350200", "510400", "999999", ""]), st.booleans()
)
def test_find_never_raises(text: str, near: str | None, asked: bool) -> None:
    for match in find(text, near=near, expected=asked):
        assert text[match.start : match.end]
