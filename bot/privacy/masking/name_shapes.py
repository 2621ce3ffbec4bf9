"""What a name looks like: surname and given name, Tibetan parts, names spelled by sound, and where one ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.places.surnames import COMMON, COMPOUND, RARE, SELDOM_A_WORD
from bot.places.words import is_common_word
from bot.privacy.masking.lexicon import FOLLOWING as FOLLOWING_WORDS
from bot.privacy.masking.lexicon import (
    GIVEN,
    NEVER_IN_A_NAME,
    NOT_NAMES,
    SPELLED,
    TIBETAN,
    is_word,
)

HAN = "㐀-䶿一-鿿"
TITLE = "(?:医生|大夫|护士长?|社工|主任|院长|书记|村长|组长|科长|局长|老师|师傅|经理|老板|队长|民警|警官|专干|网格员|负责人|管理员)"
TITLES_AS_NAMES = re.compile(
    rf"(?:{TITLE}|阿姨|叔叔|大爷|大妈|大哥|大姐|先生|女士|小姐|同志|同学|奶奶|爷爷|老人|家人|家属|家的|家里|某人)$"
)
_WITHHELD = re.compile(r"[某xXｘＸ*＊×〇○√_＿?？]{1,3}(?![a-zA-Z])")
_DOTTED = re.compile(rf"[{HAN}]{{1,8}}(?:[·•・‧．∙·.][{HAN}]{{1,8}}){{1,3}}")
HARD_END = re.compile(rf"$|[^{HAN}〔]")
"""Not the token of something hidden: one name hidden must not bare the next characters."""
REACH = 12
"""How far around a name is read."""
FOLLOWING = re.compile("|".join(sorted(map(re.escape, FOLLOWING_WORDS), key=len, reverse=True)))
ALSO_A_PARTICLE = frozenset("和时连全应成明单同于阮")
"""Surnames that are small words (in Minnan 阮 is "my"); as such they begin no unannounced name."""
_COMMON_ENOUGH = 400
"""Words of this frequency at the head of a possible name speak against it."""
_CLEAR = 2
_KINDRED_TEXT = """
小弟 小妹 阿弟 阿妹 阿哥 阿姐 阿爸 阿母 阿妈 阿公 阿嬷 阿兄 阿伯 阿叔 阿姨 阿姊 阿婶 阿婆 大哥 大姐 小子 家人 老公 老婆 弟 妹 哥 姐 爸 妈
"""
KINDRED = frozenset(_KINDRED_TEXT.split())
"""阮阿弟 is somebody's brother, not a name."""
_SUSPECT_LAST = frozenset(
    "有在是住今现男女属说想要得患去来到和跟与同从自就也都电手身年家老生户病因由"
)


def name_at(text: str, start: int, *, beside: bool) -> int | None:
    """The end of a name that begins at `start`.

    `beside`: it was not announced as a name, so only surnames that are no words, with a clear end,
    and no everyday word at its head.
    """
    dotted = _DOTTED.match(text, start)
    if dotted and not any(blocked(part) for part in re.split(rf"[^{HAN}]", dotted.group())):
        return dotted.end()
    if end := tibetan_end(text, start):
        return end
    surname = surname_at(text, start, rare=not beside)
    if surname is None:
        return spelled_end(text, start) if beside else None
    after = start + len(surname)
    if withheld := _WITHHELD.match(text, after):
        return withheld.end()
    if not beside and (end := _spaced_end(text, after)):
        return end
    best = max(_endings(text, surname, after, beside), default=None)
    if (best is None or best.clear < _CLEAR) and (spelled := spelled_end(text, start)):
        return spelled
    if best is None or not _acceptable(surname, text[after : best.end], best, beside):
        return None
    return best.end


@dataclass(frozen=True, order=True, slots=True)
class _Ending:
    """Where a name may end; the greatest is the best."""

    clear: int
    """3 at a sign, 2 before a word that often follows a name, 0 otherwise; less where it may run on."""
    usual: bool
    """All characters are common in given names."""
    end: int


