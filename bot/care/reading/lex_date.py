"""On which days: dates, weekdays, intervals, cycles, beginnings and ends.

Values are the words of the contract's `repeat`; a date is what follows `once:`.
"""

from __future__ import annotations

import re
from fractions import Fraction

from bot.care.reading.numbers import INT, integer
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
_DAYS = {"天": 1, "日": 1, "周": 7, "个周": 7}
_ONCE = r"(?:一\s*[次回趟打针支片粒遍]|1\s*[次回针支]|个针|个?长效针)"
_VERB = r"(?:要|得|再|去|吃|服|打|做|查|抽|验|测|拿|取|开|领|复诊|复查|随访|注射|来|看|跑|上门|用|吃药|打针|回医院|到医院|去医院|吃的?)*"
_PLACE = r"(?:[^,。;\n\d\s一二两三四五六七八九十半片粒颗早晚中午次]{0,6}?)"


def _days(count: int, unit: str) -> int:
    return count * (7 if unit.endswith("周") else 1)


def _every(match: Match, value: str) -> list[Token]:
    return [Token(T.EVERY, match.start(), match.end(), value)]


def _every_days_value(days: int) -> str:
    return "daily" if days == 1 else f"every_{days}_days"


def _months_value(months: int) -> str:
    return {1: "monthly", 3: "every_3_months"}.get(months, f"every_{months}_months")


def _count(written: str | None) -> int:
    return integer(written) if written else 1


# --- intervals -------------------------------------------------------------------------------


def _interval_days(match: Match, before: Tokens) -> list[Token]:
    count, unit = integer(match["count"]), match["unit"]
    return _every(match, _every_days_value(_days(count, unit))) if count else []


def _skipped_days(match: Match, before: Tokens) -> list[Token]:
    """隔一天 skips one day: every second one. 隔28天 is said for every 28 days."""
    count, unit = _count(match["count"]), match["unit"]
    days = _days(count, unit)
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
    on = _days(integer(match["on"]), match["onunit"] or match["offunit"] or "天")
    off = _days(integer(match["off"]), match["offunit"] or match["onunit"] or "天")
    return _every(match, f"cycle:{on}on{off}off")


# --- weekdays --------------------------------------------------------------------------------

_CLOSED = r"(?!\s*(?:片|粒|颗|丸|袋|针|支|次|回|点|号|天|个|半|十|mg|毫|顿|:|刻|月|[\d.]))"
_WD = rf"(?:周)?[一二三四五六日天]{_CLOSED}"
_WEEKDAYS = rf"周[一二三四五六日天1-7]{_CLOSED}(?:[、,./和及跟与 ]{{0,2}}{_WD})*"


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


_PREFIX = r"(?P<prefix>每个?|逢|下下个?|下个?|这个?|本|上个?)?"


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
    if not prefix and after_kind(match, before, {T.DATE}, r"[\s(,]*"):
        # 12月8日(周二): the date has said it.
        return [Token(T.NOISE, match.start(), match.end())]
    return [Token(T.WEEKDAY, match.start(), end, prefix, ordered)]


def _weekdays_off(match: Match, before: Tokens) -> list[Token]:
    """除了周日, 周末不吃: every day but these."""
    written = match["days"] or match["off"]
    if "周末" in written or "双休" in written:
        days: tuple[str, ...] = ("SAT", "SUN")
    else:
        named = {_DAY_CODES[char] for char in written if char in _DAY_CODES}
        days = tuple(day for day in _WEEK if day in named)
    return [Token(T.WEEKDAY, match.start(), match.end(), "except", days)]


def _loose_weekdays(match: Match, before: Tokens) -> list[Token]:
    """一三五吃一片,二四六吃半片, 周 left out."""
    days = tuple(_DAY_CODES[char] for char in match[0])
    return [Token(T.WEEKDAY, match.start(), match.end(), "every", days)]


def _weekday_range(match: Match, before: Tokens) -> list[Token]:
    first, last = _WEEK.index(_DAY_CODES[match["first"]]), _WEEK.index(_DAY_CODES[match["last"]])
    days = _WEEK[first : last + 1] if first <= last else (*_WEEK[first:], *_WEEK[: last + 1])
    return [Token(T.WEEKDAY, match.start(), match.end(), "every", days)]


