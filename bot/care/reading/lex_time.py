"""When in the day: parts of the day in many dialects, clock times, meals, times a day."""

from __future__ import annotations

import re
from fractions import Fraction

from bot.care.reading.lex_dose import UNIT
from bot.care.reading.numbers import AMOUNT, INT, integer
from bot.care.reading.rules import Match, Rule, Tokens, simple
from bot.care.reading.tokens import T, Token

# --- parts of the day ------------------------------------------------------------------------

_PARTS = {
    "bedtime": (
        "睡觉之前|睡觉以前|睡觉前|睡觉的?时候?|睡觉时|临睡觉?前?|睡着前|入睡前|入眠前|上床前?|困觉前|瞓觉前|瞓前|眠前"
        "|睡之前|睡以前|睡前|睡时|要睡的?时候?|躺下前|晚安前"
    ),
    "dawn": "凌晨|拂晓|五更天?",
    "night": "三更半夜|大半夜|深更半夜|半夜三更|下半夜|后半夜|半夜里?|深夜|夜半|午夜|子夜",
    "morning": (
        "大清早|清早上?|一大早|一清早|早起后|早起|早晨起?|早上起床后?|早上起来|早上|朝早|朝晨|清晨|晨起|晨间|早间"
        "|起床后?(?!困难)|起来后|天光|透早|打早|早浪向?|早头|早辰|今朝|头晌午?|头午|前晌|上午|上昼|一早|天亮了?|清起来?"
    ),
    "noon": "中午头?|晌午头?|正午|午间|日中|中昼|晌头|昼间",
    "afternoon": "下午|后半晌|后晌午?|过晌午?|午后|下昼|晏昼|午睡后|午觉后|午休后|半后晌",
    "evening": (
        "晚黑里?|黑了|黑家|黑间|黑夜里?|夜黑|傍晚|傍黑|擦黑|晚上|晚间|夜晚黑?|夜里头?|晚夕|晚头|夜头|夜到|夜快|夜间"
        "|天黑了?|下黑|晚些时候|暗暝|暗时|暝时|下暗|暗头|后?黑老|晚里"
    ),
}
_UNFIXED = (
    "天[麻蒙]{2}亮|天不亮|天刚亮|鸡叫(?:的时候|时)?|大?白天|白日|日里|日头|上班前|上班后|下班(?:以?后|回家|回来)|放学(?:以?后|回家|回来)|上学前|出门前|回家后|到家后?|午睡前|午觉前"
    "|洗完?(?:澡|脸|漱)(?:以?后)?|遛弯(?:回来|后)|散步(?:回来|后)|新闻联播(?:完|后|的时候)?|课间|看完电视(?:以?后)?|起夜(?:的时候|时)?"
)
"""Times that every family has but no clock knows: asked for their hour."""
_COMPACT = {
    "早": "morning",
    "晨": "morning",
    "朝": "morning",
    "中": "noon",
    "午": "noon",
    "晚": "evening",
    "夜": "evening",
}
_DAY_OF = {"今": "today", "当": "today", "明": "+1d", "后": "+2d", "昨": "-1d", "前": "-2d"}
_ALL_PARTS = "|".join((*_PARTS.values(), *_COMPACT))
_COUNTED = rf"(?:吃|服|各|:|各吃|各服)?\s*(?:{AMOUNT}|[\d半])"


def _part(value: str) -> Rule:
    return (re.compile(rf"(?:{_PARTS[value]})"), simple(T.PART, value))


def _day_and_part(match: Match, before: Tokens) -> list[Token]:
    """今晚, 明早, 昨夜: a day and a part of it in one word; 每晚: every day."""
    word, part = match[1], match[2]
    middle = match.end(1)
    if word in "每逢一" or word == part:
        day = Token(T.EVERY, match.start(), middle, "daily")
    else:
        day_value = _DAY_OF[word]
        marks = ("past",) if day_value.startswith("-") else ()
        day = Token(T.DATE, match.start(), middle, day_value, marks)
    return [day, Token(T.PART, middle, match.end(), _COMPACT[part])]


