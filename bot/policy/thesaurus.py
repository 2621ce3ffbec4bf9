"""From the words of families to those of documents: concepts that both can name."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.policy.words import NLU_DATA, plain

FOLDER = NLU_DATA / "policy" / "thesaurus"
SETS = "_words.toml"

_IS_PATTERN = re.compile(r"[…(|<]")
_GAP = ".{0,8}?"


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that people ask about.

    `everyday` are plain words, `patterns` regular expressions; `pattern_words` are the choices that
    the patterns offer. `generic`: so common that it proves nothing by itself. `part_of`: wider
    concepts under whose heading it is usually ruled. `setting`: not what is asked about but where
    it happens; it chooses between documents by their titles, never between clauses.
    """

    name: str
    official: tuple[str, ...]
    everyday: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    pattern_words: tuple[str, ...] = ()
    generic: bool = False
    part_of: tuple[str, ...] = ()
    setting: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept named in a `plain` text at [start, end)."""

    concept: str
    start: int
    end: int


class Thesaurus:
    """Finds concepts. Immutable after construction, safe to share between threads."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self.concepts: Mapping[str, Concept] = {concept.name: concept for concept in concepts}
        official = [(w, c.name) for c in self.concepts.values() for w in c.official]
        everyday = [(w, c.name) for c in self.concepts.values() for w in c.everyday]
        patterns = [(w, c.name) for c in self.concepts.values() for w in c.patterns]
        self._official = Phrases(official)
        self._all = Phrases([*official, *everyday], patterns)

    def settings_in(self, text: str, *, everyday: bool) -> frozenset[str]:
        """The settings that a `plain` title or question names."""
        hits = self.in_question(text) if everyday else self.in_document(text)
        return frozenset(hit.concept for hit in hits if self.concepts[hit.concept].setting)

    def in_document(self, text: str) -> list[Hit]:
        """Concepts that a `plain` official text names."""
        return self._official.find(text)

    def in_question(self, text: str) -> list[Hit]:
        """Concepts that a `plain` everyday text names, in official words or in its own."""
        return self._all.find(text)


class Phrases:
    """Finds words and patterns, given as (word, name) pairs, in a `plain` text."""

    def __init__(
        self, words: list[tuple[str, str]], patterns: Sequence[tuple[str, str]] = ()
    ) -> None:
        self._starting: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for word, concept in words:
            text = plain(word)
            self._starting[text[:2]].append((text, concept))
        self._patterns = [(re.compile(text), name) for text, name in patterns]

    def find(self, text: str) -> list[Hit]:
        """All matches but those that lie inside of a longer one."""
        hits = [
            Hit(concept, place, place + len(phrase))
            for place in range(len(text) - 1)
            for phrase, concept in self._starting.get(text[place : place + 2], ())
            if text.startswith(phrase, place)
        ]
        hits = _outermost(hits)
        for pattern, concept in self._patterns:
            if found := pattern.search(text):
                hits.append(Hit(concept, found.start(), found.end()))
        return hits


def _outermost(hits: list[Hit]) -> list[Hit]:
    hits.sort(key=lambda hit: (hit.start, -hit.end))
    kept: list[Hit] = []
    end = -1
    for hit in hits:
        # Sorted so, a hit lies inside an earlier one exactly if it does not reach further.
        if hit.end > end or (kept and (hit.start, hit.end) == (kept[-1].start, kept[-1].end)):
            kept.append(hit)
            end = max(end, hit.end)
    return kept


def load_thesaurus(folder: Path = FOLDER) -> Thesaurus:
    """Read every `*.toml` of a folder. Raises `ValueError` on a concept that is unsound."""
    sets = tomllib.loads((folder / SETS).read_text(encoding="utf-8"))
    concepts: dict[str, Concept] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name.startswith("_"):
            continue
        for name, row in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if name in concepts:
                raise ValueError(f"concept {name!r} is defined twice, again in {path.name}")
            try:
                concepts[name] = _concept(name, row, sets)
            except (ValueError, KeyError) as error:
                raise ValueError(f"concept {name!r} in {path.name}: {error}") from error
    for concept in concepts.values():
        if unknown := set(concept.part_of) - set(concepts):
            raise ValueError(f"concept {concept.name!r} is part of unknown {sorted(unknown)}")
    return Thesaurus(concepts.values())


def _concept(name: str, row: Mapping[str, Any], sets: Mapping[str, str]) -> Concept:
    if unknown := set(row) - {"official", "everyday", "generic", "part_of", "setting"}:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    everyday = [str(word) for word in row.get("everyday", ())]
    words = tuple(word for word in everyday if not _IS_PATTERN.search(word))
    patterns = [_spelled_out(word, sets) for word in everyday if _IS_PATTERN.search(word)]
    official = tuple(row["official"])
    if short := [word for word in (*official, *words) if len(plain(word)) < 2]:
        raise ValueError(f"words of one character {short}")
    choices = {word for text in patterns for word in re.split(r"[^\u4e00-\u9fffa-z0-9]+", text)}
    return Concept(
        name=name,
        official=official,
        everyday=words,
        patterns=tuple(text.replace("…", _GAP) for text in patterns),
        pattern_words=tuple(sorted(word for word in choices if len(word) > 1)),
        generic=bool(row.get("generic", False)),
        part_of=tuple(row.get("part_of", ())),
        setting=bool(row.get("setting", False)),
    )


def _spelled_out(word: str, sets: Mapping[str, str]) -> str:
    """Put the words of a set for its name."""
    return re.sub(r"<([^>]+)>", lambda name: f"(?:{sets[name[1]]})", word)


@cache
def default_thesaurus() -> Thesaurus:
    """The thesaurus of the product, read once."""
    return load_thesaurus()
