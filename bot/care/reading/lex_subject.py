"""What a reminder is about, and the small words that give dates and numbers their part in it."""

from __future__ import annotations

import re
from fractions import Fraction

from bot.care.reading.lex_dose import UNIT
from bot.care.reading.numbers import AMOUNT, INT, integer
from bot.care.reading.rules import Match, Rule, Tokens, after_kind, simple
from bot.care.reading.tokens import DAYS, T, Token

_DAYS = {"天": 1, "日": 1, "周": 7, "个周": 7, "月": 30, "个月": 30}


def _minutes(count: str, unit: str) -> int:
    each = {"小时": 60, "刻钟": 15, "分钟": 1}[unit]
    return each // 2 if count == "半" else integer(count) * each


def _lead(match: Match, before: Tokens) -> list[Token]:
    count, unit = match["count"] or "一", match["unit"]
    if unit in ("小时", "分钟", "刻钟"):
        value = f"{_minutes(count, unit)}m"
    elif count == "半":
        value = "720m"
    else:
        value = f"{integer(count) * _DAYS[unit]}d"
    return [Token(T.LEAD, match.start(), match.end(), value)]


def _delta(match: Match, before: Tokens) -> list[Token]:
    minutes = _minutes(match["count"], match["unit"])
    if match["more"]:
        minutes += 30
    return [Token(T.DELTA, match.start(), match.end(), number=Fraction(minutes))]


def _hour_and_half(match: Match, before: Tokens) -> list[Token]:
    return [
        Token(
            T.DELTA, match.start(), match.end(), number=Fraction(integer(match["count"]) * 60 + 30)
        )
    ]


def _span(match: Match, before: Tokens) -> list[Token]:
    marks = ("past",) if "了" in (match["done"] or "") else ()
    unit = match["unit"]
    if unit.endswith(("月", "年")):
        months = Fraction(1, 2) if match["count"] == "半" else Fraction(integer(match["count"]))
        if unit.endswith("年"):
            months *= 12
        if months.denominator != 1:
            return [Token(T.SPAN, match.start(), match.end(), "15d", marks, Fraction(15))]
        return [Token(T.SPAN, match.start(), match.end(), f"{months}mon", marks, months * 30)]
    if match["count"] == "半":
        return []
    days = integer(match["count"]) * _DAYS[unit]
    return [Token(T.SPAN, match.start(), match.end(), f"{days}d", marks, Fraction(days))]


def _phase(match: Match, value: str, count: str, unit: str) -> list[Token]:
    days = _DAYS[unit] // 2 if count == "半" else integer(count) * _DAYS[unit]
    return [Token(T.PHASE, match.start(), match.end(), value, (count,), Fraction(days))]


def _first_days(match: Match, before: Tokens) -> list[Token]:
    return _phase(match, "first", match["count"], match["unit"])


def _nth(match: Match, before: Tokens) -> list[Token]:
    nth, unit = integer(match["count"]), match["unit"]
    return [
        Token(
            T.PHASE, match.start(), match.end(), "nth", (str(nth),), Fraction(_DAYS[unit or "天"])
        )
    ]


def _second(match: Match, before: Tokens) -> list[Token]:
    days = Fraction(_DAYS[match["unit"]])
    return [Token(T.PHASE, match.start(), match.end(), "nth", ("2",), days)]


def _from_nth_to(match: Match, before: Tokens) -> list[Token]:
    first, last = integer(match["first"]), integer(match["last"])
    days = (last - first + 1) * _DAYS[match["unit"]]
    return [Token(T.PHASE, match.start(), match.end(), "range", (str(first),), Fraction(days))]


def _from(match: Match, before: Tokens) -> list[Token]:
    kinds = DAYS | {T.PART, T.CLOCK, T.PHASE}
    if not after_kind(match, before, kinds, r"\s*"):
        return []
    return [Token(T.FROM, match.start(), match.end(), "after")]


def _now(match: Match, before: Tokens) -> list[Token]:
    """以前一片现在两片: what stands after 现在 replaces what stood before."""
    if not re.search(r"以前|原来|原先|本来|之前", match.string[: match.start()]):
        return []
    return [Token(T.CHANGE, match.start(), match.end())]


