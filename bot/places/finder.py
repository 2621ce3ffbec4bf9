"""Find divisions in what families write: 思明区的, 厦门思明, 我们南乐那边, 老家濮阳县.

One pass collects names (longest first), a second decides from the words around which are meant as
places, a third reads them together (厦门 + 思明) and settles names that several places share. Only
where nothing was found are names tried by sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from bot.places.gazetteer import Form, Level, Naming, everyday_words, namings, places
from bot.places.sounds import sounding_like
from bot.places.surnames import COMMON
from bot.places.words import is_common_word

Certainty = Literal["certain", "likely", "possible"]
"""certain: take it. likely: take it and read it back. possible: ask."""


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    """A division that the words `text[start:end]` name.

    Matches with the same span are alternatives for the same words (several 鼓楼区): ask which.
    Matches with different spans are different mentions.
    """

    code: str
    name: str
    full_name: str
    level: Level
    start: int
    end: int
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    claims: tuple[Naming, ...]
    doubtful: bool = False
    """Held only by weak words around it, or part of the name of a hospital."""
    settled: bool = False
    """Another mention or `near` chose among several places of this name."""

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(claim.code for claim in self.claims)


_PARTICLES = (
    r"(?:我们|咱们|俺们|我|俺|咱|他|她|家里|家|是|在|就|也|都|住|的|这边|那边|这里|那里|这儿|那儿|那块|这块|人|呀|啊|哦|"
    r"哈|吧|呢|嘛|哩|喔|了|户口|老家|县城|本地|区里|县里|市里|[\s，,。.、!！~：:；;（）()?？])*"
)
_PARTICLES_ONLY = re.compile(f"^{_PARTICLES}$")
_PLACE_PARTICLE = re.compile(
    r"住|在|老家|户口|[那这][边里儿块]|县城|本地|[县区市]里|我们|咱们|俺们|的$|人$"
)

_REASON_BEFORE = re.compile(
    r"(?:住|住在|住到|老家|老家在|老家是|家在|家住|家是|户口|户口在|户籍|户籍在|户口是|来自|地址|地址是|籍贯|籍贯是|搬到|搬来|"
    r"搬去|搬回|回到|回|位于|地区是?|区县是?|县区是?|所在地?|属于|归|老屋在)"
    r"[：:\s，,]*$"
)
_WEAK_BEFORE = re.compile(
    r"(?:^|[，,。\s：:])(?:我|我们|俺|俺们|咱|咱们|他|她|人|都|就|现在)?(?:是|在|到|去|从)\s*$"
)
_REASON_AFTER = re.compile(
    r"^(?:的?(?:那边|这边|这里|那里|这儿|那儿|那块|这块|本地|县城|城里|乡下|农村|老家|这头|那头)|人(?![民体工家口生参格数物才情事])|"
    r"[^的，,。\s]{1,3}(?:镇|乡(?![下镇村])|街道|村(?![里民委上]))|(?:那边)?搬|"
    r"县民政|区民政|市民政|县残联|区残联)"
)
_WEAK_AFTER = re.compile(r"^(?:的|[一-鿿]{2}的?)?[\s，,。.!！~]*$")

# A name without its ending that begins a longer one: 南京路, 中山医院, 兰州拉面, 仁和镇.
_LONGER_NAME = re.compile(
    r"^(?:[东南西北中]?(?:路|街|巷|弄|大道|大街|广场|大厦|大桥|花园|花苑|小区|新村|家园|公园|商场|超市|酒店|宾馆|火车站|机场)|"
    r"镇(?!上)|乡(?!下)|村|街道|社区|[一二三四五六七八九十\d]+路|大学|学院|中学|小学|银行|药业|制药|话|方言|戏|们)"
)
_FARE = re.compile(
    r"^(?:拉面|小吃|烤鸭|火锅|白药|时间|菜|酒|茶|米线|肉夹馍|凉皮|豆腐|牌|面(?![前对临]))"
)
_HOSPITAL = re.compile(
    r"^[^，,。；;！!？?\s]{0,8}(?:医院|卫生院|精神病院|精防院|中医院|安定|福利院|保健院|疾控)"
)
_NAME_BEFORE = re.compile(
    r"(?:^|[，,。：:\s]|叫|名字|名|姓名|患者|病人|我是|弟|哥|姐|妹|儿子|女儿|爸|妈|爱人|老公|老婆|丈夫|妻子|叔|伯|舅|姑|姨)"
    r"[是叫：:\s]*$"
)
_FALLING = re.compile(r"(?:跳|掉|推|扔|沉|泡|落|跌|滚)(?:进|到|在|下)?$")
_JOINED = re.compile(r"^[\s，,、。.的/·\-—]*(?:那边的?|这边的?|下面的?|里的?|那里的?|辖区的?)?$")
_CONTINUED = re.compile(
    rf"{_JOINED.pattern[:-1]}(?:(?:而|应该|其实|现在)?是|改成|改为|换成|搬到|和|或者?|还是|跟|到|去)?\s*$"
)
_MOST_CANDIDATES = 8
"""More places of a name (开发区) than this tell nothing."""
_REACH = 40
"""How far around a name is read."""
_EVERYWHERE_TEXT = """
东区 西区 南区 北区 城区 郊区 矿区 新城区 老城区 开发区 高新区 经开区
"""
_EVERYWHERE = frozenset(_EVERYWHERE_TEXT.split())
"""Names that towns without such a district use as well."""
_ADMIN_ENDING = re.compile(r"(?:省|市|县|区|旗|州|盟|地区)$")


@cache
def _lengths_by_head() -> dict[str, tuple[int, ...]]:
    """Lengths of names under their first two characters, longest first."""
    found: dict[str, set[int]] = {}
    for surface in namings():
        found.setdefault(surface[:2], set()).add(len(surface))
    return {head: tuple(sorted(lengths, reverse=True)) for head, lengths in found.items()}


def find(text: str, *, near: str | None = None, expected: bool = False) -> list[PlaceMatch]:
    """Divisions named in `text`, in the order of the text.

    `near` is the code of a division that the writer is known to be in or close to; it settles names
    that several places share. `expected` says that the message answers a question for a place: an
    everyday word alone is then one (平安), and a bare word may be one by its sound. Never raises.
    """
    mentions = list(_mentions(text, near, expected))
    mentions = _read_together(text, mentions)
    mentions = [_settle(mention, near) for mention in mentions]
    mentions = [mention for mention in mentions if len(mention.claims) <= _MOST_CANDIDATES]
    if not any(places()[code].level == "county" for m in mentions for code in m.codes):
        mentions = _by_sound(text, mentions, near, expected)
    return [match for mention in mentions for match in _matches(mention)]


def _mentions(text: str, near: str | None, expected: bool) -> Iterator[_Mention]:
    heads, names = _lengths_by_head(), namings()
    position = 0
    last_end = -1
    while position < len(text) - 1:
        for length in heads.get(text[position : position + 2], ()):
            surface = text[position : position + length]
            if len(surface) != length or surface not in names:
                continue
            end = position + length
            follows = last_end >= 0 and bool(_CONTINUED.match(text[last_end:position]))
            mention = _as_place(text, position, end, names[surface], follows, near, expected)
            if mention:
                yield mention
                last_end, position = end, end - 1
                break
        position += 1


def _as_place(
    text: str,
    start: int,
    end: int,
    claims: tuple[Naming, ...],
    follows: bool,
    near: str | None,
    expected: bool,
) -> _Mention | None:
    """The name as a mention, or nothing where the words around speak against a place."""
    surface = text[start:end]
    before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    alone = len(text) <= _REACH and _PARTICLES_ONLY.match(before) and _PARTICLES_ONLY.match(after)
    whole = bool(alone) and (expected or bool(_PLACE_PARTICLE.search(before + after)))
    ended = bool(_ADMIN_ENDING.search(surface)) and surface not in everyday_words()
    if _FARE.match(after) or (
        len(surface) == 2 and surface[-1] in "县区市" and re.match(r"长(?![期大年时])", after)
    ):
        return None
    if not ended:
        if _LONGER_NAME.match(after) or _FALLING.search(before):
            return None
        if (
            len(surface) == 2
            and before[-1:] in COMMON
            and _NAME_BEFORE.search(before[:-1])
            and not follows
        ):
            return None
    if not ended and surface not in everyday_words() and _in_other_words(text, start, end, claims):
        return None
    doubtful = bool(_HOSPITAL.match(after))
    if surface in everyday_words() and not (follows or whole):
        if _ADMIN_ENDING.search(surface) and near:
            return _Mention(start, end, claims, doubtful=True)
        if not (_REASON_BEFORE.search(before) or _REASON_AFTER.match(after)):
            if not (_WEAK_BEFORE.search(before) and _WEAK_AFTER.match(after)):
                return None
            doubtful = True
    if surface in _EVERYWHERE and not follows and not near:
        doubtful = True
    return _Mention(start, end, claims, doubtful=doubtful)


_VERY_COMMON = 300


def _in_other_words(text: str, start: int, end: int, claims: tuple[Naming, ...]) -> bool:
    """都安 in 都安排, a county by accident: its edge belongs to a common word."""
    if any(places()[claim.code].level != "county" for claim in claims):
        return False
    edges = (text[max(0, start - 1) : start + 1], text[end - 1 : end + 1])
    return any(is_common_word(edge, at_least=_VERY_COMMON) for edge in edges if len(edge) == 2)


def _read_together(text: str, mentions: list[_Mention]) -> list[_Mention]:
    """Join 厦门 and 思明; let a city anywhere in the text choose among several 鼓楼区."""
    joined: list[_Mention] = []
    for mention in mentions:
        if joined and _JOINED.match(text[joined[-1].end : mention.start]):
            outer = joined[-1]
            if inside := _inside(mention, outer.codes):
                doubtful = mention.doubtful and outer.doubtful
                joined[-1] = replace(mention, start=outer.start, claims=inside, doubtful=doubtful)
                continue
            if _is_below_county(text, mention, outer):
                continue
        joined.append(mention)
    result: list[_Mention] = []
    absorbed: set[int] = set()
    for index, mention in enumerate(joined):
        chosen = mention
        for other_index, other in enumerate(joined):
            close = other_index < index or _JOINED.match(text[mention.end : other.start])
            inside = _inside(mention, other.codes) if other_index != index and close else ()
            if inside:
                chosen = replace(mention, claims=inside, settled=True)
                absorbed.add(other_index)
        result.append(chosen)
    return [mention for index, mention in enumerate(result) if index not in absorbed]


def _is_below_county(text: str, mention: _Mention, outer: _Mention) -> bool:
    """A town that happens to be called like a county elsewhere (闽侯 + 上街), or a part of `outer`."""
    if any(places()[code].level != "county" for code in outer.codes):
        return False
    if _ADMIN_ENDING.search(text[mention.start : mention.end]):
        return False
    families = {places()[code].parent for code in outer.codes}
    return all(
        code in outer.codes or places()[code].parent not in families for code in mention.codes
    )


def _inside(mention: _Mention, outer: Iterable[str]) -> tuple[Naming, ...]:
    """What a mention can mean below one of `outer`."""
    outer = tuple(outer)
    return tuple(
        claim
        for claim in mention.claims
        if any(claim.code != code and is_within(claim.code, code) for code in outer)
    )


def _settle(mention: _Mention, near: str | None) -> _Mention:
    if len(mention.claims) < 2 or not near:
        return mention
    for closeness in (near[:4], near[:2]):
        close = tuple(claim for claim in mention.claims if claim.code.startswith(closeness))
        if close:
            return replace(mention, claims=close, settled=True)
    return mention


def _matches(mention: _Mention) -> Iterator[PlaceMatch]:
    for claim in mention.claims:
        place = places()[claim.code]
        yield PlaceMatch(
            place.code,
            place.name,
            place.full_name,
            place.level,
            mention.start,
            mention.end,
            _certainty(mention, claim.form),
        )


def _certainty(mention: _Mention, form: Form) -> Certainty:
    if mention.doubtful or form == "local" or len(mention.claims) > 1:
        return "possible"
    if form == "variant" or mention.settled:
        return "likely"
    return "certain"


# --- by sound -----------------------------------------------------------------------------------

_SPOKEN_ENDING = re.compile(r"[一-鿿]{1,4}[县区市旗]")


def _by_sound(
    text: str, mentions: list[_Mention], near: str | None, expected: bool
) -> list[_Mention]:
    """Add a mention for words that only sound like a county, where one is expected to stand."""
    outer = tuple(code for mention in mentions for code in mention.codes)
    for start, end in _spoken_spans(text, mentions, expected):
        if text[start:end] in namings() or _LONGER_NAME.match(text[end : end + _REACH]):
            continue
        claims = {
            claim.code: Naming(claim.code, "local")
            for surface in sounding_like(text[start:end])
            for claim in namings()[surface]
            if claim.form not in {"variant", "zone"}
        }
        chosen = list(claims.values())
        if outer:
            chosen = [claim for claim in chosen if any(is_within(claim.code, o) for o in outer)]
        elif near:
            for closeness in (near[:4], near[:2]):
                close = [claim for claim in chosen if claim.code.startswith(closeness)]
                if close:
                    chosen = close
                    break
        if 0 < len(chosen) <= _MOST_CANDIDATES:
            heard = _Mention(start, end, tuple(chosen), doubtful=True)
            if outer:
                mentions = [
                    m for m in mentions if m.end > start or not _JOINED.match(text[m.end : start])
                ]
            return [*mentions, heard]
    return mentions


_ALONE = re.compile(f"^{_PARTICLES}(?P<name>[一-鿿]{{2,4}}?){_PARTICLES}$")
_NO_NAME = re.compile(r"[的了是在个哪这那我俺你他她们每各全本都也有没不离从到去能会要想]")


def _could_be_heard(text: str) -> bool:
    """No small word and no common word in it: 级美, not 住的 or 实施."""
    pairs = (text[i : i + 2] for i in range(len(text) - 1))
    return not _NO_NAME.search(text) and not any(is_common_word(p, at_least=_WORD) for p in pairs)


_WORD = 30
_PLACE_WANTED = re.compile(
    r"(?:住(?!院|满|过|了|不|着|进|址|宿|几)在?|老家[在是]?|家在|户口[在是])\s*([一-鿿]{2,3})"
)
_BELOW = re.compile(r"[市省]?([一-鿿]{2,3})")


def _spoken_spans(text: str, mentions: list[_Mention], expected: bool) -> Iterator[tuple[int, int]]:
    """Where a name might stand that was heard and not read, most telling first."""
    taken = [(mention.start, mention.end) for mention in mentions]

    def free(start: int, end: int) -> bool:
        return end - start >= 2 and all(end <= s or start >= e for s, e in taken)

    for found in _SPOKEN_ENDING.finditer(text):
        shortest = 2 if found.group().endswith("县") else 3  # not 市区, 小区, 超市
        for start in range(found.start(), found.end() - shortest + 1):
            if free(start, found.end()) and not _NO_NAME.search(text, start, found.end()):
                yield start, found.end()
    loose = [_BELOW.match(text, mention.end) for mention in mentions]
    alone = _ALONE.match(text) if expected and len(text) <= _REACH else None
    for match in (*loose, alone, *_PLACE_WANTED.finditer(text)):
        if match is None:
            continue
        start, furthest = match.span(1)
        shortest = furthest if match is alone else start + 2
        for end in range(furthest, shortest - 1, -1):
            last = match in loose and not re.match(r"[一-鿿]", text[end:])
            if free(start, end) and (last or _could_be_heard(text[start:end])):
                yield start, end


# --- by code ------------------------------------------------------------------------------------


def is_within(code: str, ancestor: str) -> bool:
    """Whether `code` is `ancestor` or lies in it. Unknown codes lie in nothing but themselves."""
    while code != ancestor:
        place = places().get(code)
        if place is None or not place.parent:
            return False
        code = place.parent
    return True
