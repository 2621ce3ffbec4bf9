"""Dates: 10月8号, 大后天, 下个月3号, 月底, 腊月初八, 三个月后, 还剩五天的量.

A value is what follows `once:` in the contract.
"""

from __future__ import annotations

import re

from bot.care.reading.numbers import DAY_OF_MONTH, INT, days_in, integer
from bot.care.reading.rules import Match, Rule, Tokens, after_kind, simple
from bot.care.reading.tokens import T, Token

_YEAR = r"(?:(?P<year>20\d\d|今|明|后)年?\s*[-/.年]?\s*)?"
_CALENDAR = r"(?P<calendar>农历|阴历|旧历|老历|夏历|阳历|公历|新历|国历)?的?"
_LUNAR = ("农历", "阴历", "旧历", "老历", "夏历")
_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}


def _year_prefix(written: str | None) -> str:
    if not written or written == "今":
        return ""
    return {"明": "next_year:", "后": "year_after_next:"}.get(written, f"{written}-")


def _date(match: Match, value: str, *marks: str) -> list[Token]:
    return [Token(T.DATE, match.start(), match.end(), value, marks)]


def _month_day(match: Match, before: Tokens) -> list[Token]:
    month, day = integer(match["month"]), integer(match["day"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return []
    value = f"{month:02d}-{day:02d}"
    groups = match.groupdict()
    calendar = groups.get("calendar")
    if calendar in _LUNAR or (groups.get("chu") and calendar is None):
        return _date(match, f"lunar:{value}", "lunar")
    return _date(match, _year_prefix(groups.get("year")) + value)


def _lunar_named(match: Match, before: Tokens) -> list[Token]:
    """正月, 冬月 and 腊月 are months of the lunar calendar; the others may be of either."""
    if match["month"] in _LUNAR_MONTHS:
        value = f"{_LUNAR_MONTHS[match['month']]:02d}-{integer(match['day']):02d}"
        return _date(match, f"lunar:{value}", "lunar")
    return _month_day(match, before)


def _slashed(match: Match, before: Tokens) -> list[Token]:
    rest = match.string[match.end() :]
    if re.match(r"\s*(?:片|粒|颗|丸|袋|针|mg|ml|g|%|小时|分钟|周|个|天)", rest):
        return []
    # 1/2 is a half unless a day follows; after a part of the day it is a dose or an hour.
    if (
        match["sep"] == "/"
        and match["day"] in ("2", "3", "4")
        and match["month"] in ("1", "2", "3")
        and not match["hao"]
    ):
        return []
    if (
        before
        and before[-1].kind in (T.PART, T.MEAL, T.DRUG)
        and not match["hao"]
        and match["sep"] == "."
    ):
        return []
    return _month_day(match, before)


def _month_only(match: Match, before: Tokens) -> list[Token]:
    """12月份, 8月底: the day is asked."""
    month = integer(match["month"])
    if not 1 <= month <= 12:
        return []
    return _date(match, f"{_year_prefix(match['year'])}{month:02d}", "vague")


def _iso(match: Match, before: Tokens) -> list[Token]:
    return _date(match, f"{match[1]}-{integer(match[2]):02d}-{integer(match[3]):02d}")


def _day_of(match: Match, before: Tokens) -> list[Token]:
    """15号, 下个月3号, 这个月20号."""
    day = integer(match["day"])
    if not 1 <= day <= 31 or (match[0].endswith("日") and match["day"] in "一二三四五六七八九"):
        return []
    which = match["which"] or ""
    if "下下" in which:
        return _date(match, f"month_after_next:{day:02d}")
    if "下" in which:
        return _date(match, f"next_month:{day:02d}")
    if "上" in which:
        return _date(match, f"last_month:{day:02d}", "past")
    if which:
        return _date(match, f"this_month:{day:02d}")
    return _date(match, f"day:{day:02d}")


def _lunar_day(match: Match, before: Tokens) -> list[Token]:
    day = integer(match["day"])
    if not 1 <= day <= 30:
        return []
    if match["calendar"] in ("阳历", "公历", "新历", "国历"):
        return _date(match, f"day:{day:02d}")
    return _date(match, f"lunar:{day:02d}", "lunar")


def _two_days(match: Match, before: Tokens) -> list[Token]:
    """明后两天, 今明两天."""
    values = {"今": "today", "明": "+1d", "后": "+2d"}
    start = match.start()
    return [
        Token(T.DATE, start, start + 1, values[match[1]]),
        Token(T.DATE, start + 1, match.end(), values[match[2]]),
    ]


def _in_days(match: Match, before: Tokens) -> list[Token]:
    days = days_in(integer(match["count"]), match["unit"])
    # 过两天 is "soon"; 两天后 and 过两周 are counted.
    soon = match["count"] == "两" and days == 2 and not match[0].endswith("后")
    soon = soon or bool(match.groupdict().get("about"))
    return _date(match, f"+{days}d", *(["vague"] if soon else ["after"]))


def _in_months(match: Match, before: Tokens) -> list[Token]:
    unit = match["unit"]
    count = 6 if match["count"] == "半" else integer(match["count"]) * (12 if unit == "年" else 1)
    mark = "vague" if match["about"] else "after"
    if match["count"] == "半" and unit != "年":
        return _date(match, "+15d", mark)
    return _date(match, f"+{count}mon", mark)


def _ago(match: Match, before: Tokens) -> list[Token]:
    if match["count"] == "半":
        return _date(match, "-15d", "past")
    if match["unit"].endswith("月"):
        return _date(match, f"-{integer(match['count'])}mon", "past")
    return _date(match, f"-{days_in(integer(match['count']), match['unit'])}d", "past")


def _stock(match: Match, before: Tokens) -> list[Token]:
    """药还剩五天的量: the day on which it runs out. 十来天 is asked again."""
    days = (
        7
        if match["count"] == "一" and match["unit"].endswith("周")
        else days_in(integer(match["count"]), match["unit"])
    )
    marks = ("vague",) if match["about"] else ()
    return [
        Token(T.SUBJECT, match.start(), match.start(), "refill"),
        Token(T.DATE, match.start(), match.end(), f"+{days}d", marks),
    ]


def _just_now(match: Match, before: Tokens) -> list[Token]:
    """刚打过: today; 11月20号刚打过: that date is the last one."""
    if after_kind(match, before, {T.DATE}, r"[\s,]*"):
        return [Token(T.LAST, match.start(), match.end())]
    return _date(match, "today", "past")


_FIXED_DATES: list[tuple[str, str, tuple[str, ...]]] = [
    (r"大后天", "+3d", ()),
    (r"后天", "+2d", ()),
    (r"明天", "+1d", ()),
    (r"今天", "today", ()),
    (r"大前天", "-3d", ("past",)),
    (r"前天(?!提醒|叫|喊|通知)", "-2d", ("past",)),
    (r"昨天", "-1d", ("past",)),
    (r"(?:本|这个?)?月(?:底|末|尾)?的?最后一[天日]", "month_end", ()),
    (r"(?:本|这个?)?月(?:底|末|尾)", "month_end", ("vague",)),
    (r"下个?月(?:底|末)", "next_month_end", ("vague",)),
    (r"下个?月(?:初|头)", "next_month", ("vague",)),
    (r"(?:本|这个?)?月(?:初|头)", "month_start", ("vague",)),
    (r"下下个?月(?!\s*\d)", "month_after_next", ("vague",)),
    (r"(?:这个?|本)?月中(?:旬)?", "month_middle", ("vague",)),
    (r"下个?月(?:[上中下]旬)?", "next_month", ("vague",)),
    (r"(?:本|这个?)月(?:[上中下]旬)?(?!\s*\d)", "this_month", ("vague",)),
    (r"下下周(?![一二三四五六日天末1-7])", "next_next_week", ("vague",)),
    (r"下周(?![一二三四五六日天末1-7])", "next_week", ("vague",)),
    (r"(?:这|本)周(?![一二三四五六日天末1-7])", "this_week", ("vague",)),
    (r"年底|年末|年前", "year_end", ("vague",)),
    (r"明年(?!\s*\d|[一二三四五六七八九十])", "next_year", ("vague",)),
    (r"元旦", "01-01", ("vague",)),
    (r"国庆节?", "10-01", ("vague",)),
    (r"春节|过年|大年|年后|节后|开春|中秋节?|端午节?|清明节?", "holiday", ("vague",)),
    (r"过几天|这几天|这两天|改天|最近几天", "soon", ("vague",)),
]


RULES: list[Rule] = [
    (
        re.compile(
            rf"药?(?:还|只|就|也)*(?:剩下?|够吃|够|能吃|可以吃|能撑|顶)(?:还有)?(?P<count>{INT})(?P<about>来|多|几)?(?P<unit>天|日|周|个周)(?:左右)?(?:的?量|的药|了)*"
        ),
        _stock,
    ),
    (
        re.compile(
            rf"(?:药)?还有(?P<count>{INT})(?P<about>来|多|几)?(?P<unit>天|日|周)的?(?:量|药)"
        ),
        _stock,
    ),
    (
        re.compile(
            rf"(?:药?(?:还有|还剩|再过|再有))(?P<count>{INT})(?P<about>来|多|几)?(?P<unit>天|日|周)药?(?:就|便|要)+(?:没|完|断|吃完|见底)(?:了)?"
        ),
        _stock,
    ),
    (re.compile(r"(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})[日号]?"), _iso),
    (
        re.compile(
            rf"{_YEAR}{_CALENDAR}(?P<month>正|腊|冬|{INT})月\s*(?:份)?的?(?P<chu>初)?(?P<day>{DAY_OF_MONTH})(?:号|日)?(?!\s*(?:片|粒|点|个|天|次))"
        ),
        _lunar_named,
    ),
    (
        re.compile(rf"{_YEAR}(?P<month>{INT})月(?:份|底|末|初|中旬?|上旬|下旬)(?!\s*[\d])"),
        _month_only,
    ),
    (
        re.compile(
            r"(?<![\d./])(?P<month>1[0-2]|0?[1-9])(?P<sep>[./-])(?P<day>[12]\d|3[01]|0?[1-9])(?![\d./])\s*(?P<hao>[号日])?"
        ),
        _slashed,
    ),
    (
        re.compile(rf"{_CALENDAR}初(?P<day>{DAY_OF_MONTH})(?!\s*[片粒])"),
        _lunar_day,
    ),
    (
        re.compile(rf"(?P<calendar>农历|阴历|旧历|老历)的?(?P<day>{DAY_OF_MONTH})(?:号|日)?"),
        _lunar_day,
    ),
    (
        re.compile(
            rf"(?P<which>下下个?月|下个?月|这个?月|本月|上个?月)?的?\s*(?<![\d第.])(?P<day>{DAY_OF_MONTH})\s*(?:号|日(?![次子]))"
        ),
        _day_of,
    ),
    (
        re.compile(
            rf"(?:再?过|再|等)?(?P<count>{INT})个?(?P<unit>天|日|周)(?P<about>左右|上下|多)?(?:以后|之后|后|过后)"
        ),
        _in_days,
    ),
    (re.compile(rf"(?:再?过|等)(?P<count>{INT})个?(?P<unit>天|周)"), _in_days),
    (
        re.compile(
            rf"(?:再?过|等)?(?P<count>半|{INT})(?:个)?(?P<unit>月|年)(?P<about>左右|上下|多)?(?:以后|之后|后)(?!年)(?:的(?:今天|这天|这一天))?"
        ),
        _in_months,
    ),
    (
        re.compile(
            rf"(?P<count>半|{INT})(?:个)?(?P<unit>天|日|周|月)(?:以前|之前|前)(?!提醒|叫|喊|通知|[一-鿿]{{0,2}}提醒)"
        ),
        _ago,
    ),
    (re.compile(r"(今|明)(明|后)(?:两)?天"), _two_days),
    (re.compile(r"(?<!天)刚刚?(?:才)?(?=打[过了完]|打的)"), _just_now),
    *[
        (re.compile(pattern), simple(T.DATE, value, *marks))
        for pattern, value, marks in _FIXED_DATES
    ],
]
