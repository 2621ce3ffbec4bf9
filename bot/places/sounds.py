"""Places by sound: what a voice transcript or a mistyped character leaves of a name.

Toneless syllables, with the endings and initials merged that southern speech and input methods
confuse (z/zh, n/l, in/ing …). A place found this way is a guess to ask about.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from itertools import product

from pypinyin import Style, lazy_pinyin, pinyin

from bot.places.gazetteer import namings

_MERGED = (
    (re.compile(r"^([zcs])h"), r"\1"),
    (re.compile(r"^l"), "n"),
    (re.compile(r"^hu(?=[aeio])"), "f"),
    (re.compile(r"^r"), "n"),
    (re.compile(r"([aei])ng$"), r"\1n"),
)
_MOST_READINGS = 3
_LONGEST = 5


@cache
def readings(character: str) -> tuple[str, ...]:
    """Toneless syllables of one character, commonest first; empty where it has none."""
    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(found[0][:_MOST_READINGS])) if found else ()


@cache
def _spoken(surface: str) -> tuple[str, ...]:
    """How a name is read; the library knows the usual reading of each word."""
    return tuple(lazy_pinyin(surface))


@cache
def _merge(syllable: str) -> str:
    for pattern, instead in _MERGED:
        syllable = pattern.sub(instead, syllable)
    return syllable


@cache
def _surfaces_by_sound() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Names of two to five characters under the way they are read, merged."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for surface, claims in namings().items():
        if len(surface) > _LONGEST or all(claim.form in {"variant", "zone"} for claim in claims):
            continue
        found[tuple(_merge(sound) for sound in _spoken(surface))].append(surface)
    return {key: tuple(surfaces) for key, surfaces in found.items()}


def sounding_like(text: str) -> list[str]:
    """Names that sound like the whole of `text` (two to five characters) and are not it, sorted.

    Names that sound exactly so; only without any, those that southern speech merges with it.
    """
    if not 2 <= len(text) <= _LONGEST or not all(readings(character) for character in text):
        return []
    merged = {
        surface
        for key in product(*({_merge(sound) for sound in readings(c)} for c in text))
        for surface in _surfaces_by_sound().get(key, ())
    } - {text}
    exact = {
        surface
        for surface in merged
        if all(
            sound in readings(heard) for sound, heard in zip(_spoken(surface), text, strict=True)
        )
    }
    return sorted(exact or merged)
