"""What must be hidden is hidden, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.privacy.masking import TOKENS, Kind, KnownValue, mask

CASES = Path(__file__).parents[2] / "data" / "answers" / "masking.tsv"
KINDS: dict[str, Kind] = {
    "N": "name",
    "T": "telephone",
    "I": "identity_number",
    "B": "bank_card",
    "X": "number",
    "A": "address",
    "E": "email",
    "W": "wechat",
}


class Case(NamedTuple):
    text: str
    expecting: str | None
    known: tuple[KnownValue, ...]
    hidden: list[tuple[str, str]]
    masked: str


def read_cases() -> list[Case]:
    cases = []
    marked = re.compile(r"\{([NTIBXAEW]):([^}]*)\}", re.DOTALL)
    lines = CASES.read_text(encoding="utf-8")
    for line in re.split(r"\n(?![^{\n]*\}|\d+\n)", lines):
        if not line.strip() or line.startswith("#"):
            continue
        written, expecting, known = ([*line.split("\t"), "", ""])[:3]
        cases.append(
            Case(
                text=marked.sub(r"\2", written),
                expecting=expecting.strip() or None,
                known=tuple(
                    KnownValue(kind, value)  # type: ignore[arg-type]
                    for kind, value in (one.split("=") for one in known.split(";") if one)
                ),
                hidden=[(KINDS[m[1]], m[2]) for m in marked.finditer(written)],
                masked=marked.sub(lambda m: TOKENS[KINDS[m[1]]], written),
            )
        )
    return cases


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.text)
def test_personal_data_is_hidden_and_nothing_else(case: Case) -> None:
    result = mask(case.text, known=case.known, expecting=case.expecting)
    found = [(one.kind, one.value) for one in result.found]
    missed = [one for one in case.hidden if one not in found]
    too_much = [one for one in found if one not in case.hidden]
    assert not missed, f"left open: {missed}; result {result.text}"
    assert not too_much, f"hidden without need: {too_much}"
    assert result.text == case.masked


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.text)
def test_masking_twice_changes_nothing_and_can_be_undone(case: Case) -> None:
    once = mask(case.text, known=case.known, expecting=case.expecting)
    assert mask(once.text, known=case.known, expecting=case.expecting).found == ()
    assert once.restored() == case.text


EXPECTING = st.sampled_from([None, "name", "phone", "address", "nonsense"])


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=80), EXPECTING)
@example("〔姓名〕王测试", None)
@example("〔〕〔电话〕叫〔姓名〕王", "name")
def test_any_text_survives(text: str, expecting: str | None) -> None:
    once = mask(text, expecting=expecting)
    assert once.restored() == text
    assert mask(once.text, expecting=expecting).found == ()
    for found in once.found:
        assert text[found.start : found.end] == found.value


around = st.text(max_size=12) | st.text(
    "0123456789零一二三xX .-号路,，叫王〔〕电话两个", max_size=8
)
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
identities = st.builds(
    lambda place, year, month, day, rest: f"{place}{year}{month:02}{day:02}{rest}",
    st.sampled_from(["350203", "510411", "410922", "110101", "542421"]),
    st.integers(1920, 2020),
    st.integers(1, 12),
    st.integers(1, 28),
    st.from_regex(r"[0-9]{3}[0-9Xx]", fullmatch=True),
)


@settings(max_examples=600, deadline=None)
@given(around, mobiles | identities, around, EXPECTING)
def test_no_number_is_left_in_any_surroundings(
    before: str, number: str, after: str, expecting: str | None
) -> None:
    assert number not in mask(before + number + after, expecting=expecting).text


LONG = [
    "好的" * 60 + "x",
    "我" * 200 + "x",
    "嗯" * 200 + "x",
    "取消了" * 100,
    "1" * 3000,
    "1 " * 1500,
    "李" * 1500,
    "叫王" * 700,
    "住思明区12号" * 300,
    "阿·" * 800,
    "85年的" * 500,
]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:6])
@pytest.mark.parametrize("expecting", [None, "name", "address"])
def test_a_long_repetition_does_not_keep_others_waiting(text: str, expecting: str | None) -> None:
    assert mask(text, expecting=expecting).restored() == text
