"""Numbers that carry danger: how many tablets, how hot, how long, how high, how many years ago."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.safety.text import Text

_N = r"(\d+(?:\.\d+)?|[零一二两三四五六七八九十百千]+)"
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}

TABLETS_MANY, TABLETS_SOME = 6.0, 3.0
"""Not doses: from six tablets at one go nobody should wait and see; from three only if it was
a sedative or "at once". Regular daily amounts are recognised by their wording, not by number."""
FEVER, HIGH_FEVER, HOTTEST = 37.5, 38.9, 43.0
FAST_PULSE = 120.0
LOW_WHITE_CELLS = 3.5
HIGH_LITHIUM = 1.2
HIGH_FLOOR = 3.0

CONCEPTS = frozenset(
    [
        "TABLETS_MANY",
        "TABLETS_SOME",
        "PACKS",
        "DAYS_WORTH",
        "FEVER",
        "HIGH_FEVER",
        "DAYS",
        "HOURS",
        "YEARS_AGO",
        "WEEKS_AGO",
        "FAST_PULSE",
        "LOW_WHITE_CELLS",
        "HIGH_LITHIUM",
        "FLOOR",
    ]
)


class Counted(NamedTuple):
    start: int
    end: int
    concept: str


def number(written: str) -> float:
    """`"三十九"` → 39, `"2.5"` → 2.5; an odd sequence gives what can be read of it."""
    if written[0].isdecimal():
        return float(written)
    total = digit = 0
    for char in written:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return float(total + digit)


_TABLETS = re.compile(
    _N + r"(?:多|来|几)?(?:片|粒|颗|丸|枚)(?!面包|西瓜|糖|瓜子|花生|饼干|葡萄|草莓)"
)
_VAGUE_TABLETS = re.compile(
    r"(?:好几十|好多|几十|十几|二十几|一二十|上百|很多|好几|五六十|四五十)(?:片|粒|颗|丸)"
)
_PACKS = re.compile(
    r"(?:[一二两三四五六七八九十几半整大\d]|好几|一整|一大|一小)+(?:瓶|盒|板|把|罐|排|版)(?!面条|青菜|韭菜|瓜子|花生|糖|牛奶|酸奶|饮料|可乐|矿泉水|水果|伞|椅子|锁|米)"
)
_DAYS_WORTH = re.compile(
    r"(?:[一二两三四五六七八九十半几\d]+|这|整|好几)个?(?:多)?(?:天|星期|礼拜|月|周)的(?!地方|时间|假|事|活动)"
)
_HEAT = re.compile(r"(?:(体温|烧到|烧|温度|发烧|高烧)到?了?)?" + _N + r"(度|c)?(?:" + _N + ")?")
_DAYS = re.compile(
    r"(?<![周期拜第])(?:" + _N + r"|好几|好些|几)(?:来|多)?个?(?:天|宿|夜|晚上|昼夜|礼拜|星期|周)"
)
_HOURS = re.compile(r"(?:" + _N + r"|好几|几)(?:来|多)?个?(?:多)?(?:小时|钟头)")
_AGO = re.compile(
    r"(?:"
    + _N
    + r"|几|十几|好几|二十几|多)(?:来|多)?(年|个月|月|个?礼拜|个?星期|周)(?:多)?(?:以|之)?前"
)
_YEAR = re.compile(r"(?<!\d)(?:19\d\d|20[01]\d|202[0-4]|9\d|0\d|1\d)年(?!级|代表|龄|纪|的?药)")
_PULSE = re.compile(
    r"(?:心跳|心率|脉搏).{0,8}?(?<![\d百])(\d{3}|一百[一二三四五六七八九]十?)(?!\d)"
)
_WHITE = re.compile(r"(?:白细胞|粒细胞|白血球)\D{0,4}?" + _N)
_LITHIUM = re.compile(r"(?:血锂|锂浓度|锂盐浓度|锂的浓度)\D{0,5}?" + _N)
_FLOOR = re.compile(_N + r"(?:楼|层)(?!梯|道|下|的?人家)")
_READABLE = re.compile(r"[\d零一二两三四五六七八九十百千几好半整这上大很多]")


def find(text: Text) -> Iterator[Counted]:
    """Every counted thing of the text, as tokens like the lexicon's."""
    chars = text.chars
    if not _READABLE.search(chars):
        return
    for m in _TABLETS.finditer(chars):
        count = number(m[1])
        if count >= TABLETS_MANY:
            yield Counted(m.start(), m.end(), "TABLETS_MANY")
        elif count >= TABLETS_SOME:
            yield Counted(m.start(), m.end(), "TABLETS_SOME")
    for m in _VAGUE_TABLETS.finditer(chars):
        yield Counted(m.start(), m.end(), "TABLETS_MANY")
    for m in _HEAT.finditer(chars):
        if (m[1] or m[3]) and FEVER <= (heat := number(m[2])) <= HOTTEST:
            yield Counted(m.start(), m.end(), "FEVER")
            if heat >= HIGH_FEVER:
                yield Counted(m.start(), m.end(), "HIGH_FEVER")
    for m in _AGO.finditer(chars):
        concept = "YEARS_AGO" if m[2] in ("年", "个月", "月") else "WEEKS_AGO"
        yield Counted(m.start(), m.end(), concept)
    for m in _DAYS.finditer(chars):
        if m[1] is None or number(m[1]) >= 2:
            yield Counted(m.start(), m.end(), "DAYS")
    for m in _PULSE.finditer(chars):
        if number(m[1]) >= FAST_PULSE:
            yield Counted(m.start(), m.end(), "FAST_PULSE")
    for m in _WHITE.finditer(chars):
        if 0 < number(m[1]) < LOW_WHITE_CELLS:
            yield Counted(m.start(), m.end(), "LOW_WHITE_CELLS")
    for m in _LITHIUM.finditer(chars):
        if HIGH_LITHIUM <= number(m[1]) < 10:
            yield Counted(m.start(), m.end(), "HIGH_LITHIUM")
    for m in _FLOOR.finditer(chars):
        if HIGH_FLOOR <= number(m[1]) < 100:
            yield Counted(m.start(), m.end(), "FLOOR")
    for concept, pattern in _PLAIN:
        for m in pattern.finditer(chars):
            yield Counted(m.start(), m.end(), concept)


_PLAIN = (
    ("PACKS", _PACKS),
    ("DAYS_WORTH", _DAYS_WORTH),
    ("HOURS", _HOURS),
    ("YEARS_AGO", _YEAR),
)
