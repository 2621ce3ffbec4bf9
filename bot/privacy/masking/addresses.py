"""Addresses below county level: street, house number, village, group, building, room.

A part with a number in it (12号, 3栋, 501室) or two parts in a row are an address anywhere. A single
named part (湖滨南路, 平地镇) is one only after a county or a word for living somewhere. Counties and
what treats people there (医院, 卫生服务中心) stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Span = tuple[int, int]
_REACH = 16

_HAN = "㐀-䶿一-鿿"
_N = r"[0-9０-９零〇一二三四五六七八九十百甲乙丙丁A-Za-zＡ-Ｚ]"
_STOP = re.compile(
    r"[住在到是从去了我你他她它俺咱您们于和跟与及，这那哪某各每全本该个县区市省州的旗盟搬回离叫把给寄送有没不也就都还址：或等及和]|当地|依托|所在|"
    r"老家|家住|户口|隔壁|附近|现在|目前|旁边"
)
"""What a proper name does not reach across to the left."""

_TOWN = r"街道(?!办公?室)|镇|乡|苏木"
_ROAD = (
    r"(?:[东西南北中]?(?:大道|大街|路|街(?!道)|巷|胡同|里弄)|国道|省道|县道)"
    r"(?:[东西南北中]段|[一二三四五六七八九十]{1,2}[巷里弄段])?"
)
_VILLAGE = r"自然村|行政村|新村|村(?!社区|委会|里|民|上|镇|乡|街|路)|社区|(?:屯|寨|庄)(?![一-鿿]{0,2}[乡镇村街园])|大队|生产队"
_ESTATE = r"小区|花园|花苑|公寓|家园|名苑|佳苑|雅苑|嘉园|安置房|安置区|家属院|家属楼|宿舍楼?|大厦|公馆|华庭|豪庭|山庄|廉租房|公租房|别墅"
_NAMED = re.compile(rf"([{_HAN}]{{1,8}}?)(?:{_TOWN}|{_ROAD}|{_VILLAGE}|{_ESTATE})")

_NUMBERED = re.compile(
    rf"{_N}{{1,6}}(?:[-－—之]{_N}{{1,5}})*\s?(?:号楼|号院|号大院|栋|幢|单元|门洞|室|座)|"
    rf"第?{_N}{{1,4}}(?:村民小组|村民组)"
)
_DOOR = re.compile(
    r"(?:门牌号?码?|房号|房间号?|住|住在|楼)[是为：:\s]*(?P<door>[0-9]{1,4}(?:[-－][0-9]{1,4}){1,3})(?![0-9])"
)
_AFTER_NAME = re.compile(
    rf"\s?第?{_N}{{1,6}}(?:[-－—之]{_N}{{1,5}})*\s?(?:期|号(?!楼|院)|弄|巷|组|社|队|楼|层)(?:之{_N}{{1,3}}号?|{_N}{{1,3}}号)?"
)
_TAIL = re.compile(rf"\s?{_N}{{1,6}}(?:[-－—]{_N}{{1,5}})*(?=$|[^0-9A-Za-z{_HAN}])")
_HAS_NUMBER = re.compile(rf"{_N}\s?(?:号|栋|幢|期|单元|室|座|组|社|队|弄|楼|层|户)|\d")

_WHERE = re.compile(
    r"(?:住址?|地址|家住|家在|住在|住到|现住|租住|搬到|搬去|搬回|老家|老家在|户口在|户籍|寄到|送到|就在|地点|位于|在|是)[是为：:\s]*$"
)
_CARE = re.compile(
    rf"^[{_HAN}]{{0,6}}(?:医院|卫生院|卫生服务|卫生站|卫生所|卫生室|诊所|药店|药房|康复|民政|残联|派出所|街道办|办事处|政府|福利院|"
    r"敬老院|养老院|学校|小学|中学|幼儿园)"
)
_NO_ADDRESS_TEXT = """
外村 同村 邻村 山村 渔村 故乡 同乡 他乡 下乡 老乡 家乡 小镇 古镇 市镇 村镇
集镇 大街 老街 步行街 小巷 山路 大路 小路 夜路 近路 远路 弯路 老路 新路 土路
水路 绝路 活路 门路 生路 套路 思路 网路 线路 电路 回路 顺路 半路 一路 出路
后路 高速路 绿色通道 精神家园 后花园 网络社区 智慧社区 医院社区 服务社区 学校宿舍 单位宿舍 学生宿舍 职工宿舍 精神障碍社区 城市社区
精神社区 整个社区
"""
_NO_ADDRESS = frozenset(_NO_ADDRESS_TEXT.split())
_NO_ENDING = re.compile(
    r"(?:农村|乡村|城乡|乡镇|马路|公路|铁路|道路|走路|上路|带路|问路|赶路|让路|迷路|认路|修路|逛街|上街|过街|扫街|骂街|沿街|临街|满街|"
    r"(?:找|进|回|跟|叫|由|离|靠|向|让)社区)$"
)


def find_addresses(text: str, *, counties: Sequence[Span] = (), asked: bool = False) -> list[Span]:
    """Spans of addresses in `text`.

    `counties` are spans that name a division: they stay, and what follows one is an address with
    less evidence. `asked`: the message answers a question for the address.
    """
    chains: list[list[Span]] = []
    for part in sorted([*_named_parts(text, counties), *_numbered_parts(text, counties)]):
        if chains and part[0] < chains[-1][-1][1]:
            continue
        if chains and _adjoins(text, chains[-1][-1], part, counties):
            chains[-1].append(part)
        else:
            chains.append([part])
    found: list[Span] = []
    for chain in chains:
        start, end = chain[0][0], chain[-1][1]
        if _CARE.match(text[end : end + _REACH]):
            continue
        alone = len(chain) == 1 and not _HAS_NUMBER.search(text[start:end])
        placed = any(b <= start and not text[b:start].strip(" ，,的") for _, b in counties)
        if alone and not (asked or placed or _WHERE.search(text[max(0, start - _REACH) : start])):
            continue
        while (
            tail := _AFTER_NAME.match(text, end)
            or _NUMBERED.match(text, end)
            or _TAIL.match(text, end)
        ):
            end = tail.end()
        found.append((start, end))
    return found


def _adjoins(text: str, one: Span, two: Span, counties: Sequence[Span]) -> bool:
    gap = text[one[1] : two[0]]
    return not gap.strip(" ，,、的\u3000") and not any(
        one[1] <= start and end <= two[0] for start, end in counties
    )


def _named_parts(text: str, counties: Sequence[Span]) -> Iterator[Span]:
    """湖滨南路12号, 平地镇: cut off where a county ends or an everyday word stands before."""
    for match in _NAMED.finditer(text):
        start, kind_at = match.span(1)
        inside = [end for begin, end in counties if begin < kind_at and start < end <= kind_at]
        start = max([start, *inside])
        for stop in _STOP.finditer(text, start, kind_at):
            start = stop.end()
        if any(begin < match.end() and start < end for begin, end in counties):
            continue
        part = text[start : match.end()]
        shortest = 1 if start in inside else 2
        if kind_at - start < shortest or part in _NO_ADDRESS or _NO_ENDING.search(part):
            continue
        number = _AFTER_NAME.match(text, match.end())
        yield start, number.end() if number else match.end()


def _numbered_parts(text: str, counties: Sequence[Span]) -> Iterator[Span]:
    for match in _NUMBERED.finditer(text):
        if not any(begin < match.end() and match.start() < end for begin, end in counties):
            yield match.span()
    for match in _DOOR.finditer(text):
        yield match.span("door")