def _weekend(match: Match, before: Tokens) -> list[Token]:
    prefix = _weekday_prefix(match["prefix"])
    return [Token(T.WEEKDAY, match.start(), match.end(), prefix, ("SAT", "SUN"))]


# --- months ----------------------------------------------------------------------------------

_MONTHLY = r"(?:每个?月(?:的|都)?|月月|一个月一次[,的]?|逢月)"
_DAYNUM = r"(?:[12]\d|3[01]|0?[1-9]|三十一?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
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


def _monthly_days(match: Match, before: Tokens) -> list[Token]:
    numbers = [integer(n) for n in re.findall(_DAYNUM, match["days"])]
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
    numbers = [integer(n) for n in re.findall(_DAYNUM, match["days"])]
    value = "lunar_monthly:" + ",".join(str(n) for n in numbers)
    return [Token(T.EVERY, match.start(), match.end(), value, ("lunar",))]


def _nth_weekday(match: Match, before: Tokens) -> list[Token]:
    if match["nth"].startswith("头"):
        nth = "first"
    else:
        nth = "last" if match["nth"].startswith("最后") else _NTH[match["nth"].strip("第个")]
    value = f"{nth}_{_DAY_CODES[match['day']]}"
    if match["which"].startswith(("每", "月月")):
        return _every(match, f"monthly:{value}")
    month = "next_month" if match["which"].startswith("下") else "this_month"
    return [Token(T.DATE, match.start(), match.end(), f"{month}:{value}")]


# --- dates -----------------------------------------------------------------------------------

_YEAR = r"(?:(?P<year>20\d\d|今|明|后)年?\s*[-/.年]?\s*)?"
_CALENDAR = r"(?P<calendar>农历|阴历|旧历|老历|夏历|阳历|公历|新历|国历)?的?"
_LUNAR = ("农历", "阴历", "旧历", "老历", "夏历")


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
    days = _days(integer(match["count"]), match["unit"])
    # 过两天 is "soon"; 两天后 and 过两周 are counted.
    soon = match["count"] == "两" and days == 2 and not match[0].endswith("后")
    return _date(match, f"+{days}d", *(["vague"] if soon else ["after"]))


def _in_months(match: Match, before: Tokens) -> list[Token]:
    unit = match["unit"]
    count = 6 if match["count"] == "半" else integer(match["count"]) * (12 if unit == "年" else 1)
    if match["count"] == "半" and unit != "年":
        return _date(match, "+15d")
    return _date(match, f"+{count}mon")


def _ago(match: Match, before: Tokens) -> list[Token]:
    if match["count"] == "半":
        return _date(match, "-15d", "past")
    if match["unit"].endswith("月"):
        return _date(match, f"-{integer(match['count'])}mon", "past")
    return _date(match, f"-{_days(integer(match['count']), match['unit'])}d", "past")


def _stock(match: Match, before: Tokens) -> list[Token]:
    """药还剩五天的量: the day on which it runs out. 十来天 is asked again."""
    days = (
        7
        if match["count"] == "一" and match["unit"].endswith("周")
        else _days(integer(match["count"]), match["unit"])
    )
    marks = ("vague",) if match["about"] else ()
    return [
        Token(T.SUBJECT, match.start(), match.start(), "refill"),
        Token(T.DATE, match.start(), match.end(), f"+{days}d", marks),
    ]


