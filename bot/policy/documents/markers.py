"""The markers Chinese official documents divide themselves by: 一、 （一） 1. （1） 第…条 一是."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

_NUMERALS = "一二三四五六七八九十百"
_DIGIT_OF = {char: value for value, char in enumerate("零一二三四五六七八九")}


class Level(IntEnum):
    """From the outside in. Regulations use the first three, notices the others."""

    CHAPTER = 1
    SECTION = 2
    ARTICLE = 3
    TOP = 4
    BRACKETED = 5
    ARABIC = 6
    ARABIC_BRACKETED = 7
    SERIES = 8


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker at the start of a paragraph. `label` is its part of a clause path."""

    level: Level
    number: int
    label: str
    length: int


_PATTERNS: tuple[tuple[Level, re.Pattern[str], str], ...] = (
    (Level.CHAPTER, re.compile(rf"第([{_NUMERALS}]+)[章编](?=\s|[^，。的、])"), "第{}章"),
    (Level.SECTION, re.compile(rf"第([{_NUMERALS}]+)节(?=\s|[^，。的、])"), "第{}节"),
    (Level.ARTICLE, re.compile(rf"第([{_NUMERALS}零]+|\d+)条(?![，。、的至第和或])"), "第{}条"),
    (Level.TOP, re.compile(rf"([{_NUMERALS}]+)[、．]"), "{}"),
    (Level.BRACKETED, re.compile(rf"[（(]\s*([{_NUMERALS}]+)\s*[）)][、．.]?"), "({})"),
    (Level.ARABIC_BRACKETED, re.compile(r"[（(]\s*(\d{1,2})\s*[）)]"), "({})"),
    (Level.ARABIC, re.compile(r"(\d{1,2})(?:[．、]|\.(?!\d))"), "{}"),
    (Level.ARABIC_BRACKETED, re.compile(r"([①-⑳])"), "{}"),
)

# An item of a series runs on in one paragraph: 一是…；二是….
SERIES = re.compile(rf"(?:(?<=^)|(?<=[。；：:;，,]))([{_NUMERALS}]{{1,2}})是(?![一否])")


def marker_of(paragraph: str) -> Marker | None:
    """The marker a paragraph begins with, or `None`."""
    for level, pattern, label in _PATTERNS:
        if found := pattern.match(paragraph):
            numeral = found[1]
            return Marker(level, number_of(numeral), label.format(numeral), found.end())
    return None


def number_of(numeral: str) -> int:
    """一 → 1, 二十三 → 23, 一百零二 → 102, 17 → 17, ③ → 3."""
    if numeral.isascii():
        return int(numeral)
    if "①" <= numeral <= "⑳":
        return ord(numeral) - ord("①") + 1
    total = current = 0
    for char in numeral:
        if char == "百":
            total, current = total + (current or 1) * 100, 0
        elif char == "十":
            total, current = total + (current or 1) * 10, 0
        else:
            current = _DIGIT_OF[char]
    return total + current
