"""Numbers as they are spoken and written: 两, 廿, 一片半, 1/2, 四分之一."""

from __future__ import annotations

import re
from fractions import Fraction

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "俩": 2,
    "仨": 3,
}
_TENS = {"廿": 20, "卅": 30}

INT = (
    r"(?:\d{1,4}|[一二两三四五六七八九]百(?:零?[一二三四五六七八九]十?[一二三四五六七八九]?)?"
    r"|[二两三四五六七八九]?十[一二三四五六七八九]?|[廿卅][一二三四五六七八九]?"
    r"|[零〇一二两俩仨三四五六七八九])"
)
"""A whole number, read by `integer`. 二一 is two numbers: 吃五停二一片."""

AMOUNT = (
    r"(?:\d+\s*又\s*\d/\d|\d{1,2}/\d|\d+(?:\.\d+)?|(?<!\d)\.\d+"
    r"|[二三四五六八]分之[一二三四]|半|[零一二两]点(?:二五|七五|五)(?!点)"
    r"|[一二两三四五六七八九]百(?:[一二三四五六七八九]十?)?"
    r"|[一二两俩仨三四五六七八九十][一二三四五六七八九十]{0,2})"
)
"""How much, read by `amount`. Of spoken decimals only quarters: 八点一片 is an hour and a dose."""


DAY_OF_MONTH = (
    r"(?:[12]\d|3[01]|0?[1-9]|三十一?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?"
    r"|十[一二三四五六七八九]?|[一二三四五六七八九])"
)
EACH_MONTH = r"(?:每个?月(?:的|都)?|月月|一个月一次[,的]?|逢月)"


def integer(written: str) -> int:
    """The value of a match of `INT`: 12, 十二, 二十, 廿八, 两百五."""
    if written.isdecimal():
        return int(written)
    total, pending = 0, 0
    for char in written:
        if char in _DIGITS:
            pending = _DIGITS[char]
        elif char in _TENS:
            total += _TENS[char]
        elif char == "十":
            total, pending = total + (pending or 1) * 10, 0
        elif char == "百":
            total, pending = total + (pending or 1) * 100, 0
    return total + pending


def amount(written: str) -> Fraction:
    """The value of a match of `AMOUNT`, exactly."""
    written = written.replace(" ", "")
    if written == "半":
        return Fraction(1, 2)
    if mixed := re.fullmatch(r"(\d+)又(\d)/(\d)", written):
        whole, over, under = map(int, mixed.groups())
        return whole + Fraction(over, under or 1)
    if parts := re.fullmatch(r"(\d{1,2})/(\d)", written):
        return Fraction(int(parts[1]), int(parts[2]) or 1)
    if parts := re.fullmatch(r"(.)分之(.)", written):
        return Fraction(integer(parts[2]), integer(parts[1]))
    if "点" in written:
        whole_part, _, rest = written.partition("点")
        return integer(whole_part) + Fraction(integer(rest), 10 ** len(rest))
    if re.fullmatch(r"\d*\.?\d+", written):
        return Fraction(written)
    return Fraction(integer(written))


def shown(value: Fraction) -> str:
    """A number as the contract writes it: 1, 0.5, 1.5, 0.25."""
    return f"{float(value):.4f}".rstrip("0").rstrip(".")


def days_in(count: int, unit: str) -> int:
    """Days in so many 天, 日 or 周."""
    return count * (7 if unit.endswith("周") else 1)
