"""Names of people in everyday text.

A name is believed by what stands before it (叫, 姓名：, 患者, 我儿子), by what stands after it
(王测试，男，34岁), or, with neither, only where it is made of a common surname and characters
common in given names, stands free on both sides and is no everyday word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from bot.places.surnames import COMMON, COMPOUND, RARE
from bot.places.words import is_common_word
from bot.privacy.masking.lexicon import (
    FOLLOWING,
    GIVEN,
    NEVER_IN_A_NAME,
    NOT_NAMES,
    TIBETAN,
    is_word,
)

Ground = Literal["told", "beside", "form", "heuristic"]
"""Why something is taken for a name: told to be one (叫 …), beside a word for a person (患者 …),
written like the head of a form (王测试，男), or by its characters alone."""


@dataclass(frozen=True, slots=True)
class NameSpan:
    start: int
    end: int
    ground: Ground


_HAN = "㐀-䶿一-鿿"
_KIN = (
    "(?:儿子|女儿|闺女|姑娘|老公|老婆|丈夫|妻子|爱人|媳妇|老伴|哥哥|姐姐|弟弟|妹妹|大哥|二哥|三哥|大姐|二姐|小弟|小妹|弟|妹|哥|姐|"
    "爸爸|妈妈|父亲|母亲|爸|妈|爹|娘|爷爷|奶奶|外公|外婆|姥姥|姥爷|孙子|孙女|叔叔|伯伯|舅舅|姑姑|姨妈|姑父|叔|舅|侄子|侄女|外甥|外甥女|"
    "表哥|表弟|表姐|表妹|堂哥|堂弟|堂姐|堂妹|嫂子|姐夫|妹夫|弟媳|女婿|儿媳|岳父|岳母|公公|婆婆|邻居|朋友|同事|同学|娃儿?|孩子|崽|其子|其女|其夫|其妻|其父|其母|其兄|其弟|其姐|其妹|我们家|我家|咱家|俺家)"
)
_TITLE = "(?:医生|大夫|护士长?|社工|主任|院长|书记|村长|组长|科长|局长|老师|师傅|经理|老板|队长|民警|警官|专干|网格员|负责人|管理员)"
_TOLD = re.compile(
    r"(?:姓名|名字|全名|真名|大名|本名|小名|乳名|昵称|名称|签名|落款|户主|曾用名)(?:就?是|叫做?|为|写成?|改成?)?[\s:：,，]*"
    r"|(?<![打喊乱大吼尖狗闹嚎嚷呼嗷惨鸣不没别])(?:名叫|叫做|叫作|取名|叫)[\s:：,，“\"「]*"
    r"|(?:患者|病人|服务对象|申请人|监护人|联系人|家属|本人|代理人|收件人|法人|被监护人|孩子|儿子|女儿)\s?[:：]\s*"
    r"|(?:^|[\s,，。;；])(?:name|xm)\s?[:：]\s*",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    rf"(?:(?:患者|病人|服务对象|申请人|被申请人|监护人|联系人|家属|本人|代理人|收件人|法人|被监护人)(?:姓名)?(?:就?是|叫|为)?"
    rf"|(?<![不也都还])(?:我|他|她|这|那|俺|您|你)(?:就)?是"
    rf"|{_KIN}(?:就?是)?|{_TITLE}(?:就?是)?|我姓|他姓|她姓|替|给|帮)[\s:：]*"
)
_FORM_TAIL = re.compile(
    r"[\s,，、。;；]*(?:(?:性别)?[:：]?[男女](?![人儿孩朋婿友方生])|\d{1,3}岁|\d{2,4}年(?:\d|生|出生|的)|〔|身份证|身份号|证件号|"
    r"出生|[一二三四]级|(?:精神|智力)?残疾证|电话|手机|联系方式)"
)
_OF = re.compile(
    r"的?(?:身份证|残疾证|户口本?|病历|低保|档案|申请表?|电话|手机|家属|监护人|妈妈|爸爸|母亲|父亲|家里人?|老婆|老公|女儿|儿子|情况|材料|"
    r"进度|复诊|药费?|病情|费用|事情)"
)
_DOES = re.compile(
    r"(?:今天|今早|今晚|昨天|昨晚|前天|最近|这几天|这两天|刚才|刚刚|现在|又|已经|从上|从昨|不吃|没吃|不肯|不愿|不想|发病|犯病|"
    r"打人|骂人|走丢|走失|失踪|跑了|出院|住院|在家|在医院|在机构|没有|没来|一直|老是|总是|天天|态度|负责|跟我|对我|把我|告诉|说|一起|一块|都来|都去|都在|也|是我|是他|是她|是俺)"
)
_LEFT_OF_HEURISTIC = re.compile(
    r"(?:^|[^\w]|[\s_]|[的是跟找问把替帮为由请同陪对让被和给叫查请]|[问查帮]一?下|转告|告知|告诉|通知|联系|照顾|认识|投诉|感谢|谢谢|举报|有个)$"
)
_TITLES_AS_NAMES = re.compile(
    rf"(?:{_TITLE}|阿姨|叔叔|大爷|大妈|大哥|大姐|先生|女士|小姐|同志|同学|奶奶|爷爷|老人|家人|家属|家的|家里|某人)$"
)
_WITHHELD = re.compile(r"[某xXｘＸ*＊×〇○√_＿?？]{1,3}(?![a-zA-Z])")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’.\-]*(?:[ ·][A-Za-z][A-Za-z'’.\-]*){0,3}")
_DOTTED = re.compile(rf"[{_HAN}]{{1,8}}(?:[·•・‧．∙·.][{_HAN}]{{1,8}}){{1,3}}")
_NICK = re.compile(rf"(?:[小阿老大][{_HAN}](?:[儿子])?|([{_HAN}])\1|[{_HAN}]{{1,2}}[儿娃妹仔蛋毛])")
_HARD_END = re.compile(rf"$|[^{_HAN}]")
_FOLLOWING = re.compile("|".join(sorted(map(re.escape, FOLLOWING), key=len, reverse=True)))
_ALSO_A_PARTICLE = frozenset("和时连全应成明单同于")
_VERY_COMMON = 1000
"""A word of this frequency (中心, 方程) is a given name only if something else speaks for it."""
_KINDRED_TEXT = """
小弟 小妹 阿弟 阿妹 阿哥 阿姐 阿爸 阿母 阿妈 阿公 阿嬷 大哥 大姐 小子 家人 老公 老婆 弟 妹 哥 姐 爸 妈
"""
_KINDRED = frozenset(_KINDRED_TEXT.split())
"""阮阿弟 is somebody's brother, not a name."""
_SUSPECT_LAST = frozenset(
    "有在是住今现男女属说想要得患去来到和跟与同从自就也都电手身年家老生户病因由"
)
_SUBJECT_OF_CALLED = re.compile(
    rf"(?:我|他|她|它|俺|名字|小名|大名|患者|病人|{_KIN}|就|名|人)(?:就|是|也|都)?$"
)


