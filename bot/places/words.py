"""Everyday words, and texts made of a few of them."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_RARE = 10
"""Below so many occurrences jieba's dictionary holds much that nobody says."""


@cache
def _words() -> dict[str, int]:
    """Words and counts from jieba's dictionary, names of people left out.

    The file is read and not the library started: that would take a second and ten times the memory.
    """
    spec = find_spec("jieba")
    assert spec is not None
    assert spec.origin is not None
    words: dict[str, int] = {}
    with (Path(spec.origin).parent / "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, count, kind = line.split()
            if len(word) == 2 and not kind.startswith("nr") and int(count) >= _RARE:
                words[word] = int(count)
    return words


def is_common_word(text: str, *, at_least: int = _RARE) -> bool:
    """Whether `text` is an everyday word of two characters, counted so often by the dictionary."""
    return _words().get(text, 0) >= at_least


def words_pattern(*words: str) -> re.Pattern[str]:
    """A pattern for one of the blank-separated `words`, the longest that fits; blanks count too."""
    found = sorted({word for text in words for word in text.split()}, key=len, reverse=True)
    return re.compile(r"\s|" + "|".join(map(re.escape, found)), re.IGNORECASE)


def is_made_of(token: re.Pattern[str], text: str) -> bool:
    """Whether `text` is a row of `token`s, each as long as it can be. Takes linear time.

    `(?:…)+` as a pattern of its own takes exponential time where tokens begin alike.
    """
    position = 0
    while position < len(text):
        match = token.match(text, position)
        if match is None or match.end() == position:
            return False
        position = match.end()
    return bool(text)
