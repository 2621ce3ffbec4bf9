"""One spelling for what people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety import screen
from bot.safety.text import normalise


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("自殺", "自杀"),
        ("自 杀", "自杀"),
        ("我。想。死", "我想死"),
        ("跳😭楼", "跳楼"),
        ("他想自鲨", "他想自杀"),
        ("吃了安眠要", "吃了安眠药"),
        ("割婉", "割腕"),
        ("ＷＢＣ", "wbc"),
        ("39.5度", "39.5度"),
        ("好。3.", "好3"),
        ("嗯那个啊", "那个"),
        ("🔪", "刀"),
    ],
)
def test_spelling(typed: str, meant: str) -> None:
    assert normalise(typed).chars == meant


@pytest.mark.parametrize("kept", ["紫砂壶", "想4点到", "吃要求低的"])
def test_words_that_only_look_misspelt(kept: str) -> None:
    assert normalise(kept).chars == kept


@given(st.text())
def test_every_character_has_its_clause(text: str) -> None:
    found = normalise(text)
    for numbers in (found.clause, found.piece, found.sentence):
        assert len(numbers) == len(found.chars)
        assert list(numbers) == sorted(numbers)


@pytest.mark.parametrize("typed", ["我 不 想 活 了", "我不想😔活了", "我不想活了", "我不想货了"])
def test_torn_and_mistyped_words_are_understood(typed: str) -> None:
    assert screen(typed).level == "risk"
