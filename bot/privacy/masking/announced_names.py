"""Names with something before them that announces a person: 叫, 姓名：, 患者, 我儿子; and names with a dot."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.places.surnames import COMMON, COMPOUND
from bot.privacy.masking.lexicon import NOT_NAMES, is_word
from bot.privacy.masking.name_shapes import (
    FOLLOWING,
    HAN,
    HARD_END,
    KINDRED,
    REACH,
    TITLE,
    blocked,
    name_at,
    spelled_end,
)

KIN = (
    "(?:儿子|女儿|闺女|姑娘|老公|老婆|丈夫|妻子|爱人|媳妇|老伴|哥哥|姐姐|弟弟|妹妹|大哥|二哥|三哥|大姐|二姐|小弟|小妹|弟|妹|哥|姐|"
    "爸爸|妈妈|父亲|母亲|爸|妈|爹|娘|爷爷|奶奶|外公|外婆|姥姥|姥爷|孙子|孙女|叔叔|伯伯|舅舅|姑姑|姨妈|姑父|叔|舅|侄子|侄女|外甥|外甥女|"
    "表哥|表弟|表姐|表妹|堂哥|堂弟|堂姐|堂妹|嫂子|姐夫|妹夫|弟媳|女婿|儿媳|岳父|岳母|公公|婆婆|邻居|朋友|同事|同学|娃儿?|孩子|崽|其子|其女|其夫|其妻|其父|其母|其兄|其弟|其姐|其妹|我们家|我家|咱家|俺家)"
)
_TOLD = re.compile(
    r"(?:姓名|名字|全名|真名|大名|本名|小名|乳名|昵称|签名|落款|户主|曾用名)(?:就?是|叫做?|为|写成?|改成?)?[\s:：,，]*"
    r"|(?<![打喊乱大吼尖狗闹嚎嚷呼嗷惨鸣不没别])(?:名叫|叫做|叫作|取名|叫)[\s:：,，“\"「]*"
    r"|(?:患者|病人|服务对象|申请人|监护人|联系人|家属|本人|代理人|收件人|法人|被监护人|孩子|儿子|女儿)\s?[:：]\s*"
    r"|(?:^|[\s,，。;；])(?:name|xm)\s?[:：]\s*",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    rf"(?:(?:患者|病人|服务对象|申请人|被申请人|监护人|联系人|家属|本人|代理人|收件人|法人|被监护人)(?:姓名)?(?:就?是|叫|为)?"
    rf"|(?<![不也都还])(?:我|他|她|这|那|俺|您|你)(?:就)?是"
    rf"|{KIN}(?:就?是)?|{TITLE}(?:就?是)?|我姓|他姓|她姓|替|给|帮)[\s:：]*"
)
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’.\-]*(?:[ ·][A-Za-z][A-Za-z'’.\-]*){0,3}")
NICK = re.compile(rf"(?:[小阿老大][{HAN}](?:[儿子])?|([{HAN}])\1|[{HAN}]{{1,2}}[儿娃妹仔蛋毛])")
_SUBJECT_OF_CALLED = re.compile(
    rf"(?:我|他|她|它|俺|名字|小名|大名|患者|病人|{KIN}|就|名|人)(?:就|是|也|都)?$"
)


_FOREIGN = re.compile(r"[A-Z][a-z]{2,}(?: [A-Z][a-z]+){0,2}(?![A-Za-z0-9])")
"""患者Tom, not 患者PANSS."""


def told(text: str) -> Iterator[tuple[int, int]]:
    """Spans after 叫, 姓名： and the like."""
    for match in _TOLD.finditer(text):
        if end := _told_name(text, match.end(), match):
            yield match.end(), end
    yield from _dotted(text)


def beside(text: str, does: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Spans after a word for a person; a nickname only where it `does` something."""
    for match in _BESIDE.finditer(text):
        start = match.end()
        end = name_at(text, start, beside=True) or _nickname_at(text, start, does)
        if end is None and (foreign := _FOREIGN.match(text, start)):
            end = foreign.end()
        if end:
            yield start, end


