"""How often: every so many days, weeks or months, times a week, cycles, days of the month."""

from __future__ import annotations

import re
from fractions import Fraction

from bot.care.reading.numbers import DAY_OF_MONTH, EACH_MONTH, INT, days_in, integer
from bot.care.reading.rules import Match, Rule, Tokens, simple
from bot.care.reading.tokens import T, Token

_ONCE = r"(?:一\s*[次回趟打针支片粒遍]|1\s*[次回针支]|个针|个?长效针)"
_VERB = r"(?:要|得|再|去|吃|服|打|做|查|抽|验|测|拿|取|开|领|复诊|复查|随访|注射|来|看|跑|上门|用|吃药|打针|回医院|到医院|去医院|吃的?)*"
_PLACE = r"(?:[^,。;\n\d\s一二两三四五六七八九十半片粒颗早晚中午次]{0,6}?)"


def _every(match: Match, value: str) -> list[Token]:
    return [Token(T.EVERY, match.start(), match.end(), value)]


def _every_days_value(days: int) -> str:
    return "daily" if days == 1 else f"every_{days}_days"


def _months_value(months: int) -> str:
    return {1: "monthly", 3: "every_3_months"}.get(months, f"every_{months}_months")


def _count(written: str | None) -> int:
    return integer(written) if written else 1


def _interval_days(match: Match, before: Tokens) -> list[Token]:
    count, unit = integer(match["count"]), match["unit"]
    return _every(match, _every_days_value(days_in(count, unit))) if count else []


def _skipped_days(match: Match, before: Tokens) -> list[Token]:
    """隔一天 skips one day: every second one. 隔28天 is said for every 28 days."""
    count, unit = _count(match["count"]), match["unit"]
    days = days_in(count, unit)
    if unit.endswith("周"):
        return _every(match, f"every_{14 if count == 1 else days}_days")
    return _every(match, f"every_{days + 1 if days < 7 else days}_days")


def _interval_months(match: Match, before: Tokens) -> list[Token]:
    count = _count(match["count"])
    return _every(match, _months_value(count)) if count else []


def _times_a_week(match: Match, before: Tokens) -> list[Token]:
    count = integer(match["count"])
    if count == 1:
        return _every(match, "every_7_days")
    return [Token(T.TIMES_A, match.start(), match.end(), "week", (), Fraction(count))]


def _times_a_month(match: Match, before: Tokens) -> list[Token]:
    count = integer(match["count"])
    if count == 1:
        return _every(match, "monthly")
    return [Token(T.TIMES_A, match.start(), match.end(), "month", (), Fraction(count))]


def _times_a_year(match: Match, before: Tokens) -> list[Token]:
    count = integer(match["count"])
    if not count or 12 % count:
        return [Token(T.STRAY, match.start(), match.end())]
    return _every(match, f"every_{12 // count}_months")


def _latin_interval(match: Match, before: Tokens) -> list[Token]:
    count = _count(match["count"])
    if match["unit"] == "m":
        return _every(match, _months_value(count))
    return _every(match, _every_days_value(count * (7 if match["unit"] == "w" else 1)))


def _cycle(match: Match, before: Tokens) -> list[Token]:
    on = days_in(integer(match["on"]), match["onunit"] or match["offunit"] or "天")
    off = days_in(integer(match["off"]), match["offunit"] or match["onunit"] or "天")
    return _every(match, f"cycle:{on}on{off}off")


def _monthly_days(match: Match, before: Tokens) -> list[Token]:
    numbers = [integer(n) for n in re.findall(DAY_OF_MONTH, match["days"])]
    if not all(1 <= n <= 31 for n in numbers):
        return []
    return _every(match, "monthly:" + ",".join(str(n) for n in numbers))


def _monthly_range(match: Match, before: Tokens) -> list[Token]:
    """每月1号到7号: each of these days."""
    first, last = integer(match["first"]), integer(match["last"])
    if not 1 <= first < last <= 31:
        return []
    return _every(match, "monthly:" + ",".join(str(day) for day in range(first, last + 1)))


def _lunar_monthly(match: Match, before: Tokens) -> list[Token]:
    numbers = [integer(n) for n in re.findall(DAY_OF_MONTH, match["days"])]
    value = "lunar_monthly:" + ",".join(str(n) for n in numbers)
    return [Token(T.EVERY, match.start(), match.end(), value, ("lunar",))]


