"""Everyday words of two characters: what is neither a name nor a misheard place."""

from __future__ import annotations

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