def _compact(match: Match, before: Tokens) -> list[Token]:
    """早1晚2, 早、中、晚各一片: a single character is a time only in such company."""
    char = match[0]
    rest = match.string[match.end() :]
    near = bool(before) and before[-1].kind in (
        T.PART,
        T.DOSE,
        T.BARE,
        T.CLOCK,
        T.MEAL,
        T.EVERY,
        T.FREQ,
    )
    close = near and match.start() - before[-1].end <= 2
    if not close and (char in "中午朝" or match["company"] is None):
        return []
    if match["company"] is None and not re.match(
        r"\s*(?:$|[,。;\n )、]|吃|服|都|提醒|叫|喊)", rest
    ):
        return []
    if char in "早晚夜" and re.match(
        rf"一点(?![\d半一三钟整])|(?:半|{INT})\s*(?:天|日|周|年|个月|小时|分钟|步|辈)", rest
    ):
        return []
    return [Token(T.PART, match.start(), match.end(), _COMPACT[char])]


_AFTER_COMPACT = rf"(?=[,、/.和跟与及或至\- ]*(?:[早中午晚夜](?![点些就睡])|睡前|各|分别|每次|空腹|随餐|[:)]|{_COUNTED}))"

# --- clock -----------------------------------------------------------------------------------

_HOUR = r"(?:1\d|2[0-4]|0?\d|二十[一二三四]?|十[一二三四五六七八九]?|[零一二两三四五六七八九])"
_DOT = r"(?:点钟?|时(?![间候常不而段效刻期机])(?!\s*候))"
_MINUTE = (
    rf"(?P<half>半)(?!\s*{UNIT})|(?P<quarter>[一三1３3])刻钟?|(?:过|零|〇)\s*(?P<odd>{INT})\s*分?"
    rf"|差\s*(?P<short>{INT}|一刻)\s*(?:分钟?)?|(?P<minute>[0-5]\d|[一二三四五]十[一二三四五六七八九]?|十[一二三四五六七八九]?)"
    rf"(?!\.\d|\d|\s*(?:{UNIT}|号|次|天|点|日|个|月))\s*分?钟?|(?P<few>{INT})\s*分钟?"
)


def _clock(match: Match, hour: int, minute: int, *marks: str) -> list[Token]:
    if not (0 <= hour <= 24 and 0 <= minute < 60):
        return []
    if hour > 12 or hour == 0:
        marks = (*marks, "24h")
    return [Token(T.CLOCK, match.start(), match.end(), f"{hour % 24}:{minute:02d}", marks)]


def _digital(match: Match, before: Tokens) -> list[Token]:
    hour, minute = int(match["hour"]), int(match["minute"])
    half = match["half"] or ""
    if half == "pm" and hour < 12:
        hour += 12
    marks = ["digital"]
    if match["hour"].startswith("0") or half:
        marks.append("24h")
    return _clock(match, hour, minute, *marks)


def _latin(match: Match, before: Tokens) -> list[Token]:
    hour = int(match["hour"])
    if match["half"] == "pm" and hour < 12:
        hour += 12
    return _clock(match, hour, 0, "24h")


def _spoken(match: Match, before: Tokens) -> list[Token]:
    hour = integer(match["hour"])
    vague = match["hour"] in ("一", "两") and not match[0].endswith(("钟", "半", "刻", "分"))
    if vague and not _names_an_hour(match, before):
        return []
    minute = 0
    if match["half"]:
        minute = 30
    elif match["quarter"]:
        minute = 45 if match["quarter"] in "三3" else 15
    elif short := match["short"]:
        return _clock(match, hour - 1, 60 - (15 if short == "一刻" else integer(short)))
    elif written := match["odd"] or match["minute"] or match["few"]:
        minute = integer(written)
    return _clock(match, hour, minute)


def _names_an_hour(match: Match, before: Tokens) -> bool:
    """一点 is an hour beside a part of the day or a verb, and "a little" elsewhere."""
    if before and before[-1].kind in (T.PART, T.DATE, T.EVERY, T.WEEKDAY, T.CLOCK):
        gap = match.string[before[-1].end : match.start()]
        if re.fullmatch(r"[\s,、的和跟与]*", gap):
            return True
    rest = match.string[match.end() :]
    return bool(
        re.match(r"\s*(?:$|[,。;\n]|吃药|服药|打针|提醒|叫|喊|复诊|各|一片)", rest)
    ) and not re.search(r"[早晚有快慢好差多少了这那得睡吃]$", match.string[: match.start()])


