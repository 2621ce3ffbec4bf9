"""Whose document counts where. A place is a division code of six digits; "" is the nation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot import places
from bot.policy.words import Word

NATION = ""


# Where somebody comes from or goes to is not where a rule is asked for.
_ON_THE_WAY = re.compile(r"(?:回|回到|去|到|往|搬到|搬去|搬来|迁到|来自|跑到|从|跟)$")
_ORIGIN_AFTER = re.compile(r"^(?:老家|人(?![员民才])|搬|转|迁|回来|过来|打工|务工|上班|读书)")


@dataclass(frozen=True, slots=True)
class Mentioned:
    """The place a text speaks of: one code, or several that share the name (then ask which).

    `passing`: only named as where somebody comes from or goes to.
    """

    codes: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    passing: bool = False

    @property
    def code(self) -> str | None:
        return self.codes[0] if len(self.codes) == 1 else None


def mentioned_in(text: str, *, near: str | None = None, words: Sequence[Word] = ()) -> Mentioned:
    """Read the places of a text together: of a county and its province, the county counts.

    A name that cuts one of its `words` in two is none: 和康 in 社工和康复师.
    """
    matches = places.find(text, near=near)
    sharing = Counter((match.start, match.end) for match in matches)
    found = [
        match
        for match in matches
        # In 西藏的福利院 the place counts, though nobody need live there.
        if match.certainty != "possible"
        or (match.level != "county" and sharing[match.start, match.end] == 1)
    ]
    found = [match for match in found if not any(_cuts(match.start, match.end, w) for w in words)]
    codes = {match.code for match in found}
    # A place that another one lies in adds nothing.
    exact = {
        code for code in codes if not any(other != code and covers(code, other) for other in codes)
    }
    spans = sorted({(match.start, match.end) for match in found})
    passing = bool(spans) and all(
        _ON_THE_WAY.search(text[:start]) or _ORIGIN_AFTER.match(text[end:]) for start, end in spans
    )
    return Mentioned(tuple(sorted(exact)), tuple(spans), passing)


def _cuts(start: int, end: int, word: Word) -> bool:
    return (
        word.start < start < word.end < end
        or start < word.start < end < word.end
        or (word.start <= start and end <= word.end and (start, end) != (word.start, word.end))
    )


def asked_for(mentioned: Mentioned, home: str | None) -> str | None:
    """The region a question is about: the place it names, else where the person lives."""
    if home is not None and mentioned.passing:
        return home
    return mentioned.code or home


def of_issuer(text: str) -> str | None:
    """The place whose office a name or title belongs to: the first one it names."""
    found = places.find(text)
    return found[0].code if found else None


def parse(text: str | None) -> str | None:
    """A region as a person gives it (福州市, 福建, 350100, 全国) → code; `None` if not understood."""
    if text is None:
        return None
    text = text.strip()
    if text in {"全国", "国家", "中国"}:
        return NATION
    if text.isdigit():
        return text if places.get(text) else None
    found = places.find(text, expected=True)
    return found[0].code if found else None


def significant(code: str) -> str:
    """The digits that count: 350000 → 35, 510400 → 5104, 410923 → 410923, "" → ""."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def covers(document: str | None, asked: str) -> bool:
    """Whether what is ruled for one region counts in another: the same one or one inside of it."""
    return document is not None and significant(asked).startswith(significant(document))


def depth(code: str) -> int:
    """0 nation, 1 province, 2 city, 3 county."""
    return len(significant(code)) // 2


def name_of(code: str) -> str:
    """What to call a place in a sentence; 全国 for the nation."""
    place = places.get(code) if code else None
    return place.name if place else "全国"
