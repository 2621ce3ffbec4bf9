"""Graphemes, by examples of UAX #29 and of what families send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.text import clean, graphemes, shorten, size, units


@pytest.mark.parametrize(
    "one",
    [
        "a",
        "好",
        "\r\n",
        "e\u0301",
        "👍🏽",
        "❤️",
        "1️⃣",
        "👨‍👩‍👧‍👦",
        "🏳️‍🌈",
        "🇨🇳",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "한",
        "\u1112\u1161\u11ab",
        "각",
        "ｶﾞ",
        "नि",
        "葛\U000e0100",
    ],
)
def test_one_grapheme(one: str) -> None:
    assert list(graphemes(one)) == [one]
    assert list(graphemes(f"前{one}后")) == ["前", one, "后"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("🇨🇳🇨🇳", ["🇨🇳", "🇨🇳"]),
        ("🇨🇳🇨", ["🇨🇳", "🇨"]),
        ("\n\u0301", ["\n", "\u0301"]),
        ("\u200d\n", ["\u200d", "\n"]),
        ("한국", ["한", "국"]),
        ("\n\r", ["\n", "\r"]),
        ("a👍b", ["a", "👍", "b"]),
        ("", []),
    ],
)
def test_boundaries(text: str, expected: list[str]) -> None:
    assert list(graphemes(text)) == expected


@given(st.text())
def test_nothing_is_lost(text: str) -> None:
    assert "".join(graphemes(text)) == text


@given(st.text(st.characters() | st.sampled_from("👨‍👩\u0301🇨🏽")), st.integers(1, 30))
def test_shortened_text_fits_and_is_a_beginning(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert units(short) <= limit
    if short != text:
        assert short.endswith("…")
        kept = short.removesuffix("…")
        assert text.startswith(kept)
        assert list(graphemes(kept)) == list(graphemes(text))[: len(list(graphemes(kept)))]


def test_no_room_to_shorten() -> None:
    with pytest.raises(ValueError, match="room"):
        shorten("很长", 0)


@given(st.text(st.characters(exclude_categories=[])))
def test_cleaned_text_can_be_stored_and_sent(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert clean(cleaned) == cleaned
    assert size(cleaned) == len(cleaned.encode())
    assert units("😀") == 2
