"""How much: 一片半, 2#, 1/2片, 0.5g, 早1晚2, 1-0-2."""

from __future__ import annotations

import re
from fractions import Fraction

from bot.care.reading.numbers import AMOUNT, amount
from bot.care.reading.rules import Match, Rule, Tokens, after_kind
from bot.care.reading.tokens import T, Token

PILL = r"(?:片剂?|粒|颗|丸|袋|包|滴|喷|贴|针|支|瓶|口|勺|格|枚|揿|吸|#|tabs?(?![a-z])|caps?(?![a-z])|(?<=\d)t(?![a-z]))"
MASS = r"(?:mg|ml|ug|克|g(?![a-z])|个?单位|iu|u(?![a-z]))"
UNIT = rf"(?:{PILL}|{MASS})"
# 个 counts pills only where a dose stands, never 两个月, 三个小时, 一个提醒.
_PIECE = r"个(?=\s*(?:$|[,、;。.\n )早中晚午睡黑天晌傍后上下夜吧嘛哦啊]|药))"

_SHOWN = {"个单位": "单位", "#": "片", "片剂": "片", "克": "g", "iu": "单位", "u": "单位"}
_NOT_MORE_THAN_HALF = r"(?!\s*(?:小时|个月|天|年|夜|片|粒|颗|丸|袋|个))"
_HOURS = 5
"""奥氮平2 is a number of tablets; from five on it may be their strength."""
_PACKAGE = 5
"""10mg*14片 is what the box says; nobody takes so many at once."""


def shown_unit(written: str) -> str:
    if written.startswith(("tab", "t")):
        return "片"
    if written.startswith("cap"):
        return "粒"
    return _SHOWN.get(written, written)


def _dose(match: Match, value: Fraction, unit: str, *marks: str) -> list[Token]:
    return [Token(T.DOSE, match.start(), match.end(), shown_unit(unit), marks, value)]


def _plain(match: Match, before: Tokens) -> list[Token]:
    unit = match["unit"]
    if unit == "口" and not match.string[match.end() :].startswith(("药", "服液")):
        return []
    value = amount(match["amount"])
    counted_reminders = unit == "个" and re.search(r"个(?:提醒|闹钟|时间)", match.string)
    if not value or counted_reminders:
        return []
    return _dose(match, value, unit)


def _and_half(match: Match, before: Tokens) -> list[Token]:
    return _dose(match, amount(match["amount"]) + Fraction(1, 2), match["unit"] or "片")


def _range(match: Match, before: Tokens) -> list[Token]:
    return _dose(match, amount(match["high"]), match["unit"], "range")


def _said_range(match: Match, before: Tokens) -> list[Token]:
    """一两片, 两三片: neighbouring numbers."""
    low, high = amount(match["low"]), amount(match["high"])
    return _dose(match, high, match["unit"], "range") if high == low + 1 else []


def _package(match: Match, before: Tokens) -> list[Token]:
    count = amount(match["count"])
    strength = Token(
        T.DOSE,
        match.start(),
        match.end("mass"),
        shown_unit(match["mass"]),
        ("strength",),
        amount(match["amount"]),
    )
    if match["box"] or count >= _PACKAGE:
        return [strength.at(match.start(), match.end())]
    dose = Token(
        T.DOSE, match.end("mass"), match.end(), shown_unit(match["unit"] or "片"), (), count
    )
    return [strength, dose]


def _per_piece(match: Match, before: Tokens) -> list[Token]:
    return _dose(match, amount(match["amount"]), match["mass"], "strength")


def _bare(match: Match, before: Tokens) -> list[Token]:
    value = amount(match["amount"])
    tablets = value < _HOURS and (value * 2).denominator == 1
    named = after_kind(match, before, {T.DRUG}, r" ?") and tablets
    if not named and not after_kind(
        match,
        before,
        {T.PART, T.MEAL, T.EACH},
        r"[ :,]?(?:给[他她我])?(?:各|吃|服|每次|一次)?[ :]?",
    ):
        return []
    return [Token(T.BARE, match.start(), match.end(), number=amount(match["amount"]))]


def _grid(match: Match, before: Tokens) -> list[Token]:
    """1-0-2, 1-1-2-1: morning, noon, evening, bedtime."""
    if not any(token.kind in (T.DRUG, T.DOSE) for token in before):
        return []
    tokens: list[Token] = []
    parts = ("morning", "noon", "evening", "bedtime")
    for group, part in enumerate(parts, start=1):
        if match[group] is None or not Fraction(match[group]):
            continue
        start, end = match.span(group)
        tokens.append(Token(T.PART, start, start, part))
        tokens.append(Token(T.BARE, start, end, number=Fraction(match[group])))
    return [*tokens, Token(T.NOISE, match.end(), match.end())]


_STEP = r"(\d(?:\.5)?)"

RULES: list[Rule] = [
    (
        re.compile(rf"(?<![\d.\-/]){_STEP}-{_STEP}-{_STEP}(?:-{_STEP})?(?![\d\-/.])"),
        _grid,
    ),
    (
        re.compile(
            rf"(?P<amount>{AMOUNT})\s*(?P<mass>{MASS})\s*[*x]\s*(?P<count>\d{{1,3}})(?!\d|\s*(?:天|日|周|次|d))\s*"
            rf"(?P<unit>{PILL}|(?!\s*[\d.]))(?:\s*[*x]\s*\d+\s*[板盒])?(?P<box>\s*/?\s*[盒瓶板])?"
        ),
        _package,
    ),
    (re.compile(rf"(?P<amount>{AMOUNT})\s*(?P<mass>{MASS})\s*/\s*(?:片|粒|支|颗|袋)"), _per_piece),
    (
        re.compile(
            rf"(?P<low>{AMOUNT})\s*{UNIT}?\s*(?:-|~|到|至|或者?)\s*(?P<high>{AMOUNT})\s*(?P<unit>{UNIT})"
        ),
        _range,
    ),
    (re.compile(rf"(?P<low>[一二两三四五])(?P<high>[二两三四五六])(?P<unit>{PILL})"), _said_range),
    (re.compile(rf"(?P<amount>{AMOUNT})\s*(?P<unit>{PILL})\s*半{_NOT_MORE_THAN_HALF}"), _and_half),
    (re.compile(rf"(?P<amount>{AMOUNT})个半(?P<unit>{PILL})?{_NOT_MORE_THAN_HALF}"), _and_half),
    (re.compile(rf"(?P<amount>{AMOUNT})半(?P<unit>{PILL})"), _and_half),
    (re.compile(rf"(?P<amount>{AMOUNT})\s*(?P<unit>{UNIT}|{_PIECE})(?:/次)?"), _plain),
    (
        re.compile(
            rf"(?P<amount>{AMOUNT})(?![\d.一二三四五六七八九十]*\s*(?:点|:|时|号|日|天|月|周|年|次|顿|餐|回|分|小时|刻|个|{UNIT}))"
            # A spoken number stands before other words too: 晚上一家人.
            r"(?:(?<=[\d半])|(?=\s*(?:$|[^一-鿿]|[早中午晚夜睡饭随空吃服喝和跟与及各]|提醒|叫|喊)))"
        ),
        _bare,
    ),
]
