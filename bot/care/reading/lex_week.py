"""Weekdays: 周一三五, 下周三, 周末, 除了周日, 每月最后一个周五."""

from __future__ import annotations

import re

from bot.care.reading.numbers import EACH_MONTH
from bot.care.reading.rules import Match, Rule, Tokens, after_kind, simple
from bot.care.reading.tokens import T, Token

_DAY_CODES = {
    "一": "MON",
    "二": "TUE",
    "三": "WED",
    "四": "THU",
    "五": "FRI",
    "六": "SAT",
    "日": "SUN",
    "天": "SUN",
} | dict(zip("1234567", ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"), strict=True))
_WEEK = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_CLOSED = r"(?!\s*(?:片|粒|颗|丸|袋|针|支|次|回|点|号|天|个|半(?![片粒颗丸袋])|十|mg|毫|顿|:|刻|月|[\d.]))"
_WD = rf"(?:周)?[一二三四五六日天]{_CLOSED}"
_WEEKDAYS = rf"周[一二三四五六日天1-7]{_CLOSED}(?:[、,./和及跟与 ]{{0,2}}{_WD})*"
_NTH = {
    "一": "first",
    "二": "second",
    "三": "third",
    "四": "fourth",
    "1": "first",
    "2": "second",
    "3": "third",
    "4": "fourth",
}
_PREFIX = r"(?P<prefix>每个?|逢|下下个?|下个?|这个?|本|上个?)?"


def _weekday_prefix(written: str | None) -> str:
    written = written or ""
    if "下下" in written:
        return "next_next"
    if "下" in written:
        return "next"
    if "这" in written or "本" in written:
        return "this"
    if "上" in written:
        return "past"
    return "every" if written else ""


def _weekdays(match: Match, before: Tokens) -> list[Token]:
    prefix = _weekday_prefix(match["prefix"])
    written, end = match["days"], match.end()
    if prefix not in ("", "every") and "," in written:
        # 下周五,周四提醒我: the second one begins another thought.
        written = written.split(",")[0]
        end = match.start("days") + len(written)
    days = [_DAY_CODES[char] for char in written if char in _DAY_CODES]
    ordered = tuple(day for day in _WEEK if day in days)
    if not prefix and len(ordered) > 1:
        prefix = "every"
    if not prefix:
        prefix = _week_before(match, before)
    if not prefix and after_kind(match, before, {T.DATE}, r"[\s(,]*"):
        # 12月8日(周二): the date has said it.
        return [Token(T.NOISE, match.start(), match.end())]
    return [Token(T.WEEKDAY, match.start(), end, prefix, ordered)]


def _week_before(match: Match, before: Tokens) -> str:
    """下周一抽血、周三复诊: both in that week."""
    earlier = next((token for token in reversed(before) if token.kind is T.WEEKDAY), None)
    if earlier is None or earlier.value not in ("next", "next_next"):
        return ""
    apart = re.search(r"[。;\n]", match.string[earlier.end : match.start()])
    return "" if apart else earlier.value


def _weekdays_off(match: Match, before: Tokens) -> list[Token]:
    """除了周日, 周末不吃: every day but these."""
    written = match["days"] or match["off"]
    if "周末" in written or "双休" in written:
        days: tuple[str, ...] = ("SAT", "SUN")
    else:
        named = {_DAY_CODES[char] for char in written if char in _DAY_CODES}
        days = tuple(day for day in _WEEK if day in named)
    return [Token(T.WEEKDAY, match.start(), match.end(), "except", days)]


def _other_weekdays(match: Match, before: Tokens) -> list[Token]:
    """周一三五一片,其余日子半片: the days of the week not named before."""
    named = {day for token in before if token.kind is T.WEEKDAY for day in token.items}
    days = tuple(day for day in _WEEK if day not in named)
    if not named or not days:
        return []
    return [Token(T.WEEKDAY, match.start(), match.end(), "every", days)]


def _loose_weekdays(match: Match, before: Tokens) -> list[Token]:
    """一三五吃一片,二四六吃半片, 周 left out."""
    days = tuple(_DAY_CODES[char] for char in match[0])
    return [Token(T.WEEKDAY, match.start(), match.end(), "every", days)]


def _weekday_range(match: Match, before: Tokens) -> list[Token]:
    """周一到周五 comes every week; 下周一到周三 once, from the one day to the other."""
    first, last = _DAY_CODES[match["first"]], _DAY_CODES[match["last"]]
    prefix = _weekday_prefix(match["prefix"])
    if prefix in ("next", "next_next", "this"):
        return [
            Token(T.WEEKDAY, match.start(), match.end("first"), prefix, (first,)),
            Token(T.UNTIL, match.end("first"), match.start("last")),
            Token(T.WEEKDAY, match.start("last"), match.end(), prefix, (last,)),
        ]
    start, end = _WEEK.index(first), _WEEK.index(last)
    days = _WEEK[start : end + 1] if start <= end else (*_WEEK[start:], *_WEEK[: end + 1])
    return [Token(T.WEEKDAY, match.start(), match.end(), "every", days)]


def _weekend(match: Match, before: Tokens) -> list[Token]:
    prefix = _weekday_prefix(match["prefix"])
    return [Token(T.WEEKDAY, match.start(), match.end(), prefix, ("SAT", "SUN"))]


def _nth_weekday(match: Match, before: Tokens) -> list[Token]:
    if match["nth"].startswith("头"):
        nth = "first"
    else:
        nth = "last" if match["nth"].startswith("最后") else _NTH[match["nth"].strip("第个")]
    value = f"{nth}_{_DAY_CODES[match['day']]}"
    if match["which"].startswith(("每", "月月")):
        return [Token(T.EVERY, match.start(), match.end(), f"monthly:{value}")]
    month = "next_month" if match["which"].startswith("下") else "this_month"
    return [Token(T.DATE, match.start(), match.end(), f"{month}:{value}")]


RULES: list[Rule] = [
    (
        re.compile(
            rf"(?P<which>{EACH_MONTH}|本月|这个月|下个?月)(?P<nth>最后一个?|头一?个?|第?[一二三四1-4]个?)周(?P<day>[一二三四五六日天])"
        ),
        _nth_weekday,
    ),
    (
        re.compile(
            rf"除(?:了|去|开|掉)?(?:每个?)?(?P<days>周末|双休日?|{_WEEKDAYS})(?:以外|之外|外)?(?:不吃|休息)?,?(?:其[他余]|每天)?"
            rf"|(?:每个?)?(?P<off>周末|双休日?|{_WEEKDAYS})(?:都)?(?:不(?:用)?(?:吃|服|打)(?!饭)|停药|停一天|除外|休息|不算|例外)"
        ),
        _weekdays_off,
    ),
    (
        re.compile(
            r"(?<![一二三四五六七八九十周第])(?:一三五日?|二四六日?)(?=早|中|晚|上|下|睡|吃|服|打|去|各|[,:、 ])"
        ),
        _loose_weekdays,
    ),
    (
        re.compile(
            _PREFIX
            + r"周(?P<first>[一二三四五六日天1-7])\s*(?:到|至|-|~)\s*(?:周)?(?P<last>[一二三四五六日天1-7])(?!\s*点)"
        ),
        _weekday_range,
    ),
    (re.compile(rf"{_PREFIX}(?P<days>{_WEEKDAYS})"), _weekdays),
    (
        re.compile(r"(?:其余|其他|其它|剩下|别的)的?(?:日子|时间|时候|几天|[一二三四五六]?天)"),
        _other_weekdays,
    ),
    (
        re.compile(
            r"工作日|(?:上学|上课|上班)(?:日|的日子|的时候(?!.{0,3}困))|上班(?:的)?(?:日子|那几天|时间)|平日"
        ),
        simple(T.WEEKDAY, "every", *_WEEK[:5]),
    ),
    (re.compile(r"(?P<prefix>每个?|逢|下个?|这个?|本)?(?:周末(?:两天)?|双休日?|周六日)"), _weekend),
]
