"""What the classifier sees of a sentence: counts, computed the same on both sides.

Rasa's environment (Python 3.10) trains with this module and the application (Python >= 3.11)
reads the result with it, so it needs the standard library alone and stays compatible with 3.10.
A sentence is looked at in three views:

- ``c`` character n-grams: what was written;
- ``s`` n-grams of the same text with every known word replaced by its concept: what kind of thing
  was said, so that "儿子没吃奥氮平" teaches something about "闺女没吃喹硫平";
- ``p`` the concepts themselves, and pairs of them in any order: what it is all about.

The words, shapes and rewritings come from Rasa's training data (`nlu_data/lookups/`): lookup
tables, regexes and synonyms.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

from bot.nlu.script import plain

VIEWS = ("c", "s", "p")
CHARACTERS_AT_ONCE = 2
TOKENS_AT_ONCE = 3

_SPACES = re.compile(r"\s+")
_PAUSES = re.compile(r"[,.;:!~…、。·\"'()\[\]{}<>《》【】「」“”‘’|/\\_=+*#&^%$@-]+")
_AGAIN_AND_AGAIN = re.compile(r"(.)\1{2,}")
_DIGITS = re.compile(r"\d")
_MASKED = re.compile(r"〔[^〕]{1,6}〕")
"""What `bot.privacy.masking` leaves where a name or a number was."""


class Span(NamedTuple):
    """A known word at ``text[start:end]``, and the kind of thing it names."""

    start: int
    end: int
    concept: str


def tidy(text: str) -> str:
    """Simplified, half-width, lower case, one space for many, "哈哈哈哈哈" cut to "哈哈哈"."""
    text = plain(unicodedata.normalize("NFKC", text)).lower()
    text = _AGAIN_AND_AGAIN.sub(r"\1\1\1", text)
    return _SPACES.sub(" ", text).strip()


@dataclass(frozen=True)
class Vocabulary:
    """Everything the features know beforehand.

    ``words``: concept → words. ``shapes``: concept → regular expressions. ``rewrite``: word of a
    dialect, or of voice input → the common word.
    """

    words: Mapping[str, Sequence[str]]
    shapes: Mapping[str, Sequence[str]]
    rewrite: Mapping[str, str]


class FeatureReader:
    """Turns sentences into features. Built once per model; safe to share between threads."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._rewrite = _PhraseTable({tidy(k): v for k, v in vocabulary.rewrite.items()})
        concepts: dict[str, list[str]] = {}
        for concept, words in vocabulary.words.items():
            for word in words:
                names = concepts.setdefault(self.common(tidy(word)), [])
                if concept not in names:
                    names.append(concept)
        self._words = _PhraseTable(concepts)
        written: dict[str, list[str]] = {}
        for concept, words in vocabulary.words.items():
            for word in words:
                written.setdefault(plain(word), []).append(concept)
        self._as_written = _PhraseTable(written)
        self._shapes = [
            (concept, re.compile("|".join(patterns)))
            for concept, patterns in vocabulary.shapes.items()
        ]

    def common(self, text: str) -> str:
        """A tidied text in common words: 啷个办 → 怎么办."""
        parts, position = [], 0
        for start, end, word in self._rewrite.longest(text):
            parts += [text[position:start], word]
            position = end
        return "".join(parts) + text[position:]

    def spans(self, text: str) -> list[Span]:
        """Known words and shapes of a tidied text, the longest at each place, left to right."""
        taken: list[Span] = []
        for concept, shape in self._shapes:
            for found in shape.finditer(text):
                span = Span(found.start(), found.end(), concept)
                if found.end() > found.start() and not _overlaps(span, taken):
                    taken.append(span)
        for start, end, concepts in self._words.longest(text):
            span = Span(start, end, concepts[0])
            if not _overlaps(span, taken):
                taken.append(span)
        return sorted(taken)

    def mentions(self, text: str, concepts: Container[str]) -> list[Span]:
        """Words of these concepts where they stand in the text as it was written."""
        return [
            Span(start, end, concept)
            for start, end, names in self._as_written.longest(plain(text))
            for concept in [name for name in names if name in concepts][:1]
        ]

    def count(self, text: str) -> dict[str, dict[str, int]]:
        """Features of a sentence: view → feature → how often."""
        text = self.common(tidy(text))
        spans = self.spans(text)
        written = _PAUSES.sub(" ", _MASKED.sub(" ", text))
        characters = "^" + _DIGITS.sub("0", _SPACES.sub(" ", written)).strip() + "$"
        return {
            "c": Counter(_grams(characters, CHARACTERS_AT_ONCE)),
            "s": Counter(self._abstract_grams(text, spans)),
            "p": Counter(self._concept_pairs(text, spans)),
        }

    def _abstract_grams(self, text: str, spans: Sequence[Span]) -> Iterator[str]:
        tokens, position = ["^"], 0
        for span in spans:
            tokens += _PAUSES.sub(" ", text[position : span.start])
            tokens.append(f"<{span.concept}>")
            position = span.end
        tokens += _PAUSES.sub(" ", text[position:])
        tokens.append("$")
        for size in range(2, TOKENS_AT_ONCE + 1):
            for i in range(len(tokens) - size + 1):
                yield "".join(tokens[i : i + size])

    def _concept_pairs(self, text: str, spans: Sequence[Span]) -> Iterator[str]:
        present = {span.concept for span in spans}
        for _, _, concepts in self._words.everywhere(text):
            present.update(concepts)
        ordered = sorted(present)
        yield from ordered
        for one, other in combinations(ordered, 2):
            yield f"{one}+{other}"


class _PhraseTable:
    """Finds the phrases of a table in a text, by dictionary look-ups of every length."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = dict(table)
        lengths: dict[str, set[int]] = {}
        for phrase in self._table:
            lengths.setdefault(phrase[:1], set()).add(len(phrase))
        self._lengths = {first: sorted(sizes, reverse=True) for first, sizes in lengths.items()}

    def _at(self, text: str, position: int) -> Iterator[tuple[int, Any]]:
        """Ends and entries of the phrases that begin here, longest first."""
        for size in self._lengths.get(text[position], ()):
            end = position + size
            found = self._table.get(text[position:end]) if end <= len(text) else None
            if found is not None:
                yield end, found

    def longest(self, text: str) -> Iterator[tuple[int, int, Any]]:
        """Phrases that do not overlap, the longest one at each place, left to right."""
        position = 0
        while position < len(text):
            end, found = next(self._at(text, position), (position + 1, None))
            if found is not None:
                yield position, end, found
            position = end

    def everywhere(self, text: str) -> Iterator[tuple[int, int, Any]]:
        """All phrases, overlapping ones too."""
        for position in range(len(text)):
            for end, found in self._at(text, position):
                yield position, end, found


def _grams(text: str, longest: int) -> Iterator[str]:
    for size in range(1, longest + 1):
        for i in range(len(text) - size + 1):
            yield text[i : i + size]


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)