def _sorts(match: Match, before: Tokens) -> list[Token]:
    """两种药: how many medicines follow; checked against the names that do."""
    number = Fraction(integer(match["count"]))
    return [Token(T.STRAY, match.start(), match.end(), "sorts", (), number)]


def _count(match: Match, before: Tokens) -> list[Token]:
    """The 一次 of 每四天一次 and the 4次 of 每年4次 are told by the interval already."""
    told = before and before[-1].kind in (T.EVERY, T.TIMES_A, T.FREQ)
    if match["count"] in ("1", "一") or (told and match.start() - before[-1].end <= 6):
        return [Token(T.NOISE, match.start(), match.end())]
    return [Token(T.STRAY, match.start(), match.end())]


_PRN_STATE = r"睡不着(?:觉)?|失眠|烦躁|发作|难受|心慌|心跳得?快|心烦|焦虑|激动|闹(?:腾|得?厉害)?|疼|痛|头疼|头痛|便秘|发脾气|控制不住|不舒服|紧张|害怕|手抖|眼睛上翻|犯病|惊恐|咳嗽|发烧|坐不住"

SUBJECTS: list[Rule] = [
    (
        re.compile(
            r"打(?:个|了|的|过)?(?:长效)?针|打(?=长效针)|打(?=一[次回](?!电话))|注射(?!液)|扎针|肌注|打(?=第?(?:[\d一二两三四五半]+)?[针支])|(?<![a-z])im(?![a-z])|打屁股针|打(?=(?:一次|一回)?长效)|长效(?!针)|针剂"
        ),
        simple(T.SUBJECT, "injection"),
    ),
    (
        re.compile(r"(?<![方指秒时避一两二三个])针(?!对|线|灸|织|锋|脚|眼)"),
        simple(T.SUBJECT, "injection", "weak"),
    ),
    (
        re.compile(
            r"查(?:一?[次下个回])?(?:血常规|血象|血糖|血脂|血锂|血压|肝肾?功能?|肾功能?|血药浓度|血浓度|药浓度|浓度|心电图|泌乳素|催乳素|甲功|体重|尿|抽血|空腹血糖|血)"
            r"|(?:复查|做|化验|测|量|抽|验|检查)(?:一?[次下个回])?(?:血常规|血象|血糖|血脂|血锂|肝肾?功能?|肾功能?|血药浓度|心电图|脑电图|b超|彩超|泌乳素|甲功|血压|体重|血|尿|ct)(?:浓度|常规)?"
            r"|血常规|血药浓度|肝肾?功能?|肾功能?|心电图|脑电图|化验|验血|抽血|体检|b超|做检查|查体|白细胞|锂浓度"
        ),
        simple(T.SUBJECT, "lab"),
    ),
    (
        re.compile(
            r"(?:取|拿|领|开|买|配|续|抓|补|备)(?:一?[次回趟点些个下])?(?:我|他|她)?的?(?:免费|慢病|长处方|下个月)?的?药(?!店|房|物反应)|开方子?|续方|开处方"
            r"|药(?:还|只)?(?:够|能)(?:吃|用)(?=到)|药(?:拿|取|领|开)回|药(?:快|要|就要|马上)?(?:没|完|吃完|用完|见底)(?:了|的时候)|取药|(?:快|要)没药了|药(?:快)?断了"
        ),
        simple(T.SUBJECT, "refill"),
    ),
    (
        re.compile(
            r"复诊|复查|复查看|看门诊|看医生|看大夫|见医生|找(?:[一-鿿]{0,3})(?:医生|大夫|主任)|看病|就诊|看专家|专家号|挂(?:[一-鿿]{0,3})?号|看(?:[一-鿿]{0,4})(?:精神|心理|心身)科|门诊(?!特|慢)|去看(?:[一-鿿]{1,3})(?:医生|主任|大夫)|回院|面诊"
        ),
        simple(T.SUBJECT, "follow_up"),
    ),
    (
        re.compile(
            r"随访|家访|上门(?:看|服务|来|随访|家访)*|入户|回访|(?:去|到|来|上)?(?:[一-鿿]{0,3})(?:康复站|康复中心|康复点|残疾人之家|阳光家园|精康驿站|工疗站|日间(?:照料|中心))(?:[一-鿿]{0,2}活动|康复|训练|上课)?"
            r"|(?:参加)?(?:康复|小组|团体|家属)(?:训练|活动|会|课)|(?:社工|社区医生|社区的?人|家庭医生|村医|网格员)(?:要|会)?(?:来|上门|到家)|评估"
        ),
        simple(T.SUBJECT, "visit"),
    ),
    (
        re.compile(
            r"(?:吃|服|喝|用|喂|给|送)(?:[一二]?[次道顿回遍])?(?:他|她|我|它)?(?:的|那|这)?(?:个|些|点)?药(?!店|房|费|物)|用药|服药"
        ),
        simple(T.SUBJECT, "medication"),
    ),
    (
        re.compile(r"药(?!店|房|费|物|师|方|浓度|量|没|快|盒|瓶|板|剂|单|名)"),
        simple(T.SUBJECT, "medication", "weak"),
    ),
]