def _endings(text: str, surname: str, after: int, beside: bool) -> Iterator[_Ending]:
    for length in (1, 2, 3):
        given = text[after : after + length]
        if not re.fullmatch(rf"[{HAN}]{{{length}}}", given):
            return
        two_surnames = length == 3 and given[0] in COMMON
        if blocked(given) or TITLES_AS_NAMES.search(surname + given):
            continue
        if length == 3 and not (len(surname) > 1 or two_surnames):
            continue
        if beside and not plausible(surname, given):
            continue
        clear = _clearness(text, after, given)
        if length == 3 and not (two_surnames and plausible("", given[1:])):
            clear -= 1
        if clear >= 0:
            yield _Ending(clear, set(given) <= GIVEN, after + length)


def _spaced_end(text: str, after: int) -> int | None:
    """王 测 试"""
    spaced = re.compile(rf"[ \u3000]([{HAN}])(?:[ \u3000]([{HAN}]))?(?![{HAN}])").match(text, after)
    if spaced and not blocked("".join(filter(None, spaced.groups()))):
        return spaced.end()
    return None


def _acceptable(surname: str, given: str, ending: _Ending, beside: bool) -> bool:
    name = surname + given
    single = len(surname) == 1
    if single and name[:2] in NOT_NAMES:
        return False
    if not beside:
        known_word = len(name) == 2 and is_word(name) and ending.clear <= _CLEAR
        return not known_word and (ending.clear > 0 or ending.usual)
    if ending.clear < _CLEAR or surname in ALSO_A_PARTICLE or given in KINDRED:
        return False
    if surname == "钱" and len(given) == 1:
        return False
    return not (single and is_common_word(name[:2], at_least=_COMMON_ENOUGH))


def plausible(surname: str, given: str) -> bool:
    """Made of characters of names, or at least of no everyday words."""
    if set(given[1:] if given[0] in COMMON and len(given) == 3 else given) <= GIVEN:
        return True
    whole = (surname + given) if len(surname) < 2 else given
    return len(given) > 1 and not any(is_word(whole[i : i + 2]) for i in range(len(whole) - 1))


def _clearness(text: str, after: int, given: str) -> int:
    rest = text[after + len(given) : after + len(given) + REACH]
    if HARD_END.match(rest):
        clear = 2 if rest[:1].isdigit() else 3
    else:
        clear = 2 if FOLLOWING.match(rest) else 0
    return clear - 1 if len(given) > 1 and runs_on(given, rest) else clear


def runs_on(given: str, rest: str) -> bool:
    """The last character may begin what follows: 王芳有|34, 王芳生|病."""
    if given[-1] not in _SUSPECT_LAST or not rest:
        return False
    return not re.match(rf"[{HAN}]", rest) or is_word(given[-1] + rest[0])


def surname_at(text: str, start: int, *, rare: bool) -> str | None:
    """The surname that begins at `start`; `rare`: also those that are everyday words."""
    for compound in COMPOUND:
        if text.startswith(compound, start):
            return compound
    first = text[start : start + 1]
    if first in COMMON or first in SELDOM_A_WORD or (rare and first in RARE):
        return first or None
    return None


def tibetan_end(text: str, start: int) -> int | None:
    """扎西次仁: two parts of Tibetan names, or one and a third."""
    end = start
    while text[end : end + 2] in TIBETAN:
        end += 2
    return end if end - start >= 4 else None


def spelled_end(text: str, start: int) -> int | None:
    """巴特尔, 阿西木呷: a name spelled by sound, three to six characters, with a clear end."""
    if text[start : start + 1] not in SPELLED:
        return None
    for length in range(6, 2, -1):
        name, rest = text[start : start + length], text[start + length : start + length + REACH]
        if not re.fullmatch(rf"[{HAN}]{{{length}}}", name):
            continue
        name = name.replace("不都", "布度")  # 阿不都 is half of many Uygur names
        if blocked(name):
            continue
        if any(is_word(name[i : i + 2]) for i in range(length - 1)):
            continue
        if any(FOLLOWING.match(name[i:]) for i in range(2, length)):
            continue
        if HARD_END.match(rest) or FOLLOWING.match(rest):
            return start + length
    return None


def blocked(candidate: str) -> bool:
    """Holds a character or ends in a title that no name has."""
    return bool(NEVER_IN_A_NAME & set(candidate)) or bool(TITLES_AS_NAMES.search(candidate))
