"""The fields of template messages and subscription notices, checked before they are sent.

Source: 订阅消息参数值内容限制说明 (发送订阅消息); the platform's staff say that the same limits hold for
类目模板. A field that does not fit is refused with 47003, and nothing of the notice arrives.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.wechat.failures import UnsafeContent
from bot.wechat.text import clean, graphemes, shorten, units

THING_LIMIT = 20

_FIELD = re.compile(r"([a-z_]+?)([0-9]*)")
_DROPPED = ("first", "remark")

_HANZI = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_DATE = (
    r"(?:[0-9]{4}年[0-9]{1,2}月(?:[0-9]{1,2}日)?|[0-9]{1,2}月[0-9]{1,2}日"
    r"|(?:[0-9]{4}[-/.])?[0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{4}[-/.][0-9]{1,2})"
)
_CLOCK = r"(?:(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?)"
_TIME = rf"(?:{_DATE} ?)?{_CLOCK}"
_DAY = rf"{_DATE}(?: ?{_CLOCK})?"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """``problem`` names the rule and never the value, which may be somebody's name."""

    field: str
    problem: str


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _is_symbol(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def _is_name(value: str) -> bool:
    if re.search(f"[{_HANZI}]", value):
        return units(value) <= 10
    return units(value) <= 20 and all(char.isalpha() or char in " ·.-'" for char in value)


_RULES: dict[str, tuple[Callable[[str], bool], str]] = {
    "thing": (lambda value: units(value) <= THING_LIMIT, "at most 20 characters"),
    "character_string": (_matches(r"[!-~ ]{1,32}"), "at most 32 digits, letters or symbols"),
    "number": (_matches(r"(?=.{1,32}$)-?[0-9]+(\.[0-9]+)?"), "a number of at most 32 digits"),
    "letter": (_matches(r"[A-Za-z]{1,32}"), "at most 32 letters"),
    "symbol": (
        lambda value: len(value) <= 5 and all(map(_is_symbol, value)),
        "at most 5 symbols",
    ),
    "phrase": (_matches(f"[{_HANZI}]{{1,5}}"), "at most 5 Hanzi and nothing else"),
    "name": (_is_name, "at most 10 characters with Hanzi, or 20 letters"),
    "time": (_matches(rf"{_TIME}(?: ?~ ?{_TIME})?"), "a time of 24 hours, or a range with ~"),
    "date": (_matches(rf"{_DAY}(?: ?~ ?{_DAY})?"), "a date, or a range with ~"),
    "amount": (
        _matches(r"[¥￥$€£]?[0-9]{1,10}(\.[0-9]{1,2})?元?"),
        "at most 10 digits, a currency sign before or 元 after",
    ),
    "phone_number": (_matches(r"[0-9+() -]{1,17}"), "at most 17 digits or symbols"),
    "car_number": (
        _matches(f"[{_HANZI}A-Z0-9][A-Z0-9]{{0,6}}[{_HANZI}A-Z0-9]"),
        "at most 8 letters and digits, the first and last may be Hanzi",
    ),
}


def kind_of(field: str) -> str:
    """``thing`` of ``thing12``; the whole word where it has no number."""
    match = _FIELD.fullmatch(field)
    return match[1] if match else field


def check_field(field: str, value: str) -> FieldProblem | None:
    """What the platform would refuse ``value`` for; None where nothing is known against it.

    Kinds with values of the template's own (``const``, ``enum``) and old templates (``keyword``)
    have only the rules common to all.
    """
    if kind_of(field) in _DROPPED:
        return FieldProblem(field, "the platform has dropped this field since 2023")
    if not value.strip():
        return FieldProblem(field, "empty")
    if clean(value) != value or any(unicodedata.category(char)[0] == "C" for char in value):
        # Joiners inside emoji are of this category too; they are drawn as □.
        return FieldProblem(field, "a line break, a control character or an emoji sequence")
    fits, rule = _RULES.get(kind_of(field), (lambda _: True, ""))
    return None if fits(value) else FieldProblem(field, rule)


def check_notice(data: Mapping[str, str]) -> list[FieldProblem]:
    """All problems of a notice's fields."""
    found = [check_field(field, value) for field, value in data.items()]
    problems = [problem for problem in found if problem]
    return problems if data else [FieldProblem("", "no fields")]


def fit(field: str, value: str) -> str:
    """``value`` as it may be sent: on one line, without emoji, a ``thing`` shortened with ``…``.

    Raises `UnsafeContent` where that is not enough: shortening a number, a date or a name would
    make another one of it.
    """
    line = " ".join("".join(g for g in graphemes(value) if not _is_emoji(g)).split())
    line = "".join(char for char in clean(line) if unicodedata.category(char)[0] != "C")
    if kind_of(field) == "thing":
        line = shorten(line, THING_LIMIT)
    problem = check_field(field, line)
    if problem:
        raise UnsafeContent(f"{field}: {problem.problem}")
    return line


def _is_emoji(grapheme: str) -> bool:
    """Whether WeChat draws it as □ in a notice."""
    return any(
        ord(char) >= 0x1F000 and unicodedata.category(char) in ("So", "Sk", "Cn")
        for char in grapheme
    ) or any(mark in grapheme for mark in ("\ufe0f", "\u20e3"))