RULES: list[Rule] = [
    # numbers that are none of ours
    (
        re.compile(
            r"\d{7,}|\d+\s*(?:号楼|号院|栋|楼|层|诊室|号诊室|病区|病房|床|室|院|岁|元|块钱?|斤|公里|路车?|公斤|kg|度|毛)|[一二三四五六七八九十]+(?:院|楼|诊室|病区|附院|医院|人民医院|岁)"
        ),
        simple(T.NOISE),
    ),
    (
        re.compile(
            rf"{INT}\s*(?:包|瓶|支|根|口|杯|盒|罐|碗)(?=烟|香烟|酒|啤|白酒|水|饮料|可乐|奶|茶|饭|面)"
        ),
        simple(T.NOISE),
    ),
    (re.compile(rf"(?P<count>{INT})\s*(?:种|样)(?=药|各|都|每|吃|,|$)"), _sorts),
    # before the event
    (
        re.compile(rf"提前(?:个)?\s*(?P<count>半|{INT})?个?(?P<unit>天|日|周|月|小时|分钟|刻钟)"),
        _lead,
    ),
    (
        re.compile(
            rf"(?:前|头)(?P<count>{INT})?个?(?P<unit>天)(?:的)?(?=(?:早上|上午|中午|下午|晚上|早|晚|傍晚|夜里|和|跟|、|与|还有|当天|都|各|一次|[\d一二两三四五六七八九十点半: ]){{0,12}}(?:再|就|先|给我|帮我)?(?:提醒|叫|喊|通知|告诉|说|响))"
        ),
        _lead,
    ),
    (
        re.compile(
            rf"(?:早|先)(?P<count>{INT})(?P<unit>天|周|小时)(?=(?:给我|跟我|和我|跟他|就|来)*(?:提醒|叫|喊|通知|告诉|说))"
        ),
        _lead,
    ),
    (
        re.compile(
            r"(?:当天|当日|那天)(?=(?:早上|上午|早|一早|[\d点: ])*(?:再|也|又|都|各)?(?:提醒|叫|喊|通知|说))"
        ),
        simple(T.LEAD, "0d"),
    ),
    # last time and next time
    (
        re.compile(
            r"上一?次|上一?回|上一针|上个?针|最后一?[次针回]|最近一?[次针回]|前一[次针回]|前次"
        ),
        simple(T.LAST),
    ),
    (re.compile(r"下一?次|下一?回|下一针|下趟|下一趟"), simple(T.NEXT)),
    (re.compile(r"首针|第[一二三四五六\d]针(?!以?后)"), simple(T.NEXT)),
    # steps of a change
    (
        re.compile(
            rf"第?(?P<first>{INT})(?:天|日|周)?\s*(?:到|-|至|~)\s*第?(?P<last>{INT})(?P<unit>天|日|周)"
        ),
        _from_nth_to,
    ),
    (
        re.compile(
            rf"(?:前|头|最初|开始的?|起初|刚开始)(?P<count>半|{INT})个?(?P<unit>天|日|周|月)"
        ),
        _first_days,
    ),
    (re.compile(rf"第(?P<count>{INT})个?(?P<unit>天|日|周|月)(?:开始|起)?"), _nth),
    (
        re.compile(r"首(?P<unit>周|月)"),
        lambda match, before: _phase(match, "first", "1", match["unit"]),
    ),
    (
        re.compile(r"次(?P<unit>周|月)"),
        _second,
    ),
    (re.compile(r"(?<![a-z])d(?:ay)?\s?(?P<count>\d{1,2})(?P<unit>)(?!\d)"), _nth),
    (re.compile(r"首日|首剂|当日首针"), simple(T.PHASE, "nth", "1", number=1)),
    # minutes from now
    (re.compile(rf"(?P<count>{INT})个半小时(?:以?后|之后|再)?"), _hour_and_half),
    (
        re.compile(
            rf"(?:再?过|等上?|再等|晚|推迟|延后|延迟|迟|缓|拖|隔)?\s*(?P<count>半|{INT})(?:来|几)?\s*(?P<unit>小时|分钟|刻钟)(?P<more>半)?(?:以?后|之后|再)?"
        ),
        _delta,
    ),
    # as needed
    (
        re.compile(
            rf"(?<![a-z])(?:prn|sos)(?![a-z])|必要时|有?需要的?时候?|有?需要再吃|按需|临时(?=吃|服|加)|备用"
            rf"|(?:{_PRN_STATE})(?:得厉害|了|的)?(?:的?时候?|才|就|再|时|,?就吃|的话)(?:再|才|就)?(?:吃|服|给|用)?"
            rf"|(?:{_PRN_STATE})(?=吃{AMOUNT}\s*{UNIT})"
        ),
        simple(T.PRN),
    ),
    # each and again
    (
        re.compile(
            rf"各|每(?:[次回遍]|顿(?!饭))|一[次回顿](?=\s*(?:吃|服)?\s*{AMOUNT}\s*(?:{UNIT}))|一次(?=\d)"
        ),
        simple(T.EACH),
    ),
    (
        re.compile(
            r"也是(?=\s*(?:$|[,。;!\n]))|也?一样(?:吃|的|多)*|同样(?:的?量)?|同上|也这么(?:吃|多)|照样吃|也这样"
        ),
        simple(T.ALSO),
    ),
    (
        re.compile(
            r"改(?:成|为|到|在|吃)|换(?:成|为|到|吃)|调(?:成|到|为|整[成为到])|(?:加|增加|增|减|减少|升|降|涨|提|少|多)(?:到|成|至|为)|变成|变为|推迟到|推到|提前到|挪到|延到|延后到|应该是|应当是|应为|(?<=,)而?是(?=早|晚|中|下|上|睡|\d|[一二两三四五六七八九十])|改(?=早|晚|中午|下午|睡前|每|隔|[\d一二两三半])|换(?=早上|晚上|中午)"
        ),
        simple(T.CHANGE),
    ),
    (re.compile(r"现在(?:是|改成?|吃|变成?)?(?=[\d一二两三半四五早晚中])"), _now),
    (re.compile(r"从(?=[\d明后今下本这一二三四五六七八九十国元周])"), simple(T.FROM, "before")),
    (re.compile(r"(?:就|再)?(?:起|开始|开头)(?!床|来)"), _from),
    (
        re.compile(
            r"(?:吃|服|用|停|暂停|一直|打|持续)?(?:到|至|截止到?)(?=[\d明后今下本这月年一二三四五六七八九十国元周])"
        ),
        simple(T.UNTIL),
    ),
    (
        re.compile(r"然后|接着|往后|后面|以后|之后|随后|后来|再往后|再(?=加|吃|改|减|换|用)"),
        simple(T.THEN),
    ),
]

# Tried after every other rule: what is left of a number of days, and any number at all.
LAST_RULES: list[Rule] = [
    (
        re.compile(
            rf"(?:连续?着?|先|再|一共|总共|共|就|只|各)?(?P<done>(?:吃|服|用|打|停|暂停|喝|休息|打了|疗程)(?:够|满|了|上|它)*)?\s*(?<!第)(?P<count>半|{INT})个?(?P<unit>天|日(?!间)|周|月|年)(?!(?:以|之|过)?后(?:复|去|到|来|看|查|打)|的药)(?:的?疗程|的量)?"
        ),
        _span,
    ),
    (re.compile(r"(?P<count>\d+|一)\s*[次回趟]"), _count),
    (re.compile(r"\d+(?:\.\d+)?"), simple(T.STRAY)),
]
