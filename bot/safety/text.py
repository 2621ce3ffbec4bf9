"""What somebody typed or said, made comparable: one spelling, and where it pauses.

Everything after this works on `Text.chars`, a string without separators. The separators are not
lost: each position knows how strong the pause before it was, because scope (who, when, not)
ends at a pause, while a word may be torn apart by a blank or an emoji ("自 杀", "跳😭楼").
"""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "nlu_data" / "safety"

SOFT, COMMA, STOP = 1, 2, 3
"""Strength of a pause: blank or emoji; comma and the like; end of a sentence."""

_STOPS = frozenset("。！？!?\n\r；;")
_COMMAS = frozenset("，,、：:…")
_PICTURES = str.maketrans({"🔪": "刀", "🗡": "刀", "💊": "药", "🩸": "血", "💀": "死", "⚰": "死"})
"""Signs that say what the word would have said."""
_INTERJECTIONS = frozenset("嗯呃啊呀嘛哦噢喔哟咯嘞咧")
"""Said while thinking. They carry nothing and stand between words that belong together."""


@dataclass(frozen=True, slots=True)
class Text:
    """A normalised message.

    `chars` holds letters, digits and Chinese characters only. `clause[i]` and `sentence[i]`
    number the clause and the sentence of position `i`, both rising; `asked` are the sentences
    that end in a question mark.
    """

    chars: str
    clause: tuple[int, ...]
    piece: tuple[int, ...]
    sentence: tuple[int, ...]
    asked: frozenset[int]

    def within_piece(self, start: int, end: int) -> bool:
        """True if no comma or full stop lies inside [start, end): a word never spans one."""
        return self.piece[start] == self.piece[end - 1]


@cache
def _spelling() -> tuple[dict[int, str], dict[str, str], dict[str, tuple[int, ...]]]:
    data = tomllib.loads((DATA / "spelling.toml").read_text(encoding="utf-8"))
    traditional: dict[int, str] = {}
    for pair in data["traditional"]["pairs"].split():
        old, new = pair
        traditional[ord(old)] = new
    misheard: dict[str, str] = {}
    for line in data["misheard"]["pairs"].strip().splitlines():
        new, olds = line.split("=")
        for old in olds.split():
            if len(old) != len(new.strip()):
                raise ValueError(f"spelling.toml: {old!r} and {new.strip()!r} differ in length")
            misheard[old] = new.strip()
    misheard |= {kept: kept for kept in data["misheard"]["kept"].split()}
    lengths: dict[str, set[int]] = {}
    for old in misheard:
        lengths.setdefault(old[0], set()).add(len(old))
    by_first = {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}
    return traditional, misheard, by_first


def spell(chars: str) -> str:
    """One spelling: simplified characters, and the word that was meant for the one that sounds
    like it. The length stays."""
    traditional, misheard, by_first = _spelling()
    chars = chars.translate(traditional)
    out: list[str] = []
    i = 0
    while i < len(chars):
        for length in by_first.get(chars[i], ()):
            new = misheard.get(chars[i : i + length])
            if new is not None:
                out.append(new)
                i += length
                break
        else:
            out.append(chars[i])
            i += 1
    return "".join(out)


def normalise(raw: str) -> Text:
    """Normalise any string: width, case, traditional characters, misheard words, separators."""
    folded = unicodedata.normalize("NFKC", raw.translate(_PICTURES)).lower()
    kept: list[str] = []
    pauses: list[int] = []
    asked_at: list[int] = []
    pause = STOP
    for char in folded:
        if char in _STOPS:
            pause = STOP
            if char == "?" and kept:
                asked_at.append(len(kept) - 1)
        elif char in _COMMAS:
            pause = max(pause, COMMA)
        elif char.isalnum() and char not in _INTERJECTIONS:
            kept.append(char)
            pauses.append(pause)
            pause = 0
        elif char == "." and kept and kept[-1].isdecimal():
            kept.append(char)  # 39.5: taken back below unless a digit follows
            pauses.append(pause)
            pause = 0
        elif not unicodedata.combining(char) and unicodedata.category(char) != "Cf":
            pause = max(pause, SOFT)
    kept, pauses, asked_at = _drop_loose_points(kept, pauses, asked_at)
    _join_spelt_out(pauses)
    chars = spell("".join(kept))
    clause, piece, sentence = _number(chars, pauses)
    return Text(chars, clause, piece, sentence, frozenset(sentence[i] for i in asked_at))


def _drop_loose_points(
    kept: list[str], pauses: list[int], asked_at: list[int]
) -> tuple[list[str], list[int], list[int]]:
    """A point between digits belongs to the number; any other one ends a sentence."""
    if "." not in kept:
        return kept, pauses, asked_at
    chars: list[str] = []
    strengths: list[int] = []
    moved: dict[int, int] = {}
    pending = 0
    for i, char in enumerate(kept):
        if char == "." and not (
            i + 1 < len(kept) and kept[i + 1].isdecimal() and not pauses[i + 1]
        ):
            pending = max(STOP, pauses[i])
            continue
        moved[i] = len(chars)
        chars.append(char)
        strengths.append(max(pauses[i], pending))
        pending = 0
    return chars, strengths, [moved[i] for i in asked_at if i in moved]


def _join_spelt_out(pauses: list[int]) -> None:
    """ "我 想 死", "自。杀": two or more single characters in a row are one piece."""
    starts = [i for i, pause in enumerate(pauses) if pause]
    starts.append(len(pauses))
    lengths = [after - start for start, after in pairwise(starts)]
    for n, start in enumerate(starts[1:-1], start=1):
        if lengths[n] == 1 and lengths[n - 1] == 1:
            pauses[start] = 0


_OPENERS = (
    "但是",
    "可是",
    "不过",
    "然后",
    "结果",
    "后来",
    "现在",
    "今天",
    "刚才",
    "突然",
    "而且",
    "所以",
    "因为",
    "还有",
    "另外",
    "想问",
    "请问",
)
"""Words that open a new thought where a voice transcript has no punctuation."""
_OPENER_STARTS = frozenset(word[0] for word in _OPENERS)
_SPEAKERS = frozenset("他她我俺阮恁伊")


def _opens_thought(chars: str, i: int) -> bool:
    if chars[i] in _SPEAKERS and chars[i - 1] == "的":
        return True
    return chars[i] in _OPENER_STARTS and chars.startswith(_OPENERS, i)


def _number(
    chars: str, pauses: list[int]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    clause: list[int] = []
    piece: list[int] = []
    sentence: list[int] = []
    c = p = s = 0
    for i, pause in enumerate(pauses):
        if i and (pause or _opens_thought(chars, i)):
            c += 1
        if i and pause >= COMMA:
            p += 1
        if i and pause == STOP:
            s += 1
        clause.append(c)
        piece.append(p)
        sentence.append(s)
    return tuple(clause), tuple(piece), tuple(sentence)
