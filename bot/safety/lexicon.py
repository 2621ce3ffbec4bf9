"""The words, read from `nlu_data/safety/words_*.toml`, and finding them in a text.

Notation inside the data, so that a reviewer reads forms and not a list of thousands:
`跳[楼|河]` alternatives, `[快]?想死` optional, `跳~楼` the usual particle or none (了 过 着 个 完).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

from bot.safety import quantities
from bot.safety.text import DATA, Text, spell

_BETWEEN = re.compile(r"[ |&]+")
_MOST_FORMS = 400
_PARTICLE = "[|了|过|着|个|完]"
_SLOT = re.compile(r"(?:\[([^\]]*)\]|([^\[\]?]))(\?)?")


class Token(NamedTuple):
    """A concept found at `chars[start:end]`."""

    start: int
    end: int
    concept: str


@dataclass(frozen=True, slots=True)
class _Bucket:
    """All words that begin with one character, longest first."""

    lengths: tuple[int, ...]
    concepts: dict[str, tuple[str, ...]]


def expand(form: str) -> Iterator[str]:
    """`跳[楼|河]` → 跳楼, 跳河."""
    slots: list[list[str]] = []
    for choice, plain, optional in _SLOT.findall(form.replace("~", _PARTICLE)):
        slot = [plain] if plain else choice.split("|")
        slots.append([*slot, ""] if optional else slot)
    if (size := prod(len(slot) for slot in slots)) > _MOST_FORMS:
        raise ValueError(f"{form!r} stands for {size} words: nobody can review that; split it")
    return ("".join(parts) for parts in product(*slots))


@cache
def concepts() -> frozenset[str]:
    """Every concept name a rule may use."""
    return frozenset(name for name, _ in _entries(medication=True)) | quantities.CONCEPTS


@cache
def cues() -> frozenset[str]:
    """The concepts of `words_scope.toml`: they say how a thing is meant, and alarm nobody."""
    return frozenset(tomllib.loads((DATA / "words_scope.toml").read_text(encoding="utf-8")))


@cache
def _hiding() -> frozenset[str]:
    return frozenset(name for name, entry in _files(medication=True) if entry.get("hides"))


def _files(*, medication: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(DATA.glob("words_*.toml")):
        if medication or path.name != "words_medication.toml":
            yield from tomllib.loads(path.read_text(encoding="utf-8")).items()


@cache
def people() -> frozenset[str]:
    """The concepts of `words_people.toml`: nobody is denied, only what he does."""
    return frozenset(tomllib.loads((DATA / "words_people.toml").read_text(encoding="utf-8")))


@cache
def harmless() -> frozenset[str]:
    """The concepts of `words_harmless.toml`."""
    return frozenset(tomllib.loads((DATA / "words_harmless.toml").read_text(encoding="utf-8")))


def _literals(*, medication: bool) -> Iterator[str]:
    """Chinese words that stand for themselves in a pattern of the rules."""
    for name in ("rules.toml", "rules_medication.toml") if medication else ("rules.toml",):
        path = DATA / name
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["rule"]:
            for word in _BETWEEN.split(" ".join(entry["when"])):
                if word and not word.isascii():
                    yield word


def _entries(*, medication: bool) -> Iterator[tuple[str, str]]:
    for name, entry in _files(medication=medication):
        names = (name, *entry.get("is", ()))
        for word in (word for form in entry["words"].split() for word in expand(form)):
            if word:
                yield from ((each, spell(word)) for each in names)
    yield from ((word, spell(word)) for word in _literals(medication=medication))


@cache
def _index(*, medication: bool) -> dict[str, _Bucket]:
    found: dict[str, dict[str, list[str]]] = {}
    for name, word in _entries(medication=medication):
        named = found.setdefault(word[0], {}).setdefault(word, [])
        if name not in named:
            named.append(name)
    return {
        first: _Bucket(
            tuple(sorted({len(word) for word in words}, reverse=True)),
            {word: tuple(names) for word, names in words.items()},
        )
        for first, words in found.items()
    }


_numbers: dict[str, int] = {}


def bits(*names: str) -> int:
    """These concepts as a set of bits."""
    total = 0
    for name in names:
        total |= 1 << _numbers.setdefault(name, len(_numbers))
    return total


class Tokens:
    """The concepts found in one text, each with its places in order."""

    def __init__(self, text: Text, found: dict[str, list[Token]]) -> None:
        self.text = text
        self._found = found
        self._merged: dict[tuple[str, ...], list[Token]] = {}
        self._bits = bits(*found)

    def __contains__(self, concept: str) -> bool:
        return concept in self._found

    def of(self, *names: str) -> list[Token]:
        """The tokens of any of these concepts, by place."""
        if len(names) == 1:
            return self._found.get(names[0], [])
        merged = self._merged.get(names)
        if merged is None:
            merged = sorted(token for name in names for token in self._found.get(name, ()))
            self._merged[names] = merged
        return merged

    def may_match(self, masks: Iterable[int]) -> bool:
        """False if some step of a pattern has no token at all: most rules end here."""
        return all(self._bits & mask for mask in masks)

    def all(self) -> Iterator[Token]:
        for tokens in self._found.values():
            yield from tokens

    def without(self, dropped: Set[Token]) -> Tokens:
        """The same without some tokens."""
        kept = {
            name: left
            for name, tokens in self._found.items()
            if (left := [token for token in tokens if token not in dropped])
        }
        return Tokens(self.text, kept)

    def same_sentence(self, a: int, b: int) -> bool:
        return self.text.sentence[a] == self.text.sentence[b]

    def same_clause(self, a: int, b: int) -> bool:
        return self.text.clause[a] == self.text.clause[b]


def tag(text: Text, *, medication: bool = False) -> Tokens:
    """Find every word of the lexicon and every counted thing; with `medication` also the words
    of `words_medication.toml`, which crisis screening leaves alone.

    A longer word hides a shorter one inside it if it is marked `hides` ("累死" hides "死",
    "打电话" hides "打"), if both are of one kind or persons ("安眠药" hides "药", "他妈" hides
    "他"), or if the shorter one is a cue or a harmless explanation ("不想活" hides "不"). That
    keeps idioms out without a rule.
    """
    index, chars = _index(medication=medication), text.chars
    spans: list[_Span] = []
    for i, first in enumerate(chars):
        bucket = index.get(first)
        if bucket is None:
            continue
        for length in bucket.lengths:
            names = bucket.concepts.get(chars[i : i + length])
            if names and i + length <= len(chars) and text.within_piece(i, i + length):
                spans.append(_Span(i, i + length, names))
    found: dict[str, list[Token]] = {}
    for start, end, names in _visible(spans):
        for name in names:
            found.setdefault(name, []).append(Token(start, end, name))
    for counted in quantities.find(text):
        found.setdefault(counted.concept, []).append(Token(*counted))
        found[counted.concept].sort()
    return Tokens(text, found)


class _Span(NamedTuple):
    start: int
    end: int
    names: tuple[str, ...]


def _visible(spans: list[_Span]) -> Iterator[_Span]:
    """What no longer word hides. `spans` come by start, longest first."""
    hiding, weak = _hiding(), cues() | harmless()
    around: list[_Span] = []
    for span in spans:
        around = [outer for outer in around if outer.end > span.start]
        names = span.names
        outside = {name for outer in around if outer.end >= span.end for name in outer.names}
        if outside:
            if outside & hiding or ("PERSON" in names and ("PERSON" in outside or outside <= weak)):
                names = ()
            names = tuple(name for name in names if name not in outside and name not in weak)
        if names:
            yield _Span(span.start, span.end, names)
        around.append(span)