def _before_the_hour(match: Match, before: Tokens) -> list[Token]:
    minutes = 15 if match["short"] == "一刻" else integer(match["short"])
    return _clock(match, integer(match["hour"]) - 1, 60 - minutes)


def _dotted(match: Match, before: Tokens) -> list[Token]:
    if not before or before[-1].kind is not T.PART or match.start() - before[-1].end > 1:
        return []
    return _clock(match, int(match["hour"]), int(match["minute"]))


def _clock_range(match: Match, before: Tokens) -> list[Token]:
    """8点到9点, 七八点: the earlier hour, to be asked again."""
    minute = 30 if match["half"] else int(match["minute"] or 0)
    return _clock(match, integer(match["hour"]), minute, "range")


def _neighbours(match: Match, before: Tokens) -> list[Token]:
    low, high = integer(match["hour"]), integer(match["next"])
    return _clock(match, low, 0, "range") if high == low + 1 else []


# --- meals -----------------------------------------------------------------------------------

_MEALS = {
    "breakfast": "早饭|早餐|早点(?=[前后])|早茶",
    "lunch": "午饭|中饭|午餐|中餐|晌午饭|晌饭|中午饭|晏昼饭|昼饭",
    "dinner": "晚饭|晚餐|夜饭|夜餐|黑饭|暗顿|晚上饭|汤(?=后)",
}
_ALL_MEALS = r"(?:一日)?三[餐顿](?:饭)?|每[餐顿]饭?|顿顿饭?|餐餐|早中晚三餐"
_ANY_MEAL = r"进餐|进食|用餐|用饭|饭|餐|食物"
_BREAKFAST, _LUNCH, _DINNER = (f"(?:{_MEALS[name]})" for name in ("breakfast", "lunch", "dinner"))
_MEAL = rf"(?:(?P<several>早(?:饭|餐)?[、,和跟]?(?:[中午](?:饭|餐)?[、,和跟]?)?晚)(?:[两三]?[顿餐])?(?:饭|餐)|(?P<bre>{_BREAKFAST})|(?P<lun>{_LUNCH})|(?P<din>{_DINNER})|(?P<all>{_ALL_MEALS})|(?P<any>{_ANY_MEAL}))"
_OFFSET = rf"(?:(?P<offset>半|{INT})\s*(?P<clockunit>小时|刻钟|分钟)(?:以?[内后前])?)"
_SHARED_RELATION = re.compile(
    rf"(?:[、和跟与及 ]*(?:{_BREAKFAST}|{_LUNCH}|{_DINNER}))+(?:以|之)?(?P<relation>[前后])(?![天日])"
)
_RELATION = {"前": "before", "后": "after", "时": "with", "中": "with"}


def _meal_names(match: Match) -> tuple[str, ...]:
    if match["all"]:
        return ("breakfast", "lunch", "dinner")
    if several := match.groupdict().get("several"):
        chars = {"早": "breakfast", "中": "lunch", "午": "lunch", "晚": "dinner"}
        return tuple(name for char, name in chars.items() if char in several)
    names = (("bre", "breakfast"), ("lun", "lunch"), ("din", "dinner"))
    return tuple(name for group, name in names if match[group])


def _meal(match: Match, relation: str) -> list[Token]:
    minutes: Fraction | None = None
    if match.groupdict().get("offset"):
        each = {"小时": 60, "刻钟": 15, "分钟": 1}[match["clockunit"]]
        count = Fraction(1, 2) if match["offset"] == "半" else Fraction(integer(match["offset"]))
        minutes = count * each * (-1 if relation == "before" else 1)
    return [Token(T.MEAL, match.start(), match.end(), relation, _meal_names(match), minutes)]


def _around_meal(match: Match, before: Tokens) -> list[Token]:
    return _meal(match, _RELATION[match["relation"]])


def _meal_eaten(match: Match, before: Tokens) -> list[Token]:
    return _meal(match, "after")


def _at_meal(match: Match, before: Tokens) -> list[Token]:
    return _meal(match, "with")


def _listed_meal(match: Match, before: Tokens) -> list[Token]:
    """午饭和晚饭后: what is said of the last meal of a list holds for all of them."""
    shared = _SHARED_RELATION.match(match.string, match.end())
    return _meal(match, _RELATION[shared["relation"]] if shared else "with")