RULES: list[Rule] = [
    (
        re.compile(
            rf"(?:每周)?(?:连续|连着|连)?(?:吃|服|用|打|上)(?P<on>{INT})\s*(?P<onunit>天|日|周)?\s*,?\s*(?:停|休|歇|隔|不吃)(?:药|息|服)?\s*(?P<off>{INT})\s*(?:(?P<offunit>天|日|周)|(?!\s*[片粒颗丸袋\dm]))"
        ),
        _cycle,
    ),
    (re.compile(rf"每?隔(?:开)?(?P<count>{INT})?(?:个)?(?P<unit>天|日|周)"), _skipped_days),
    (re.compile(r"每?隔(?:一)?个?月(?:一次)?"), simple(T.EVERY, "every_2_months")),
    (re.compile(rf"每?隔(?P<count>{INT})个?月"), _interval_months),
    (re.compile(r"(?<![a-z])qod(?![a-z])"), simple(T.EVERY, "every_2_days")),
    (re.compile(r"(?<![a-z])q(?P<count>\d{0,2})(?P<unit>[wdm])(?![a-z])"), _latin_interval),
    (re.compile(r"(?<![a-z])biw(?![a-z])"), simple(T.TIMES_A, "week", number=2)),
    (re.compile(r"(?<![a-z])tiw(?![a-z])"), simple(T.TIMES_A, "week", number=3)),
    (re.compile(r"(?:单|双|奇数|偶数)(?:日|号|天)(?:不吃|不用吃|停|不服)"), simple(T.NOISE)),
    (
        re.compile(r"(?:逢|每逢|每个?|遇)?(?:单|奇数)(?:日|号|天)(?:子)?"),
        simple(T.EVERY, "schedule:odd_days"),
    ),
    (
        re.compile(r"(?:逢|每逢|每个?|遇)?(?:双|偶数)(?:日|号|天)(?:子)?"),
        simple(T.EVERY, "schedule:even_days"),
    ),
    (
        re.compile(rf"(?:每半个?月|半个?月(?={_VERB}{_PLACE}{_ONCE}))"),
        simple(T.EVERY, "every_15_days"),
    ),
    (re.compile(rf"(?:每半年|半年(?={_VERB}{_PLACE}{_ONCE}))"), simple(T.EVERY, "every_6_months")),
    (
        re.compile(rf"(?:每个?季度?|一个?季度?(?={_VERB}{_PLACE}{_ONCE})|季度)"),
        simple(T.EVERY, "quarterly"),
    ),
    (re.compile(rf"(?:每年|一年)(?={_VERB}{_PLACE}(?P<count>{INT})[次回趟])"), _times_a_year),
    (re.compile(r"每年"), simple(T.EVERY, "every_12_months")),
    (
        re.compile(
            rf"{EACH_MONTH}\s*(?P<first>{DAY_OF_MONTH})[号日]?\s*(?:到|至|-|~)\s*(?P<last>{DAY_OF_MONTH})[号日]"
        ),
        _monthly_range,
    ),
    (
        re.compile(
            rf"(?:{EACH_MONTH}?(?P<calendar>农历|阴历|旧历|老历){EACH_MONTH}?|{EACH_MONTH})"
            rf"(?P<days>初{DAY_OF_MONTH}(?:[、,和跟及]?(?:初|十五|十)?{DAY_OF_MONTH}?)*)(?!\s*[片粒颗])"
        ),
        _lunar_monthly,
    ),
    (
        re.compile(
            rf"(?:{EACH_MONTH}(?:农历|阴历|旧历|老历)的?|(?:农历|阴历|旧历|老历)的?{EACH_MONTH})(?P<days>{DAY_OF_MONTH}(?:[、,和跟及]{DAY_OF_MONTH})*)(?:号|日)?"
        ),
        _lunar_monthly,
    ),
    (
        re.compile(
            rf"{EACH_MONTH}(?:阳历|公历)?\s*(?P<days>{DAY_OF_MONTH}(?:号|日)?(?:[、,和跟及 ]{{1,2}}{DAY_OF_MONTH}(?:号|日)?)*(?<=[号日]))"
        ),
        _monthly_days,
    ),
    (
        re.compile(
            rf"{EACH_MONTH}\s*(?P<days>{DAY_OF_MONTH})(?=\s*(?:打|去|复|拿|取|领|提醒|随|抽|查|开|上|下|早|晚))(?![次回])"
        ),
        _monthly_days,
    ),
    (
        re.compile(rf"{EACH_MONTH}(?:的)?(?:月)?(?:底|末|(?:底|末)?的?最后一[天日])"),
        simple(T.EVERY, "monthly:last_day"),
    ),
    (
        re.compile(rf"{EACH_MONTH}(?:的)?(?:月)?(?:初|头|中旬?|上旬|下旬)"),
        simple(T.EVERY, "monthly"),
    ),
    (
        re.compile(
            rf"(?:每个?|一个?|1个?)周(?={_VERB}{_PLACE}(?P<count>{INT})[次回趟](?!\s*[一二两三]))"
        ),
        _times_a_week,
    ),
    (
        re.compile(rf"(?:每个?|一个|1个)月(?={_VERB}{_PLACE}(?P<count>{INT})[次回趟])"),
        _times_a_month,
    ),
    (re.compile(rf"每(?P<count>{INT})(?:个)?(?P<unit>天|日|周)"), _interval_days),
    (
        re.compile(
            rf"(?P<count>{INT})(?:个)?(?P<unit>天|日|周)(?={_VERB}{_PLACE}(?:一[次回趟]|1[次回]))"
        ),
        _interval_days,
    ),
    (
        re.compile(rf"(?<!第)(?P<count>{INT})(?:个)?(?P<unit>天|日|周)(?={_VERB}{_ONCE})"),
        _interval_days,
    ),
    (re.compile(rf"每(?P<count>{INT})个?月"), _interval_months),
    (re.compile(rf"(?P<count>{INT})个月(?={_VERB}{_PLACE}一[次回趟])"), _interval_months),
    (re.compile(rf"(?<!第)(?P<count>{INT})个月(?={_VERB}{_ONCE})"), _interval_months),
    (
        re.compile(rf"每周|(?<![\d一二两三四五六七八九十上下这本每])一周(?={_VERB}{_ONCE})"),
        simple(T.EVERY, "every_7_days"),
    ),
    (re.compile(r"每个?月(?:都)?|月月"), simple(T.EVERY, "monthly")),
]

DAILY: list[Rule] = [
    (
        re.compile(
            r"每天都?|每日|天天|日日|见天|逐日|逐工|每工|成日|一天(?=[^,。;\n]{0,3}(?:\d|[一二两三四五半]))|日逐"
        ),
        simple(T.EVERY, "daily"),
    ),
]