def find_names(text: str) -> list[NameSpan]:
    """Names in `text`, in order and not overlapping, each with its ground."""
    return merged([*_announced(text), *_dotted(text), *_by_characters(text)])


def _announced(text: str) -> Iterator[NameSpan]:
    for match in _TOLD.finditer(text):
        if end := _told_name(text, match.end(), match):
            yield NameSpan(match.end(), end, "told")
    for match in _BESIDE.finditer(text):
        if end := _name_at(text, match.end(), beside=True) or _nickname_at(text, match.end()):
            yield NameSpan(match.end(), end, "beside")


def _nickname_at(text: str, start: int) -> int | None:
    """我家小明昨晚没睡: a nickname that does something."""
    nick = re.compile(rf"[小阿][{_HAN}]").match(text, start)
    if nick and nick.group() not in _KINDRED and not is_word(nick.group()):
        return nick.end() if _DOES.match(text[nick.end() :]) else None
    return None


def merged(found: Iterable[NameSpan]) -> list[NameSpan]:
    """Without overlaps: the better ground first, then the longer."""
    order: dict[Ground, int] = {"told": 0, "form": 1, "beside": 2, "heuristic": 3}
    kept: list[NameSpan] = []
    for span in sorted(found, key=lambda s: (order[s.ground], s.start - s.end)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda s: s.start)