def _two_meals(match: Match, before: Tokens) -> list[Token]:
    """两顿饭后: which two is not said."""
    middle = match.end(1)
    return [
        Token(T.FREQ, match.start(), middle, number=Fraction(2)),
        Token(T.MEAL, middle, match.end(), _RELATION[match["relation"]]),
    ]


def _bedtime_offset(match: Match, before: Tokens) -> list[Token]:
    each = {"小时": 60, "刻钟": 15, "分钟": 1}[match["clockunit"]]
    count = Fraction(1, 2) if match["offset"] == "半" else Fraction(integer(match["offset"]))
    return [Token(T.PART, match.start(), match.end(), "bedtime", (), -count * each)]


# --- times a day -----------------------------------------------------------------------------

_ADAY = r"(?:一天|每天都?|每日|一日|天天|日日|日(?=\s*\d))"
_TIME = r"(?:次|回|顿|遍|道|餐|趟)"
_LATIN_TIMES: dict[str, tuple[int, tuple[str, ...]]] = {
    "qd": (1, ()),
    "bid": (2, ("morning", "evening")),
    "tid": (3, ("morning", "noon", "evening")),
    "qid": (4, ("morning", "noon", "evening", "bedtime")),
    "qn": (1, ("evening",)),
    "hs": (1, ("bedtime",)),
    "qhs": (1, ("bedtime",)),
    "qam": (1, ("morning",)),
    "qm": (1, ("morning",)),
    "qpm": (1, ("evening",)),
}


def _times_a_day(match: Match, before: Tokens) -> list[Token]:
    return [Token(T.FREQ, match.start(), match.end(), number=Fraction(integer(match["count"])))]


def _latin_times(match: Match, before: Tokens) -> list[Token]:
    per_day, parts = _LATIN_TIMES[match[0].replace(".", "")]
    return [Token(T.FREQ, match.start(), match.end(), "latin", parts, Fraction(per_day))]


