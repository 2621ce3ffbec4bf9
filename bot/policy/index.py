"""The inverted index: which passages hold which terms, how telling each is, in which sentences.

Built whole and never changed after; a newer one takes its place by one assignment (`bot.policy.library`).
Terms are `w:` words, `p:` pairs of characters, `c:` concepts of the thesaurus.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import intern

import numpy as np
import numpy.typing as npt

from bot.policy import regions
from bot.policy.cards import Card
from bot.policy.documents.model import ParsedDocument
from bot.policy.passages import Passage, all_passages
from bot.policy.question import Reader
from bot.policy.thesaurus import Thesaurus, default_thesaurus
from bot.policy.topics import OUTSIDE, Example, TopicModel, default_topics
from bot.policy.words import pairs_in, plain, rarity, words_in

Ids = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float32]
Masks = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

# BM25, with less weight on length than usual: a clause is long because it rules several things.
K1 = 1.2
B = 0.4
HEADING_TIMES = 2.0
CONTEXT_TIMES = 0.6
TITLE_TIMES = 0.4
EXPECTED_TIMES = 0.7
# A concept that a clause names in plain words, and one that its wording resembles.
PLAIN_TIMES = 0.4
GUESS_TIMES = 0.7
LEAST_GUESS = 0.2

# Sentences that a mask can tell apart; later ones share the last of them.
MASKED_SENTENCES = 40
# The expected questions of a card have bits of their own above the sentences.
EXPECTED_BIT = MASKED_SENTENCES
MASKED_EXPECTED = 22
CONTEXT_BIT = 62
HEADING_BIT = 63


@dataclass(frozen=True, slots=True)
class Posting:
    """The passages that hold one term: ascending ids, BM25 weights, and where inside."""

    ids: Ids
    weights: Weights
    masks: Masks


class PolicyIndex:
    """Everything that may answer, ready to be searched. Read-only, shared between threads."""

    def __init__(
        self,
        passages: Sequence[Passage],
        postings: dict[str, Posting],
        thesaurus: Thesaurus,
        topics: TopicModel,
        card_model: TopicModel | None,
    ) -> None:
        self.passages = passages
        self.postings = postings
        self.thesaurus = thesaurus
        self.reader = Reader(thesaurus, topics, card_model)
        by_title = {
            title: thesaurus.settings_in(plain(title), everyday=False)
            for title in {passage.title for passage in passages}
        }
        self.settings = [by_title[passage.title] for passage in passages]
        codes = [passage.region for passage in passages]
        self._codes = sorted({code for code in codes if code is not None})
        numbers = {code: number for number, code in enumerate(self._codes)}
        self._region_numbers = np.array(
            [-1 if code is None else numbers[code] for code in codes], dtype=np.int32
        )
        self._local = self._region_numbers != numbers.get(regions.NATION, -2)
        self._applying: dict[str | None, Flags] = {}

    @classmethod
    def build(
        cls,
        documents: Iterable[ParsedDocument],
        cards: Iterable[Card] = (),
    ) -> PolicyIndex:
        """Analyse all passages. About half a millisecond a clause."""
        thesaurus = default_thesaurus()
        cards = list(cards)
        passages = list(all_passages(documents, cards))
        topics = default_topics()
        builder = _Builder(thesaurus, topics)
        for passage in passages:
            builder.add(passage)
        examples = [Example(plain(text), card.id) for card in cards for text in card.questions]
        card_model = TopicModel(examples) if examples else None
        return cls(passages, builder.postings(), thesaurus, topics, card_model)

    def __len__(self) -> int:
        return len(self.passages)

    def applying(self, region: str | None) -> tuple[Flags, Flags]:
        """Which passages count in a region, and which of these are not for the whole nation.

        For an unknown region (`None`) all whose place is known.
        """
        known = self._applying.get(region)
        if known is None:
            if region is None:
                known = self._region_numbers >= 0
            else:
                covering = [
                    number
                    for number, code in enumerate(self._codes)
                    if regions.covers(code, region)
                ]
                known = np.isin(self._region_numbers, covering)
            # There are a few thousand regions at most; a lost race computes the same again.
            self._applying[region] = known
        return known, self._local


class _Builder:
    def __init__(self, thesaurus: Thesaurus, topics: TopicModel) -> None:
        self._thesaurus = thesaurus
        self._topics = topics
        self._ids: dict[str, array[int]] = defaultdict(lambda: array("i"))
        self._counts: dict[str, array[float]] = defaultdict(lambda: array("f"))
        self._masks: dict[str, array[int]] = defaultdict(lambda: array("Q"))
        self._lengths: list[int] = []
        self._title_terms: dict[str, frozenset[str]] = {}
        self._named: tuple[ParsedDocument | None, frozenset[str]] = (None, frozenset())

    def add(self, passage: Passage) -> None:
        counts: dict[str, float] = defaultdict(float)
        masks: dict[str, int] = defaultdict(int)
        for number, span in enumerate(passage.sentences):
            bit = 1 << min(number, MASKED_SENTENCES - 1)
            sentence = plain(passage.text[span.start : span.end])
            for term in self._terms(sentence, passage.card is not None):
                counts[term] += 1.0
                masks[term] |= bit
            if passage.document is not None:
                named = self._named_in(passage.document)
                for term, count in _resembling(self._thesaurus, self._topics, sentence):
                    if term not in named:
                        counts[term] += count
                        masks[term] |= bit
        for number, heading in enumerate(passage.headings):
            own = number == 0 and passage.has_own_heading
            for term in self._terms(plain(heading), False):
                counts[term] += HEADING_TIMES if own else CONTEXT_TIMES
                masks[term] |= 1 << (HEADING_BIT if own else CONTEXT_BIT)
        for number, question in enumerate(passage.expected):
            bit = 1 << (EXPECTED_BIT + min(number, MASKED_EXPECTED - 1))
            for term in self._terms(plain(question), True):
                counts[term] += EXPECTED_TIMES
                masks[term] |= bit
        if passage.card is not None:
            for topic in passage.card.topics:
                counts[f"c:{topic}"] += HEADING_TIMES
                masks[f"c:{topic}"] |= 1 << HEADING_BIT
        for term in self._of_title(passage.title):
            counts[term] += TITLE_TIMES
            if term.startswith("c:"):
                # What a document is about all its clauses are about; other words prove nothing.
                masks[term] |= 1 << CONTEXT_BIT
        identity = len(self._lengths)
        self._lengths.append(len(passage.text))
        for term, count in counts.items():
            self._ids[term].append(identity)
            self._counts[term].append(count)
            self._masks[term].append(masks[term])

    def _named_in(self, document: ParsedDocument) -> frozenset[str]:
        """The concepts that a document names: what only resembles one of these is something else."""
        if self._named[0] is not document:
            terms = {
                term
                for line in document.text.split("\n")
                for term in self._terms(plain(line), False)
                if term.startswith("c:")
            }
            self._named = (document, frozenset(terms))
        return self._named[1]

    def _of_title(self, title: str) -> frozenset[str]:
        if title not in self._title_terms:
            self._title_terms[title] = frozenset(self._terms(plain(title), False))
        return self._title_terms[title]

    def _terms(self, text: str, everyday: bool) -> tuple[str, ...]:
        return _terms_of(self._thesaurus, text, everyday)

    def postings(self) -> dict[str, Posting]:
        if not self._lengths:
            return {}
        lengths = np.array(self._lengths, dtype=np.float32)
        norm = K1 * (1 - B + B * lengths / max(1.0, float(lengths.mean())))
        total = len(lengths)
        found: dict[str, Posting] = {}
        for term, ids_list in self._ids.items():
            ids = np.frombuffer(ids_list, dtype=np.int32).copy()
            counts = np.frombuffer(self._counts[term], dtype=np.float32)
            idf = _idf(term, total, len(ids))
            weights = idf * counts * (K1 + 1) / (counts + norm[ids])
            masks = np.frombuffer(self._masks[term], dtype=np.uint64).copy()
            found[term] = Posting(ids, weights.astype(np.float32), masks)
        return found


@lru_cache(maxsize=150_000)
def _terms_of(thesaurus: Thesaurus, text: str, everyday: bool) -> tuple[str, ...]:
    """The terms of a sentence. Kept, because a new index differs from the last by few sentences."""
    hits = thesaurus.in_question(text) if everyday else thesaurus.in_document(text)
    names = {hit.concept for hit in hits if not thesaurus.concepts[hit.concept].setting}
    words = [f"w:{word.text}" for word in words_in(text)]
    pairs = [f"p:{pair}" for pair in pairs_in(text)]
    return tuple(map(intern, (*words, *pairs, *(f"c:{name}" for name in sorted(names)))))


@lru_cache(maxsize=150_000)
def _resembling(
    thesaurus: Thesaurus, topics: TopicModel, sentence: str
) -> tuple[tuple[str, float], ...]:
    """Concepts that an official sentence does not name but speaks of in other words."""
    named = {hit.concept for hit in thesaurus.in_document(sentence)}
    found: dict[str, float] = {}
    for hit in thesaurus.in_question(sentence):
        if hit.concept not in named and not thesaurus.concepts[hit.concept].setting:
            found[hit.concept] = PLAIN_TIMES
    for name, share in topics.predict(sentence).items():
        if share >= LEAST_GUESS and name != OUTSIDE and name not in named:
            found[name] = found.get(name, 0.0) + GUESS_TIMES * share
    return tuple((f"c:{name}", count) for name, count in found.items())


def _idf(term: str, total: int, holding: int) -> float:
    """How telling a term is. In a small collection its share there says little: mix in the language."""
    here = math.log(1 + (total - holding + 0.5) / (holding + 0.5)) / math.log(1 + total)
    if term.startswith("w:"):
        return 0.5 * here + 0.5 * rarity(term[2:])
    return here
