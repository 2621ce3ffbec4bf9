"""Names of medicines in everyday writing: generic names, trade names, and what they sound like.

The names and facts are in `nlu_data/drugs.toml`. A name is found by its letters first, the longest
one at each place; then by its sound, because families dictate (力陪酮, 奥弹平). A sound or a
two-character name is believed only beside words that surround a medicine, so that no everyday
word (院里陪同, 情绪安定) becomes a drug.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from bot.nlu.script import plain

DATA = Path(__file__).resolve().parents[2] / "nlu_data" / "drugs.toml"

How = Literal["exact", "brand", "sound", "group"]


@dataclass(frozen=True, slots=True)
class Drug:
    """What is known of one medicine. `interval` is a `repeat`, where the leaflet names one."""

    generic: str
    drug_class: str
    unit: str = "片"
    interval: str | None = None

    @property
    def psychiatric(self) -> bool:
        return self.drug_class != "other"

    @property
    def injected(self) -> bool:
        return self.drug_class == "lai"


@dataclass(frozen=True, slots=True)
class DrugMention:
    """A medicine in a text: `text[start:end] == written`.

    `generic` is None for a word that names a kind of medicine (`how == "group"`). `name` is the
    part of `written` without salt and form: 再普乐 in 再普乐片. `form` is the form that was
    written with it (胶囊, 口服液 …) or "".
    """

    start: int
    end: int
    generic: str | None
    written: str
    how: How
    name: str
    form: str = ""
    psychiatric: bool = True


@dataclass(frozen=True, slots=True)
class _Name:
    written: str
    generic: str | None
    how: How
    psychiatric: bool
    everyday: bool = False


@dataclass(slots=True)
class _Lexicon:
    drugs: dict[str, Drug] = field(default_factory=dict)
    by_first: dict[str, list[_Name]] = field(default_factory=dict)
    phrases: tuple[str, ...] = ()


@dataclass(slots=True)
class _Sounds:
    """Names of three characters and more by the sound of their first and of their second one."""

    first: dict[str, list[tuple[_Name, tuple[frozenset[str], ...]]]] = field(default_factory=dict)
    second: dict[str, list[tuple[_Name, tuple[frozenset[str], ...]]]] = field(default_factory=dict)


_SALT = re.compile(
    r"(?:富马酸|盐酸|草酸|氢溴酸|枸橼酸|琥珀酸|马来酸|酒石酸|苯磺酸|重酒石酸|注射用|国产|进口)+$"
)
_FORM = re.compile(
    r"(?:缓释|控释|肠溶|分散|口崩|口腔崩解|薄膜衣|薄膜|普通)*"
    r"(?:片剂|片|胶囊|口服溶液|口服液|滴剂|滴丸|注射液|颗粒|干混悬剂|糖浆|针剂)?"
    r"(?:\([^()\d\n]{1,8}\))?"
)

_HAN = "一-鿿"
_NUMBER = r"[\d半一二两俩三四五六七八九十]"
# What may stand directly before or after a name without making it part of another word.
_BEFORE = re.compile(
    r"(?:^|[^" + _HAN + r"]"
    r"|吃|服|服用|开|用|喝|打|换|换成|加|减|停|停了|把|给|叫|是|有|药|片|粒|颗|丸|次|针|各|点|半|钟"
    r"|早|中|晚|午|上|前|后|天|日|的|了|再|和|跟|与|及|种|拿|取|买|领|月|周|成|到|酸"
    r"|[一二两三四五六日])$"
)
_AFTER = re.compile(
    r"(?:$|[^"
    + _HAN
    + r"]|"
    + _NUMBER
    + r"|片|粒|胶囊|颗|针|药|[早晚午傍凌空随餐必清夜上各]|中午|睡|每|饭|和|跟|与|及|还有"
    r"|吃|服|加|减|停|换|改|怎|能|会|不|没|有|的|了|是|这|漏|忘|也|要|一|提|帮|该|取|什|几|快|mg|bid|tid|qd|qn"
    r"|缓|控|肠|口|注|分|下|上|隔|打|剂|量|副|从|在|先|今|明|就|都|到|过|我|他|她|医|定|设|记)"
)
# What says by itself that a medicine is meant; two-character names need one of these.
_STRONG_BEFORE = re.compile(
    r"(?:吃|服|服用|用|开|换|换成|停|停了|减|加|片|粒|针|mg|药|各|打|取|拿|买|领)[了过:, ]?$"
)
_STRONG_AFTER = re.compile(
    r"[,: ]?(?:\d|半片|半粒|半颗|[一二两俩三四](?:片|粒|颗|针|天)|片|胶囊|[早晚午晨]|[中上下]午|睡前|睡觉|傍晚|凌晨|半夜|清早|饭[前后]|[三每]餐|必要时|天天|每日|一[天日]|(?:[一二两三四五六七八九十半]个?|\d+个?)(?:天|周|月|星期)|每(?:[天晚日早月周隔半\d一二两三四]|个)|隔|药|mg"
    r"|打针|注射|什么时候吃|怎么吃|吃|停|减|加|bid|tid|qd|qn)"
)


@cache
def _lexicon() -> _Lexicon:
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    lexicon = _Lexicon()
    names: dict[str, _Name] = {}
    everyday = set(data["everyday"])
    lexicon.phrases = tuple(data["phrases"])
    for entry in data["drug"]:
        generic = entry["generic"]
        drug = Drug(generic, entry["class"], entry.get("unit", "片"), entry.get("interval"))
        lexicon.drugs[generic] = drug
        written: list[tuple[str, How]] = [(generic, "exact")]
        written += [(name, "exact") for name in entry.get("also", ())]
        written += [(name, "brand") for name in entry.get("brands", ())]
        written += [(name, "sound") for name in entry.get("slips", ())]
        for name, how in written:
            entered = _Name(name, generic, how, drug.psychiatric, name in everyday)
            if names.setdefault(plain(name), entered).generic != generic:
                raise ValueError(f"drugs.toml: {name!r} belongs to two medicines")
    for group in data["group"]:
        for word in group["words"]:
            names[plain(word)] = _Name(word, None, "group", group["psychiatric"])
    for key in sorted(names, key=len, reverse=True):
        lexicon.by_first.setdefault(key[0], []).append(names[key])
    return lexicon


def drug(generic: str) -> Drug:
    """What is known of `generic`. Raises KeyError for a name that `find_drugs` cannot return."""
    return _lexicon().drugs[generic]


def _fold(syllable: str) -> str:
    """One spelling for sounds that dialects and dictation do not tell apart."""
    syllable = syllable.replace("ü", "v").replace("zh", "z").replace("ch", "c").replace("sh", "s")
    syllable = re.sub(r"(an|en|in)g$", r"\1", syllable)
    syllable = re.sub(r"^([ln])v", r"\1u", syllable)
    return "l" + syllable[1:] if syllable.startswith("n") else syllable


@lru_cache(maxsize=8192)
def _sounds_of(char: str) -> frozenset[str]:
    # pypinyin takes a fifth of a second to import, and most processes never hear a name.
    from pypinyin import Style, pinyin

    if not "一" <= char <= "鿿":
        return frozenset()
    return frozenset(_fold(s) for s in pinyin(char, style=Style.NORMAL, heteronym=True)[0])


@cache
def _sound_index() -> _Sounds:
    index = _Sounds()
    for names in _lexicon().by_first.values():
        for name in names:
            sounds = tuple(_sounds_of(char) for char in name.written)
            # A slip, a kind of medicine or a 三个月针 is not a pattern to be misheard again.
            if name.how in ("sound", "group") or name.written.endswith("针"):
                continue
            if len(sounds) < 3 or not all(sounds):
                continue
            for place, table in ((0, index.first), (1, index.second)):
                for sound in sounds[place]:
                    table.setdefault(sound, []).append((name, sounds))
    return index


def find_drugs(text: str) -> list[DrugMention]:
    """Medicines in `text`, left to right, never overlapping. Empty for a text that names none."""
    chars = plain(text)
    found: list[DrugMention] = []
    position = 0
    while position < len(chars):
        # A name may follow another one directly: the end of that one is where it may begin.
        floor = found[-1].end if found else 0
        hit = _exact_at(chars, position, floor) or _heard_at(chars, position, floor)
        if hit is None:
            position += 1
            continue
        name, how, end = hit
        mention = _mention(text, chars, position, end, name, how, floor)
        found.append(mention)
        position = mention.end
    return found


def _mention(
    text: str, chars: str, start: int, end: int, name: _Name, how: How, floor: int
) -> DrugMention:
    salt = _SALT.search(chars[floor:start])
    form = _FORM.match(chars, end)
    whole_start = floor + salt.start() if salt else start
    whole_end = form.end() if form and name.generic else end
    return DrugMention(
        start=whole_start,
        end=whole_end,
        generic=name.generic,
        written=text[whole_start:whole_end],
        how=how,
        name=text[start:end],
        form=chars[end:whole_end],
        psychiatric=name.psychiatric,
    )


def _exact_at(chars: str, position: int, floor: int) -> tuple[_Name, How, int] | None:
    for name in _lexicon().by_first.get(chars[position], ()):
        written = plain(name.written)
        end = position + len(written)
        if not chars.startswith(written, position):
            continue
        if (
            len(written) == 2
            and name.how == "brand"
            and not _in_company(chars, position, end, floor, name.everyday)
        ):
            continue
        if written.isascii() and (
            chars[position - 1 : position].isalpha() or chars[end : end + 1].isalpha()
        ):
            continue
        if name.written in _MEASURES and not _names_the_needle(chars, position):
            continue
        return name, name.how, end
    return None


_MEASURES = frozenset({"一月针", "1月针", "三月针", "3月针", "六月针", "6月针", "两周针", "半月针"})


def _names_the_needle(chars: str, position: int) -> bool:
    """每三月针一次 and 十一月针 count months; 三月针 alone is the three-month needle."""
    return re.search(r"[每隔十\d第]$", chars[:position]) is None


def _in_company(chars: str, start: int, end: int, floor: int, everyday: bool) -> bool:
    """True if the medicine is meant: its name is no everyday word, or words of medicine are near."""
    if _within_phrase(chars, start, end, floor):
        return False
    if not everyday:
        return True
    before, after = chars[max(floor, start - 4) : start], chars[end : end + 6]
    strong = _STRONG_BEFORE.search(before) or _STRONG_AFTER.match(after)
    return bool(strong) and _stands_alone(chars, start, end, floor)


def _within_phrase(chars: str, start: int, end: int, floor: int) -> bool:
    """平安坦然 holds 安坦 and means no medicine; 奥氮平安坦 are two medicines."""
    name = chars[start:end]
    for phrase in _lexicon().phrases:
        place = phrase.find(name)
        if place >= 0 and start - place >= floor and chars.startswith(phrase, start - place):
            return True
    return False


def _stands_alone(chars: str, start: int, end: int, floor: int) -> bool:
    before, after = chars[max(floor, start - 4) : start], chars[end : end + 4]
    return bool(_BEFORE.search(before)) and bool(_AFTER.match(after))


def _heard_at(chars: str, position: int, floor: int) -> tuple[_Name, How, int] | None:
    """The one medicine that the characters at `position` sound like; None when two would fit."""
    if not "一" <= chars[position] <= "鿿":
        return None
    heard = [_sounds_of(char) for char in chars[position : position + 8]]
    best: dict[str, tuple[int, _Name]] = {}
    for name, sounds in _candidates(heard):
        if len(sounds) > len(heard):
            continue
        wrong = [(a, b) for a, b in zip(sounds, heard, strict=False) if not a & b]
        # Three syllables must all be right; of four or more one may be half misheard.
        if len(wrong) > (len(sounds) > 3) or not all(_close(a, b) for a, b in wrong):
            continue
        misses = len(wrong)
        assert name.generic is not None
        rank = misses * 100 - len(sounds)
        if name.generic not in best or rank < best[name.generic][0]:
            best[name.generic] = (rank, name)
    ranked = sorted(best.values(), key=lambda item: item[0])
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    name = ranked[0][1]
    end = position + len(name.written)
    return (name, "sound", end) if _stands_alone(chars, position, end, floor) else None


def _close(left: frozenset[str], right: frozenset[str]) -> bool:
    """pei and pai, but not pian and you: the beginning is heard."""
    return any(a[0] == b[0] for a in left for b in right)


def _candidates(
    heard: list[frozenset[str]],
) -> Iterator[tuple[_Name, tuple[frozenset[str], ...]]]:
    index = _sound_index()
    for sound in heard[0]:
        yield from index.first.get(sound, ())
    if len(heard) > 1:
        for sound in heard[1]:
            for name, sounds in index.second.get(sound, ()):
                if len(sounds) > 3:
                    yield name, sounds