def _every_hours(match: Match, before: Tokens) -> list[Token]:
    hours = integer(match["hours"])
    if not 2 <= hours <= 24 or 24 % hours:
        return [Token(T.STRAY, match.start(), match.end())]
    return [Token(T.FREQ, match.start(), match.end(), f"q{hours}h", (), Fraction(24 // hours))]


def _split(match: Match, before: Tokens) -> list[Token]:
    tokens: list[Token] = []
    if match["parts"]:
        for offset, char in enumerate(match["parts"]):
            place = match.start("parts") + offset
            tokens.append(Token(T.PART, place, place + 1, _COMPACT[char]))
    tokens.append(
        Token(T.SPLIT, match.start(), match.end(), number=Fraction(integer(match["count"])))
    )
    return tokens


RULES: list[Rule] = [
    (
        re.compile(rf"差(?P<short>一刻|{INT})(?:分钟?)?钟?(?:到|就|不到)?(?P<hour>{_HOUR}){_DOT}"),
        _before_the_hour,
    ),
    (
        re.compile(
            rf"(?<![\d.:])(?P<hour>{_HOUR})\s*(?:{_DOT}(?P<half>半)?|:(?P<minute>[0-5]\d))?\s*(?:-|~|到|至)\s*"
            rf"{_HOUR}\s*(?:{_DOT}(?:半(?!{UNIT}))?|:[0-5]\d)(?:之间|左右)?"
        ),
        _clock_range,
    ),
    (
        re.compile(
            rf"(?P<hour>[一两二三四五六七八九])(?P<next>[两二三四五六七八九十]){_DOT}(?:钟|左右|的样子)?"
        ),
        _neighbours,
    ),
    (
        re.compile(
            r"(?<![\d.])(?P<hour>[01]?\d|2[0-4])\s?:\s?(?P<minute>[0-5]\d)(?::00)?(?!\d)\s*(?P<half>am|pm)?"
        ),
        _digital,
    ),
    (re.compile(r"(?<![\d.])(?P<hour>1[0-2]|\d)\s*(?P<half>am|pm)(?![a-z])"), _latin),
    (
        re.compile(
            rf"(?<![\d.])(?P<hour>{_HOUR})\s*{_DOT}\s*(?:整|钟)?\s*(?:{_MINUTE})?(?:左右|前后|来钟)?"
        ),
        _spoken,
    ),
    (re.compile(rf"(?P<hour>\d{{1,2}})\.(?P<minute>[0-5]\d)(?!\d|\s*{UNIT})"), _dotted),
    # meals
    (re.compile(r"(两[顿餐]|2[顿餐])饭?(?:以|之)?(?P<relation>[前后])"), _two_meals),
    (
        re.compile(rf"(?:吃完|吃过|吃了|吃罢|用过){_MEAL}(?:以后|之后|后|了)?\s*{_OFFSET}?"),
        _meal_eaten,
    ),
    (
        re.compile(rf"{_MEAL}(?:吃完|吃过|吃好|吃罢|用完)(?:了|以后|之后|后|过)*\s*{_OFFSET}?"),
        _meal_eaten,
    ),
    (
        re.compile(
            rf"(?:吃)?{_MEAL}(?:吃|吃完)?(?:以|之|过)?(?P<relation>[前后])(?![天日])\s*{_OFFSET}?"
        ),
        _around_meal,
    ),
    (
        re.compile(rf"(?:吃|随|与|和|同|跟){_MEAL}(?:的?时候?|一起|一块|同服|同时|吃|服|食)"),
        _at_meal,
    ),
    (re.compile(rf"{_MEAL}(?P<relation>[时中])(?:候)?(?!间)"), _around_meal),
    (re.compile(rf"随{_MEAL}"), _at_meal),
    (
        re.compile(
            rf"{_MEAL}(?=[、和跟与及 ]*(?:{_BREAKFAST}|{_LUNCH}|{_DINNER}|{_COUNTED}\s*{UNIT}|各))"
        ),
        _listed_meal,
    ),
    (re.compile(r"空腹|空肚子?"), simple(T.MEAL, "empty")),
    (re.compile(r"(?<![a-z.])p\.?c\.?(?![a-z])"), simple(T.MEAL, "after")),
    (re.compile(r"(?<![a-z.])a\.?c\.?(?![a-z])"), simple(T.MEAL, "before")),
    # parts of the day
    (re.compile(rf"(?:{_PARTS['bedtime']})\s*{_OFFSET}"), _bedtime_offset),
    (
        re.compile(
            rf"(?:{_ALL_PARTS})(?:的)?:?(?:无(?!论)|不吃(?!饭|早|午|晚)|不服|不用吃|没有(?:药)?(?=[,;。\s]|$)|免了?)"
        ),
        simple(T.NOISE),
    ),
    _part("bedtime"),
    (re.compile(r"(今|当|明|后|昨|前|每|逢)(早|晚|夜)(?![点饭餐了会期])上?里?"), _day_and_part),
    (re.compile(r"(晚)(晚)"), _day_and_part),
    (re.compile(r"(一)(晚)(?:上)?(?=[一二两三四半\d]|吃|各)"), _day_and_part),
    (re.compile(rf"(?:{_UNFIXED})"), simple(T.PART, "unfixed")),
    _part("dawn"),
    _part("night"),
    _part("morning"),
    _part("noon"),
    _part("afternoon"),
    _part("evening"),
    (re.compile(rf"[早晨朝中午晚夜](?P<company>{_AFTER_COMPACT})?"), _compact),
    # times a day
    (
        re.compile(
            rf"{_ADAY}\s*(?:要|得|需|共|总共|吃|服|喝|用|口服|打|分)*\s*(?P<count>{INT})\s*{_TIME}(?!\s*(?:只|也))"
        ),
        _times_a_day,
    ),
    (re.compile(rf"(?P<count>{INT})\s*(?:次|顿)?\s*/\s*(?:日|天|d\b)"), _times_a_day),
    (
        re.compile(
            r"(?<![a-z])(?:b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|q\.?d|q\.?n|qhs|qam|qpm|qm|hs)\.?(?![a-z])"
        ),
        _latin_times,
    ),
    (re.compile(r"(?<![a-z])q(?P<hours>\d{1,2})h(?![a-z])"), _every_hours),
    (re.compile(rf"(?:每隔?|间隔|隔)(?P<hours>{INT})小时(?:(?:吃|服|用)?一[次回])?"), _every_hours),
    (re.compile(rf"(?P<hours>{INT})小时(?:吃|服|用)?一[次回]"), _every_hours),
    (re.compile(rf"分(?:成|作)?(?P<parts>[早中午晚]{{2,4}})?(?P<count>{INT})\s*{_TIME}"), _split),
]
