"""Names that nothing announces: 王测试，男，34岁; 李秀英的残疾证; 跟王建国说了.

Believed only if made of a surname and characters of names, free on both sides, and no everyday
word; the clearer the surroundings, the less is asked of the characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.places.surnames import COMMON, COMPOUND
from bot.places.words import is_common_word
from bot.privacy.masking.lexicon import GIVEN, INVENTED, NOT_NAMES, is_word
from bot.privacy.masking.name_shapes import (
    ALSO_A_PARTICLE,
    FOLLOWING,
    HAN,
    HARD_END,
    KINDRED,
    REACH,
    TITLES_AS_NAMES,
    blocked,
    plausible,
    runs_on,
    spelled_end,
    surname_at,
    tibetan_end,
)

BareGround = Literal["form", "heuristic"]

_FORM_TAIL = re.compile(
    r"[\s,，、。;；]*(?:(?:性别)?[:：]?[男女](?![人儿孩朋婿友方生])|\d{1,3}岁|\d{2,4}年(?:\d|生|出生|的)|〔|身份证|身份号|证件号|"
    r"出生|[一二三四]级|(?:精神|智力)?残疾证|电话|手机|联系方式)"
)
_OF = re.compile(
    r"的?(?:身份证|残疾证|户口本?|病历|低保|档案|申请表?|电话|手机|家属|监护人|妈妈|爸爸|母亲|父亲|家里人?|老婆|老公|女儿|儿子|情况|材料|"
    r"进度|复诊|药费?|病情|费用|事情)"
)
DOES = re.compile(
    r"(?:今天|今早|今晚|昨天|昨晚|前天|最近|这几天|这两天|刚才|刚刚|现在|又|已经|从上|从昨|不吃|没吃|不肯|不愿|不想|发病|犯病|"
    r"打人|骂人|走丢|走失|失踪|跑了|出院|住院|在家|在医院|在机构|没有|没来|一直|老是|总是|天天|态度|负责|跟我|对我|把我|告诉|说|一起|一块|都来|都去|都在|也|砸|摔|哭|闹|喝|同意|不同意|送|是我|是他|是她|是俺)"
)
"""What people do or have happen to them, right after their name."""
_LEFT_OF_HEURISTIC = re.compile(
    r"(?:^|[^\w]|[\s_]|[的是跟找问把替帮为由请同陪对让被和给叫查请]|[问查帮]一?下|转告|告知|告诉|通知|联系|照顾|认识|投诉|感谢|谢谢|举报|有个)$"
)
_POINTED_AT = re.compile(
    r"(?:投诉|感谢|谢谢|举报|转告|告知|联系|照顾|认识|[问查帮]一?下|[跟找请替帮问])$"
)
"""Words that want a person after them."""
_WITHHELD = re.compile(r"某某?|[xX*＊×]{1,2}(?![a-zA-Z])")
_NOBODY = frozenset({"查某", "阮某"})
"""Minnan for woman and for my husband."""
_VERY_COMMON = 1000
"""A word of this frequency (中心, 方程) is a given name only if something else speaks for it."""


@dataclass(frozen=True, slots=True)
class _Left:
    """What stands before a possible name."""

    edge: bool
    free: bool
    pointed: bool

    @classmethod
    def of(cls, text: str, start: int) -> _Left:
        before = text[max(0, start - REACH) : start]
        return cls(
            edge=start == 0 or not re.match(rf"[{HAN}]", text[start - 1]),
            free=bool(_LEFT_OF_HEURISTIC.search(before)),
            pointed=bool(_POINTED_AT.search(before)),
        )


def bare_names(text: str) -> Iterator[tuple[int, int, BareGround]]:
    """Spans of names without a word that announces them."""
    for start in range(len(text) - 1):
        if found := _name_here(text, start):
            yield start, *found


def _name_here(text: str, start: int) -> tuple[int, BareGround] | None:
    if end := tibetan_end(text, start):
        return end, "heuristic"
    left = _Left.of(text, start)
    surname = surname_at(text, start, rare=False)
    if surname is None:
        return _spelled_here(text, start, left)
    joined = start > 0 and is_word(text[start - 1 : start + 1]) and surname not in COMPOUND
    if joined or surname in ALSO_A_PARTICLE:
        return None
    after = start + len(surname)
    if withheld := _WITHHELD.match(text, after):
        nobody = text[start : start + 2] in _NOBODY
        return None if nobody else (after + withheld.end() - withheld.start(), "heuristic")
    for length in (3, 2, 1):
        given = text[after : after + length]
        if ground := _ground(
            surname, given, length, text[after + length : after + length + REACH], left
        ):
            return after + length, ground
    return None


def _spelled_here(text: str, start: int, left: _Left) -> tuple[int, BareGround] | None:
    """巴特尔今天没吃药"""
    end = spelled_end(text, start)
    if end is None:
        return None
    rest = text[end : end + REACH]
    if left.edge and _FORM_TAIL.match(rest):
        return end, "form"
    acting = _OF.match(rest) or DOES.match(rest)
    return (end, "heuristic") if left.pointed or (left.edge and acting) else None


def _ground(surname: str, given: str, length: int, rest: str, left: _Left) -> BareGround | None:
    """Why surname and given name are believed here; None where they are not."""
    if not re.fullmatch(rf"[{HAN}]{{{length}}}", given) or blocked(given) or given in KINDRED:
        return None
    if length == 3 and (len(surname) > 1 or given[0] not in COMMON or not plausible("", given[1:])):
        return None
    if given[-1] == "镇" and not _FORM_TAIL.match(rest):
        return None
    name = surname + given
    wordy = len(surname) == 1 and is_word(name[:2])
    if TITLES_AS_NAMES.search(name) or name[:2] in NOT_NAMES or (wordy and length != 2):
        return None
    if left.edge and _FORM_TAIL.match(rest) and not wordy:
        return "form"
    acting = bool(_OF.match(rest) or DOES.match(rest))
    if wordy and not (left.edge and DOES.match(rest)):
        return None
    if length < 3 and not set(given) <= GIVEN and not (left.pointed and plausible(surname, given)):
        return None
    common = is_common_word(given, at_least=_VERY_COMMON) and given != INVENTED
    if common and not (left.pointed or acting):
        return None
    if length == 1:
        clear = ((left.edge or left.free) and acting) or (left.pointed and HARD_END.match(rest))
        return "heuristic" if clear and surname != "钱" else None
    ended = HARD_END.match(rest) or (left.free and FOLLOWING.match(rest))
    return "heuristic" if (acting or ended) and not runs_on(given, rest) else None
