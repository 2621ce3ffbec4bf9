"""The inverted index: which passages hold which terms, how telling each is, in which sentences.

Built whole and never changed after; a newer one takes its place by one assignment (`Shelf`).
Terms are `w:` words, `p:` pairs of characters, `c:` concepts of the thesaurus.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.policy import regions
from bot.policy.cards import Card
from bot.policy.documents.model import ParsedDocument
from bot.policy.passages import Passage, all_passages
from bot.policy.question import Reader
from bot.policy.thesaurus import Hit, Thesaurus, default_thesaurus
from bot.policy.topics import Example, TopicModel, default_topics
from bot.policy.words import pairs_in, plain, rarity, words_in

Ids = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float32]
Masks = npt.NDArray[np.uint64]

# BM25, with less weight on length than usual: a clause is long because it rules several things.
K1 = 1.2
B = 0.4
HEADING_TIMES = 2.0
CONTEXT_TIMES = 0.6
TITLE_TIMES = 0.4
EXPECTED_TIMES = 0.7

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
        self._nation = numbers.get(regions.NATION, -2)
        self._region_numbers = np.array(
            [-1 if code is None else numbers[code] for code in codes], dtype=np.int32
        )

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
        builder = _Builder(thesaurus)
        for passage in passages:
            builder.add(passage)
        examples = [Example(plain(text), card.id) for card in cards for text in card.questions]
        card_model = TopicModel(examples) if examples else None
        return cls(passages, builder.postings(), thesaurus, default_topics(), card_model)

    def __len__(self) -> int:
        return len(self.passages)

    def applying(self, region: str | None) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Which passages count in a region, and which of these are not for the whole nation.

        For an unknown region (`None`) all whose place is known.
        """
        local = self._region_numbers != self._nation
        if region is None:
            return self._region_numbers >= 0, local
        covering = [
            number for number, code in enumerate(self._codes) if regions.covers(code, region)
        ]
        return np.isin(self._region_numbers, covering), local


class Shelf:
    """Holds the index in use. Searches under way keep the one they began with."""

    def __init__(self, index: PolicyIndex) -> None:
        self._index = index

    @property
    def index(self) -> PolicyIndex:
        return self._index

    def replace(self, index: PolicyIndex) -> None:
        self._index = index


class _Builder:
    def __init__(self, thesaurus: Thesaurus) -> None:
        self._thesaurus = thesaurus
        self._ids: dict[str, array[int]] = defaultdict(lambda: array("i"))
        self._counts: dict[str, array[float]] = defaultdict(lambda: array("f"))
        self._masks: dict[str, array[int]] = defaultdict(lambda: array("Q"))
        self._lengths: list[int] = []
        self._title_terms: dict[str, frozenset[str]] = {}

    def add(self, passage: Passage) -> None:
        counts: dict[str, float] = defaultdict(float)
        masks: dict[str, int] = defaultdict(int)
        for number, span in enumerate(passage.sentences):
            bit = 1 << min(number, MASKED_SENTENCES - 1)
            sentence = plain(passage.text[span.start : span.end])
            for term in self._terms(sentence, passage.card is not None):
                counts[term] += 1.0
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
            # A title helps to rank but is no evidence: no bit.
            counts[term] += TITLE_TIMES
        identity = len(self._lengths)
        self._lengths.append(len(passage.text))
        for term, count in counts.items():
            self._ids[term].append(identity)
            self._counts[term].append(count)
            self._masks[term].append(masks[term])

    def _of_title(self, title: str) -> frozenset[str]:
        if title not in self._title_terms:
            self._title_terms[title] = frozenset(self._terms(plain(title), False))
        return self._title_terms[title]

    def _terms(self, text: str, everyday: bool) -> Iterable[str]:
        for word in words_in(text):
            yield f"w:{word.text}"
        for pair in pairs_in(text):
            yield f"p:{pair}"
        hits: list[Hit] = (
            self._thesaurus.in_question(text) if everyday else self._thesaurus.in_document(text)
        )
        for name in {hit.concept for hit in hits}:
            if not self._thesaurus.concepts[name].setting:
                yield f"c:{name}"

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


def _idf(term: str, total: int, holding: int) -> float:
    """How telling a term is. In a small collection its share there says little: mix in the language."""
    here = math.log(1 + (total - holding + 0.5) / (holding + 0.5)) / math.log(1 + total)
    if term.startswith("w:"):
        return 0.5 * here + 0.5 * rarity(term[2:])
    return here