def _nickname_at(text: str, start: int, does: re.Pattern[str]) -> int | None:
    """我家小明昨晚没睡"""
    nick = re.compile(rf"[小阿][{HAN}]").match(text, start)
    if nick and nick.group() not in KINDRED and not is_word(nick.group()):
        return nick.end() if does.match(text, nick.end()) else None
    return None


def _told_name(text: str, start: int, cue: re.Match[str]) -> int | None:
    """The end of a name that was announced."""
    called = "叫" in cue.group() and "名" not in cue.group()
    marked = called or bool(re.search(r"[\s:：,，是叫为写成]$", cue.group()))
    if not marked and not (text[start : start + 1] in COMMON or text.startswith(COMPOUND, start)):
        return None  # 名字别写全
    run = _LONG_RUN.match(text, start)
    if run and not blocked(run.group()) and _one_name(run.group()):
        return run.end()
    if end := name_at(text, start, beside=False):
        return end
    if latin := _LATIN.match(text, start):
        return latin.end() if len(latin.group()) > 1 else None
    if spelled := spelled_end(text, start):
        return spelled
    before = text[max(0, cue.start() - REACH) : cue.start()]
    if not marked or (called and not _SUBJECT_OF_CALLED.search(before)):
        return None
    return _nickname_end(text, start) or _without_surname_end(text, start, strict=called)


_LONG_RUN = re.compile(rf"[{HAN}]{{4,6}}(?![{HAN}])")


def _nickname_end(text: str, start: int) -> int | None:
    nick = NICK.match(text, start)
    if nick is None or blocked(nick.group()) or nick.group() in NOT_NAMES:
        return None
    rest = text[nick.end() : nick.end() + REACH]
    return nick.end() if HARD_END.match(rest) or FOLLOWING.match(rest) else None


def _without_surname_end(text: str, start: int, *, strict: bool) -> int | None:
    """Two to six characters, none of them an everyday word; `strict`: to the end of the clause."""
    for length in range(6, 1, -1):
        name, rest = text[start : start + length], text[start + length : start + length + REACH]
        if not re.fullmatch(rf"[{HAN}]{{{length}}}", name):
            continue
        if blocked(name) or FOLLOWING.match(name):
            continue
        if any(is_word(name[i : i + 2]) for i in range(length - 1)):
            continue
        if HARD_END.match(rest) or (not strict and FOLLOWING.match(rest)):
            return start + length
    return None


def _one_name(run: str) -> bool:
    """Four to six characters to the end of a clause with no everyday word among them."""
    return not any(FOLLOWING.match(run[i:]) or is_word(run[i : i + 2]) for i in range(2, len(run)))


_DOT = r"[·•・‧∙]"
_MARKERS = frozenset("的了吗呢我你他她您是")


def _dotted(text: str) -> Iterator[tuple[int, int]]:
    """阿依古丽·买买提, with a dot that is no full stop."""
    for match in re.finditer(rf"[{HAN}]{{1,8}}(?:{_DOT}[{HAN}]{{1,8}}){{1,3}}", text):
        start, end = match.span()
        head, tail = (re.split(_DOT, match.group())[at] for at in (0, -1))
        cues = [
            cue.end()
            for pattern in (_TOLD, _BESIDE, _BEFORE_DOTTED)
            for cue in pattern.finditer(head)
            if cue.end() < len(head)
        ]
        start += max(cues, default=0)
        for length in range(2, len(tail)):
            follower = FOLLOWING.match(tail[length:])
            if follower and (len(follower.group()) > 1 or follower.group() in "是在的说"):
                end -= len(tail) - length
                break
        if not _MARKERS & set(text[start:end]):
            yield start, end


_BEFORE_DOTTED = re.compile(r"(?:^是|投诉|感谢|谢谢|[跟找问把替帮为由请同陪对让被和给叫查])")
