"""Numbers that belong to a person: telephone, identity, bank card, and long numbers of unknown use.

Digits are read as families write them: half and full width, Chinese (幺三八), spoken repetitions
(三个八), with blanks, dashes or pauses between them. A number is recognised by its structure:
mobile numbers by the national numbering plan (11 digits, 13 to 19), landlines by area code,
identity numbers by GB 11643-1999 (place, date of birth, check digit), cards by ISO/IEC 7812.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

NumberKind = Literal["telephone", "identity_number", "bank_card", "number"]

_SPOKEN = {
    "〇": "0", "零": "0", "○": "0", "洞": "0", "一": "1", "幺": "1", "妖": "1", "壹": "1", "二": "2", "贰": "2",
    "三": "3", "叁": "3", "四": "4", "肆": "4", "五": "5", "伍": "5", "六": "6", "陆": "6", "七": "7", "柒": "7",
    "拐": "7", "八": "8", "捌": "8", "九": "9", "玖": "9", "勾": "9",
}  # fmt: skip
_ONLY_BETWEEN_DIGITS = {
    "洞": "0",
    "拐": "7",
    "勾": "9",
    "妖": "1",
    "o": "0",
    "O": "0",
    "Ｏ": "0",
    "l": "1",
}
_CHECK = {"x", "X", "×", "Ｘ", "ｘ", "叉"}
_COUNTS = {"两": 2, "2": 2, "二": 2, "三": 3, "3": 3, "四": 4, "4": 4}
_BETWEEN = re.compile(
    r"(?:[ \t\r\n\u00a0\u3000\u200b-\u200d\u2060\ufeff\ufe0f\u20e3\-‐‑–—－_.．·・,，、()（）/]|[嗯呃啊额哦]|然后|横杠|杠){1,3}"
)
_EXTENSION = re.compile(r"[\ufe0f\u20e3]*(?:\s?(?:转|分机号?)\s?\d{1,5})?")
_INVISIBLE = re.compile(r"[\u200b-\u200d\u2060\ufeff\ufe0f\u20e3]+")


LONGEST = 20
"""Most figures in any number that is recognised: an identity number and two of a certificate."""


@dataclass(frozen=True, slots=True)
class Number:
    """`text[start:end]` is a number of this kind; `digits` is how it is written in figures."""

    kind: NumberKind
    start: int
    end: int
    digits: str


@dataclass(frozen=True, slots=True)
class Run:
    """Digits that follow one another, in groups as they were written.

    `starts` and `ends` are positions in the text, one for each digit.
    """

    digits: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    group_starts: tuple[int, ...]
    """Indexes into `digits` at which a group begins, the first one always 0."""

    def groups(self, start: int, end: int) -> list[int]:
        """Lengths of the groups of digits[start:end]."""
        cuts = [start, *(g for g in self.group_starts if start < g < end), end]
        return [b - a for a, b in itertools.pairwise(cuts)]


def digit_of(character: str) -> str:
    """The figure a character stands for, "" where it is none."""
    if character in _SPOKEN:
        return "" if character in _ONLY_BETWEEN_DIGITS else _SPOKEN[character]
    value = unicodedata.digit(character, None)
    return "" if value is None else str(value)


def runs(text: str) -> Iterator[Run]:
    """Every run of digits in `text`; one digit is a run too."""
    position = 0
    while position < len(text):
        if not digit_of(text[position]) and not _repeated(text, position):
            position += 1
            continue
        run = _run_at(text, position)
        yield run
        position = run.ends[-1]


def _run_at(text: str, position: int) -> Run:
    digits: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    groups = [0]

    def take(figures: str, start: int, end: int) -> int:
        digits.extend(figures)
        starts.extend([start] * len(figures))
        ends.extend([end] * len(figures))
        return end

    while position < len(text):
        here = text[position]
        if repeated := _repeated(text, position):
            position = take(repeated[0], position, repeated[1])
        elif figure := digit_of(here):
            position = take(figure, position, position + 1)
        elif digits and here in _CHECK and _may_be_check(digits, groups[-1]):
            position = take("X", position, position + 1)
        elif (
            digits
            and here in _ONLY_BETWEEN_DIGITS
            and digit_of(text[position + 1 : position + 2] or " ")
        ):
            position = take(_ONLY_BETWEEN_DIGITS[here], position, position + 1)
        elif digits and (gap := _BETWEEN.match(text, position)):
            after = gap.end()
            if after < len(text) and (digit_of(text[after]) or _repeated(text, after)):
                if not _INVISIBLE.fullmatch(gap.group()):
                    groups.append(len(digits))
                position = after
            elif after < len(text) and text[after] in _CHECK and _may_be_check(digits, 0):
                position = take("X", after, after + 1)
            else:
                break
        else:
            break
    return Run("".join(digits), tuple(starts), tuple(ends), tuple(groups))


def _may_be_check(digits: list[str], group_start: int) -> bool:
    """The eighteenth place of an identity number may be an X."""
    return len(digits) == 17 or len(digits) - group_start >= 17


def _repeated(text: str, position: int) -> tuple[str, int] | None:
    """三个八 → 888."""
    if position + 2 < len(text) and text[position] in _COUNTS and text[position + 1] == "个":
        figure = digit_of(text[position + 2])
        if figure:
            return figure * _COUNTS[text[position]], position + 3
    return None


def numbers(text: str) -> list[Number]:
    """Personal numbers in `text`, in order, never overlapping."""
    found: list[Number] = []
    for run in runs(text):
        if len(run.digits) >= 7:
            found.extend(_numbers_in(text, run))
    return found


def _numbers_in(text: str, run: Run) -> Iterator[Number]:
    bounds = [*run.group_starts, len(run.digits)]
    first = 0
    while first < len(bounds) - 1:
        furthest = min(len(bounds) - 1, first + LONGEST)
        for last in range(furthest, first, -1):
            start, end = bounds[first], bounds[last]
            if end - start > LONGEST and last > first + 1:
                continue
            kind = classify(run.digits[start:end], run.groups(start, end))
            if kind is None and last == first + 1:
                kind = _unknown(text, run, start, end)
            if kind:
                yield Number(
                    kind,
                    run.starts[start],
                    _with_extension(text, run.ends[end - 1]),
                    run.digits[start:end],
                )
                first = last
                break
        else:
            first += 1


def _with_extension(text: str, end: int) -> int:
    found = _EXTENSION.match(text, end)
    return found.end() if found else end


MOBILE = re.compile(r"(?:(?:00)?86|0)?(1[3-9]\d{9})")
LANDLINE = re.compile(r"(?:86)?(0(?:10|2\d|[3-9]\d{2}))([2-9]\d{6,7})(\d{1,4})?")
_CARD = re.compile(r"(?:62|4|5[1-5]|9|6[0-9])\d{13,17}")
_RECEIPT = re.compile(r"20[2-9]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-?\d{3,6}$")
_MOBILE_INSIDE = re.compile(r"1[3-9]\d{9}")


def classify(digits: str, groups: list[int]) -> NumberKind | None:
    """What a string of figures is by its structure, written in groups of these lengths."""
    if is_identity_number(digits) or (len(digits) == 20 and is_identity_number(digits[:18])):
        return "identity_number"
    if MOBILE.fullmatch(digits) and _grouped_like_a_number(_without_country(digits, groups)):
        return "telephone"
    if LANDLINE.fullmatch(digits) and _grouped_like_a_number(groups) and _area_alone(groups):
        return "telephone"
    card = 16 <= len(digits) <= 19 and _CARD.fullmatch(digits) and _grouped_like_a_number(groups)
    return "bank_card" if card and (digits.startswith("62") or _luhn(digits)) else None


def _grouped_like_a_number(groups: list[int]) -> bool:
    """Not a list of times or doses: 13.30 8.00 20.30."""
    if len(groups) == 1 or groups[0] >= 3 or set(groups) == {1}:
        return True
    return set(groups[:-1]) <= {2} and groups[-1] <= 3


def _without_country(digits: str, groups: list[int]) -> list[int]:
    """+86 stands apart from the number proper."""
    return groups[1:] if len(groups) > 1 and digits[: groups[0]] in {"86", "0086"} else groups


def _area_alone(groups: list[int]) -> bool:
    """A landline is written whole or with the area code apart, not a date like 0304 5678."""
    return len(groups) == 1 or groups[0] in {3, 4, 5, 6}


def _unknown(text: str, run: Run, start: int, end: int) -> NumberKind | None:
    """A long unbroken number is personal unless it is our own receipt number."""
    digits = run.digits[start:end]
    if len(digits) < 11:
        return None
    written = text[run.starts[start] : run.ends[end - 1]]
    ours = _RECEIPT.fullmatch(written) or text[
        max(0, run.starts[start] - 2) : run.starts[start]
    ].upper().endswith("KF")
    if ours and not _MOBILE_INSIDE.search(digits):
        return None
    return "telephone" if len(digits) <= 13 and _MOBILE_INSIDE.search(digits) else "number"


_REGIONS_TEXT = """
11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64
65 71 81 82 83 91
"""
_REGIONS = frozenset(_REGIONS_TEXT.split())
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


def is_identity_number(digits: str) -> bool:
    """Whether it has the structure of one (15 or 18 places); the check digit may be mistyped."""
    return born_on(digits) is not None


def born_on(digits: str) -> date | None:
    """The date of birth in an identity number, None if it has not the structure of one."""
    if not re.fullmatch(r"\d{17}[\dX]|\d{15}", digits) or digits[:2] not in _REGIONS:
        return None
    birth = digits[6:14] if len(digits) == 18 else "19" + digits[6:12]
    try:
        day = date(int(birth[:4]), int(birth[4:6]), int(birth[6:8]))
    except ValueError:
        return None
    return day if 1900 <= day.year < 2100 else None


def check_digit_fits(digits: str) -> bool:
    """Whether the eighteenth place of an identity number is right; true for 15 places."""
    if len(digits) != 18:
        return True
    total = sum(int(d) * w for d, w in zip(digits[:17], _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11] == digits[17]


def _luhn(digits: str) -> bool:
    total = 0
    for index, figure in enumerate(reversed(digits)):
        value = int(figure) * (1 + index % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