def acts(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] begins a clause and does something, as only a person does."""
    return (start == 0 or not re.match(rf"[{_HAN}]", text[start - 1])) and bool(
        _DOES.match(text[end:])
    )


def _told_name(text: str, start: int, cue: re.Match[str]) -> int | None:
    """The end of a name that was announced."""
    if end := _name_at(text, start, beside=False):
        return end
    if latin := _LATIN.match(text, start):
        return latin.end() if len(latin.group()) > 1 else None
    called = "叫" in cue.group() and "名" not in cue.group()
    if not called and not re.search(r"[\s:：,，是叫为写成]$", cue.group()):
        return None
    if called and not _SUBJECT_OF_CALLED.search(text[: cue.start()]):
        return None
    if nick := _NICK.match(text, start):
        rest = text[nick.end() :]
        if (
            (_HARD_END.match(rest) or _FOLLOWING.match(rest))
            and not _blocked(nick.group())
            and nick.group() not in NOT_NAMES
        ):
            return nick.end()
    free = re.match(rf"[{_HAN}]{{2,6}}", text[start:])
    if free:
        word = free.group()
        for length in range(len(word), 1, -1):
            candidate, rest = word[:length], text[start + length :]
            if _blocked(candidate) or _FOLLOWING.match(candidate) or is_word(candidate):
                continue
            if any(is_word(candidate[i : i + 2]) for i in range(len(candidate) - 1)):
                continue
            if _HARD_END.match(rest) or (called is False and _FOLLOWING.match(rest)):
                return start + length
    return None


def _blocked(candidate: str) -> bool:
    return bool(NEVER_IN_A_NAME & set(candidate)) or bool(_TITLES_AS_NAMES.search(candidate))


def _name_at(text: str, start: int, *, beside: bool) -> int | None:
    """The end of a name with a surname that begins at `start`.

    `beside`: it was not announced as a name, so common surnames only, with a clear end, and no
    everyday word at its head.
    """
    dotted = _DOTTED.match(text, start)
    if dotted and not any(_blocked(part) for part in re.split(rf"[^{_HAN}]", dotted.group())):
        return dotted.end()
    surname = _surname_at(text, start, rare=not beside)
    if surname is None:
        return tibetan_end(text, start)
    after = start + len(surname)
    if withheld := _WITHHELD.match(text, after):
        return withheld.end()
    if spaced := re.match(
        rf"[ \u3000]([{_HAN}])(?:[ \u3000]([{_HAN}]))?(?![{_HAN}])", text[after:]
    ):
        given = "".join(filter(None, spaced.groups()))
        if not _blocked(given) and not beside:
            return after + spaced.end()
    best: tuple[int, int] | None = None
    for length in (1, 2, 3):
        given = text[after : after + length]
        if len(given) < length or not re.fullmatch(rf"[{_HAN}]+", given):
            break
        if _blocked(given) or _TITLES_AS_NAMES.search(surname + given):
            continue
        if length == 3 and not (len(surname) > 1 or given[0] in COMMON):
            continue
        if beside and not set(given) <= GIVEN:
            continue
        score = _ending(text, after, given)
        if length == 3:
            score -= 1
        if score >= 0 and (best is None or score >= best[0]):
            best = (score, after + length)
    if best is None:
        return None
    score, end = best
    name = text[start:end]
    if len(surname) == 1 and name[:2] in NOT_NAMES:
        return None
    if beside:
        if score < 2 or name[0] in _ALSO_A_PARTICLE or name[1:] in _KINDRED:
            return None
        if len(surname) == 1 and is_word(name[:2]):
            return None
    elif (score == 0 and not set(name[len(surname) :]) <= GIVEN) or (
        len(name) == 2 and is_word(name) and score < 3
    ):
        return None
    return end


def _ending(text: str, after: int, given: str) -> int:
    """How surely the name ends behind `given`: 3 at a sign, 2 before a usual word, 0 otherwise."""
    rest = text[after + len(given) :]
    if _HARD_END.match(rest):
        score = 2 if rest[:1].isdigit() else 3
    else:
        score = 2 if _FOLLOWING.match(rest) else 0
    if given[-1] in _SUSPECT_LAST and len(given) > 1 and rest:
        score -= 1
    return score


def _surname_at(text: str, start: int, *, rare: bool) -> str | None:
    for compound in COMPOUND:
        if text.startswith(compound, start):
            return compound
    first = text[start : start + 1]
    if first in COMMON or (rare and first in RARE):
        return first or None
    return None


def tibetan_end(text: str, start: int) -> int | None:
    """扎西次仁: two parts of Tibetan names, or one and a third."""
    end = start
    while text[end : end + 2] in TIBETAN:
        end += 2
    return end if end - start >= 4 else None


def _dotted(text: str) -> Iterator[NameSpan]:
    """阿依古丽·买买提, with a dot that is no full stop."""
    for match in re.finditer(rf"[{_HAN}]{{1,8}}(?:[·•・‧∙·][{_HAN}]{{1,8}}){{1,3}}", text):
        start = match.start()
        head = re.split(r"[·•・‧∙·]", match.group())[0]
        for cue in (*_TOLD.finditer(head), *_BESIDE.finditer(head)):
            if cue.end() < len(head):
                start = match.start() + cue.end()
        tail = re.split(r"[·•・‧∙·]", match.group())[-1]
        end = match.end()
        for length in range(1, len(tail)):
            if _FOLLOWING.match(tail[length:]) and length > 1:
                end = match.end() - len(tail) + length
                break
        if not NEVER_IN_A_NAME & set(text[start:end]):
            yield NameSpan(start, end, "told")


def _by_characters(text: str) -> Iterator[NameSpan]:
    """Names without a word that announces them."""
    for start in range(len(text) - 1):
        if text[start] not in COMMON and text[start : start + 2] not in COMPOUND:
            if end := tibetan_end(text, start):
                yield NameSpan(start, end, "heuristic")
            continue
        if text[start] in _ALSO_A_PARTICLE:
            continue
        if start and is_word(text[start - 1 : start + 1]):
            continue
        free_left = bool(_LEFT_OF_HEURISTIC.search(text[:start]))
        surname = _surname_at(text, start, rare=False)
        assert surname is not None
        after = start + len(surname)
        if (withheld := re.match(r"某某?|[xX*＊×]{1,2}(?![a-zA-Z])", text[after:])) and withheld:
            if text[start : start + 2] not in {"查某", "阮某"}:
                yield NameSpan(start, after + withheld.end(), "heuristic")
            continue
        for length in (2, 1):
            given, rest = text[after : after + length], text[after + length :]
            if not re.fullmatch(rf"[{_HAN}]{{{length}}}", given) or _blocked(given):
                continue
            name = surname + given
            if _TITLES_AS_NAMES.search(name):
                continue
            at_edge = start == 0 or not re.match(rf"[{_HAN}]", text[start - 1])
            wordy = len(surname) == 1 and is_word(name[:2])
            if at_edge and _FORM_TAIL.match(rest) and not wordy:
                yield NameSpan(start, after + length, "form")
                break
            if not set(given) <= GIVEN:
                continue
            if given in _KINDRED or name[:2] == "查某":
                continue
            if is_common_word(given, at_least=_VERY_COMMON) and not (
                _OF.match(rest) or _DOES.match(rest) or given == "测试"
            ):
                continue
            if wordy and not (at_edge and length == 2 and _DOES.match(rest)):
                continue
            if name[:2] in NOT_NAMES:
                continue
            strong_right = bool(_OF.match(rest) or _DOES.match(rest))
            if length == 1 and (
                text[start] == "钱" or not ((at_edge or free_left) and strong_right)
            ):
                continue
            ended = _HARD_END.match(rest) or (free_left and _FOLLOWING.match(rest))
            if length == 2 and not (strong_right or ended):
                continue
            if length == 2 and given[-1] in _SUSPECT_LAST and rest:
                continue
            yield NameSpan(start, after + length, "heuristic")
            break