_FIXED_DATES: list[tuple[str, str, tuple[str, ...]]] = [
    (r"大后天", "+3d", ()),
    (r"后天", "+2d", ()),
    (r"明天", "+1d", ()),
    (r"今天", "today", ()),
    (r"大前天", "-3d", ("past",)),
    (r"前天(?!提醒|叫|喊|通知)", "-2d", ("past",)),
    (r"昨天", "-1d", ("past",)),
    (r"(?<!天)刚刚?(?:才)?(?=打[过了完]|打的)", "today", ("past",)),
    (r"(?:本|这个?)?月(?:底|末|尾)?的?最后一[天日]", "month_end", ()),
    (r"(?:本|这个?)?月(?:底|末|尾)", "month_end", ("vague",)),
    (r"下个?月(?:底|末)", "next_month_end", ("vague",)),
    (r"下个?月(?:初|头)", "next_month", ("vague",)),
    (r"(?:本|这个?)?月(?:初|头)", "month_start", ("vague",)),
    (r"下下个?月(?!\s*\d)", "month_after_next", ("vague",)),
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
    # what is left over
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
    # cycles
    (
        re.compile(
            rf"(?:每周)?(?:连续|连着|连)?(?:吃|服|用|打|上)(?P<on>{INT})\s*(?P<onunit>天|日|周)?\s*,?\s*(?:停|休|歇|隔|不吃)(?:药|息|服)?\s*(?P<off>{INT})\s*(?P<offunit>天|日|周)?"
        ),
        _cycle,
    ),
    # intervals
    (re.compile(rf"每?隔(?:开)?(?P<count>{INT})?(?:个)?(?P<unit>天|日|周)"), _skipped_days),
    (re.compile(r"每?隔(?:一)?个?月(?:一次)?"), simple(T.EVERY, "every_2_months")),
    (re.compile(rf"每?隔(?P<count>{INT})个?月"), _interval_months),
    (re.compile(r"(?<![a-z])qod(?![a-z])"), simple(T.EVERY, "every_2_days")),
    (re.compile(r"(?<![a-z])q(?P<count>\d{0,2})(?P<unit>[wdm])(?![a-z])"), _latin_interval),
    (re.compile(r"(?<![a-z])biw(?![a-z])"), simple(T.TIMES_A, "week", number=2)),
    (re.compile(r"(?<![a-z])tiw(?![a-z])"), simple(T.TIMES_A, "week", number=3)),
    (re.compile(r"(?:单|双|奇数|偶数)(?:日|号|天)(?:不吃|不用吃|停|不服)"), simple(T.NOISE)),
    (
        re.compile(rf"(?:逢|每逢|每个?|遇)?(?:单|奇数)(?:日|号|天)(?:子)?"),
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
    # the days of a month
    (
        re.compile(
            rf"{_MONTHLY}\s*(?P<first>{_DAYNUM})[号日]?\s*(?:到|至|-|~)\s*(?P<last>{_DAYNUM})[号日]"
        ),
        _monthly_range,
    ),
    (
        re.compile(
            rf"(?P<which>{_MONTHLY}|本月|这个月|下个?月)(?P<nth>最后一个?|头一?个?|第?[一二三四1-4]个?)周(?P<day>[一二三四五六日天])"
        ),
        _nth_weekday,
    ),
    (
        re.compile(
            rf"(?:{_MONTHLY}?(?P<calendar>农历|阴历|旧历|老历){_MONTHLY}?|{_MONTHLY})"
            rf"(?P<days>初{_DAYNUM}(?:[、,和跟及]?(?:初|十五|十)?{_DAYNUM}?)*)(?!\s*[片粒颗])"
        ),
        _lunar_monthly,
    ),
    (
        re.compile(
            rf"(?:{_MONTHLY}(?:农历|阴历|旧历|老历)的?|(?:农历|阴历|旧历|老历)的?{_MONTHLY})(?P<days>{_DAYNUM}(?:[、,和跟及]{_DAYNUM})*)(?:号|日)?"
        ),
        _lunar_monthly,
    ),
    (
        re.compile(
            rf"{_MONTHLY}(?:阳历|公历)?\s*(?P<days>{_DAYNUM}(?:号|日)?(?:[、,和跟及 ]{{1,2}}{_DAYNUM}(?:号|日)?)*(?<=[号日]))"
        ),
        _monthly_days,
    ),
    (
        re.compile(
            rf"{_MONTHLY}\s*(?P<days>{_DAYNUM})(?=\s*(?:打|去|复|拿|取|领|提醒|随|抽|查|开|上|下|早|晚))(?![次回])"
        ),
        _monthly_days,
    ),
    (
        re.compile(rf"{_MONTHLY}(?:的)?(?:月)?(?:底|末|(?:底|末)?的?最后一[天日])"),
        simple(T.EVERY, "monthly:last_day"),
    ),
    (re.compile(rf"{_MONTHLY}(?:的)?(?:月)?(?:初|头|中旬?|上旬|下旬)"), simple(T.EVERY, "monthly")),
    # so often
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
        re.compile(
            rf"(?<!第)(?P<count>{INT})(?:个)?(?P<unit>天|日|周)(?={_VERB}(?:善|哈|恒|瑞)?{_ONCE})"
        ),
        _interval_days,
    ),
    (re.compile(rf"每(?P<count>{INT})个?月"), _interval_months),
    (re.compile(rf"(?P<count>{INT})个月(?={_VERB}{_PLACE}一[次回趟])"), _interval_months),
    (re.compile(rf"(?<!第)(?P<count>{INT})个月(?={_VERB}{_ONCE})"), _interval_months),
    # weekdays
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
            r"周(?P<first>[一二三四五六日天1-7])\s*(?:到|至|-|~)\s*(?:周)?(?P<last>[一二三四五六日天1-7])(?!\s*点)"
        ),
        _weekday_range,
    ),
    (re.compile(rf"{_PREFIX}(?P<days>{_WEEKDAYS})"), _weekdays),
    (
        re.compile(
            r"工作日|(?:上学|上课|上班)(?:日|的日子|的时候(?!.{0,3}困))|上班(?:的)?(?:日子|那几天|时间)|平日"
        ),
        simple(T.WEEKDAY, "every", *_WEEK[:5]),
    ),
    (re.compile(r"(?P<prefix>每个?|逢|下个?|这个?|本)?(?:周末(?:两天)?|双休日?|周六日)"), _weekend),
    (
        re.compile(rf"每周|(?<![\d一二两三四五六七八九十上下这本每])一周(?={_VERB}{_ONCE})"),
        simple(T.EVERY, "every_7_days"),
    ),
    (re.compile(r"每个?月(?:都)?|月月"), simple(T.EVERY, "monthly")),
    # dates
    (re.compile(r"(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})[日号]?"), _iso),
    (
        re.compile(
            rf"{_YEAR}{_CALENDAR}(?P<month>正|腊|冬|{INT})月\s*(?:份)?的?(?P<chu>初)?(?P<day>{_DAYNUM})(?:号|日)?(?!\s*(?:片|粒|点|个|天|次))"
        ),
        lambda match, before: _lunar_named(match, before),
    ),
    (
        re.compile(
            r"(?<![\d./])(?P<month>1[0-2]|0?[1-9])(?P<sep>[./-])(?P<day>[12]\d|3[01]|0?[1-9])(?![\d./])\s*(?P<hao>[号日])?"
        ),
        _slashed,
    ),
    (
        re.compile(rf"{_CALENDAR}初(?P<day>{_DAYNUM})(?!\s*[片粒])"),
        _lunar_day,
    ),
    (re.compile(rf"(?P<calendar>农历|阴历|旧历|老历)的?(?P<day>{_DAYNUM})(?:号|日)?"), _lunar_day),
    (
        re.compile(
            rf"(?P<which>下下个?月|下个?月|这个?月|本月|上个?月)?的?\s*(?<![\d第.])(?P<day>{_DAYNUM})\s*(?:号|日(?![次子]))"
        ),
        _day_of,
    ),
    (
        re.compile(rf"(?:再?过|再|等)?(?P<count>{INT})个?(?P<unit>天|日|周)(?:以后|之后|后|过后)"),
        _in_days,
    ),
    (re.compile(rf"(?:再?过|等)(?P<count>{INT})个?(?P<unit>天|周)"), _in_days),
    (
        re.compile(
            rf"(?:再?过|等)?(?P<count>半|{INT})(?:个)?(?P<unit>月|年)(?:以后|之后|后)(?!年)"
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
    *[
        (re.compile(pattern), simple(T.DATE, value, *marks))
        for pattern, value, marks in _FIXED_DATES
    ],
    (
        re.compile(
            r"每天都?|每日|天天|日日|见天|逐日|逐工|每工|成日|一天(?=[^,。;\n]{0,3}(?:\d|[一二两三四五半]))|日逐"
        ),
        simple(T.EVERY, "daily"),
    ),
]

_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}


def _lunar_named(match: Match, before: Tokens) -> list[Token]:
    """正月, 冬月 and 腊月 are months of the lunar calendar; the others may be of either."""
    if match["month"] in _LUNAR_MONTHS:
        value = f"{_LUNAR_MONTHS[match['month']]:02d}-{integer(match['day']):02d}"
        return _date(match, f"lunar:{value}", "lunar")
    return _month_day(match, before)
