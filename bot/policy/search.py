"""Question → the passages that answer it, best first, each with the sentences that do.

First all passages by BM25 over words, character pairs and concepts, one array operation a term.
Then the best few are measured closely: by heading, by sentence, by the kind of answer wanted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.policy import regions
from bot.policy.index import (
    CONTEXT_BIT,
    EXPECTED_BIT,
    HEADING_BIT,
    MASKED_EXPECTED,
    MASKED_SENTENCES,
    PolicyIndex,
)
from bot.policy.passages import Passage
from bot.policy.question import Kind, Question, Unit
from bot.policy.ranking import Evidence, Measures, rank, sure

PAIR_TIMES = 0.15
LOOKED_AT = 24
QUOTED = 10
LIKE_ENOUGH = 0.45
QUOTE_LENGTH = 300
# Where a question happens that names no other place.
USUAL_SETTING = frozenset({"community_rehabilitation"})
QUOTE_SENTENCES = 4
# From this weight on a concept is named by a word and by the wording of the question as well.
SURE_SUBJECT = 2.6

_SENTENCES = (1 << MASKED_SENTENCES) - 1
_HEADING = 1 << HEADING_BIT
_HEADINGS = _HEADING | 1 << CONTEXT_BIT
_ANYWHERE = (1 << 64) - 1

Scores = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with its score in this question and how sure it is to answer (0 to 1).

    `holds_answer`: it names what the question is surely about, and a sentence of it holds the kind
    of answer that is wanted (a sum, a day …).
    [start, end) of the passage's text is the quote.
    """

    passage: Passage
    score: float
    sureness: float
    holds_answer: bool
    likeness: float
    start: int
    end: int

    @property
    def quote(self) -> str:
        return self.passage.text[self.start : self.end].strip()


def search(
    index: PolicyIndex, question: Question, region: str | None, *, limit: int = 5
) -> list[Found]:
    """The passages that count in `region` (`None`: unknown) for a question, best first."""
    looks = looks_at(index, question, region)
    looks.sort(key=lambda look: -rank(look.measures))
    closest = looks[:QUOTED]
    for look in closest:
        look.quote()
    return sorted((look.found() for look in closest), key=lambda item: -item.score)[:limit]


def looks_at(index: PolicyIndex, question: Question, region: str | None) -> list[Look]:
    """The candidates of a question, measured against each other, quotes not yet chosen."""
    candidates = _candidates(index, question, region)
    looks = [Look(index, question, region, candidate) for candidate in candidates]
    looks = [look for look in looks if not look.is_misplaced()]
    _compare(looks)
    return looks


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A passage with the BM25 it has by each kind of unit, and where it holds each unit."""

    number: int
    by_kind: dict[Kind, float]
    pairs: float
    masks: tuple[int, ...]


def _candidates(index: PolicyIndex, question: Question, region: str | None) -> list[_Candidate]:
    totals = np.zeros(len(index), dtype=np.float32)
    for unit in question.units:
        posting = index.postings.get(unit.key)
        if posting is not None:
            totals[posting.ids] += unit.weight * posting.weights
    for pair in question.pairs:
        posting = index.postings.get(f"p:{pair}")
        if posting is not None:
            totals[posting.ids] += PAIR_TIMES * posting.weights
    applying, local = index.applying(region)
    totals[~applying] = 0.0
    # Rules of the place get their own share of the places, or many cards would crowd them out.
    chosen = np.union1d(_best(np.where(local, totals, 0.0)), _best(np.where(local, 0.0, totals)))
    return _with_parts(index, question, chosen)


def _best(totals: Scores) -> Ids:
    count = LOOKED_AT // 2
    held = np.flatnonzero(totals)
    if len(held) > count:
        held = held[np.argpartition(totals[held], -count)[-count:]]
    return np.asarray(held, dtype=np.int64)


def _with_parts(index: PolicyIndex, question: Question, chosen: Ids) -> list[_Candidate]:
    by_kind = {kind: np.zeros(len(chosen), dtype=np.float32) for kind in Kind}
    masks: list[list[int]] = []
    for unit in question.units:
        held, weights, where = _at(index, unit.key, chosen)
        by_kind[unit.kind] += unit.weight * weights * held
        masks.append([int(mask) if here else 0 for mask, here in zip(where, held, strict=True)])
    pairs = np.zeros(len(chosen), dtype=np.float32)
    for pair in question.pairs:
        held, weights, _ = _at(index, f"p:{pair}", chosen)
        pairs += weights * held
    return [
        _Candidate(
            number=int(number),
            by_kind={kind: float(values[row]) for kind, values in by_kind.items()},
            pairs=float(pairs[row]),
            masks=tuple(mask[row] for mask in masks),
        )
        for row, number in enumerate(chosen)
    ]


def _at(
    index: PolicyIndex, term: str, chosen: Ids
) -> tuple[npt.NDArray[np.bool_], Scores, npt.NDArray[np.uint64]]:
    posting = index.postings.get(term)
    if posting is None:
        count = len(chosen)
        return np.zeros(count, bool), np.zeros(count, np.float32), np.zeros(count, np.uint64)
    places = np.minimum(np.searchsorted(posting.ids, chosen), len(posting.ids) - 1)
    return posting.ids[places] == chosen, posting.weights[places], posting.masks[places]


def _compare(looks: list[Look]) -> None:
    """Fill in what is measured against the best of the candidates."""

    def share(values: list[float]) -> list[float]:
        most = max(values, default=0.0)
        return [value / most if most > 0 else 0.0 for value in values]

    columns = [share([look.candidate.by_kind[kind] for look in looks]) for kind in Kind]
    pairs = share([look.candidate.pairs for look in looks])
    for look, word, named, guessed, wider, pair in zip(looks, *columns, pairs, strict=True):
        look.measures = replace(
            look.measures,
            words_best=word,
            named_best=named,
            guessed_best=guessed,
            wider_best=wider,
            pairs_best=pair,
        )


class Look:
    """One candidate under examination."""

    def __init__(
        self, index: PolicyIndex, question: Question, region: str | None, candidate: _Candidate
    ) -> None:
        self.question = question
        self.candidate = candidate
        self.passage = index.passages[candidate.number]
        self._index = index
        self._pairs = list(zip(question.units, candidate.masks, strict=True))
        self._asked_for = 0
        self.likeness = 0.0
        self.card_guess = 0.0
        if self.passage.card is not None:
            number, self.likeness = _likest(self.passage, question)
            # Of a card all sentences count, and the one expected question that comes closest.
            self._asked_for = _SENTENCES | 1 << (EXPECTED_BIT + min(number, MASKED_EXPECTED - 1))
            self.card_guess = question.card_guesses.get(self.passage.card.id, 0.0)
        self.start, self.end, self.holds_answer = 0, len(self.passage.text), True
        self._seen = _ANYWHERE
        ruled = index.settings[candidate.number]
        asked = question.settings - USUAL_SETTING or USUAL_SETTING
        local = self.passage.region != regions.NATION
        self.measures = Measures(
            words_best=0.0,
            pairs_best=0.0,
            named_best=0.0,
            guessed_best=0.0,
            wider_best=0.0,
            in_heading=self._share(_HEADING, *_CONCEPTS),
            in_context=self._share(1 << CONTEXT_BIT, *_CONCEPTS),
            in_whole=self._share(_ANYWHERE),
            in_quote=0.0,
            named_in_quote=0.0,
            guessed_in_quote=0.0,
            log_length=math.log(len(self.passage.text)) / 5,
            preamble=float(self.passage.is_preamble),
            same_setting=float(bool(question.settings and asked & ruled)),
            other_setting=float(bool(ruled) and not asked & ruled),
            nearness=_nearness(self.passage.region) if local and region is not None else 0.0,
            elsewhere=float(local and region is None),
            is_card=float(self.passage.card is not None),
            likeness=self.likeness,
            card_guess=self.card_guess,
            off_topic=float(self._is_off_topic()),
            answers_ask=0.0,
        )

    def quote(self) -> None:
        """Choose the sentences to quote and measure them."""
        window, holds = _window(self.passage, self.question, self.candidate.masks)
        self.holds_answer = holds and not self._lacks_subject()
        spans = self.passage.sentences
        self.start, self.end = spans[window[0]].start, spans[window[-1]].end
        self._seen = _window_mask(window) | _HEADINGS | self._asked_for
        self.measures = replace(
            self.measures,
            in_quote=self._share(self._seen),
            named_in_quote=self._share(self._seen, Kind.NAMED),
            guessed_in_quote=self._share(self._seen, Kind.GUESSED),
            answers_ask=float(self.question.ask is not None and self.holds_answer),
        )

    def found(self) -> Found:
        return Found(
            passage=self.passage,
            score=rank(self.measures),
            sureness=sure(self.evidence()),
            holds_answer=self.holds_answer,
            likeness=self.likeness,
            start=self.start,
            end=self.end,
        )

    def evidence(self) -> Evidence:
        concepts = [(u, m) for u, m in self._pairs if u.kind in _ASKED and u.specific]
        covered = sum(unit.weight for unit, mask in concepts if mask & self._seen)
        main = max(concepts, key=lambda pair: pair[0].weight, default=None)
        met = [u for u, mask in self._pairs if not u.optional and mask & self._seen]
        unmet = [u for u, mask in self._pairs if not u.optional and not mask & self._seen]
        return Evidence(
            covered=min(3.0, covered),
            main=float(main is not None and bool(main[1] & self._seen)),
            words_share=self._share(self._seen, Kind.WORD),
            words=min(2.0, sum(unit.weight for unit in met if unit.kind is Kind.WORD)),
            answers_ask=self.measures.answers_ask,
            strange=min(3.0, sum(unit.weight for unit in unmet if unit.strange)),
            missing=min(3.0, sum(u.weight for u in unmet if u.kind is Kind.NAMED and u.specific)),
            named=min(3.0, sum(u.kind is Kind.NAMED and u.specific for u, _ in self._pairs)),
            outside=self.question.outside,
            out_of_scope=self.question.out_of_scope,
            foreign=min(2, self.question.foreign),
            card_guess=self.card_guess,
        )

    def _lacks_subject(self) -> bool:
        """Whether the passage nowhere names what the question is surely about."""
        subject = max(self._pairs, key=lambda pair: pair[0].weight, default=None)
        return (
            subject is not None
            and subject[0].kind is Kind.NAMED
            and subject[0].weight >= SURE_SUBJECT
            and not subject[1]
        )

    def is_misplaced(self) -> bool:
        """Whether a card only shares words with a question about something else."""
        return bool(self.measures.off_topic) and self.likeness < LIKE_ENOUGH

    def _is_off_topic(self) -> bool:
        """Whether a card has another subject than any that is asked about."""
        card = self.passage.card
        return card is not None and f"c:{card.topics[0]}" not in self.question.concepts

    def _share(self, seen: int, *kinds: Kind) -> float:
        """Of what is asked by units of some kinds (default: all), the share held in `seen`."""
        owed = covered = 0.0
        for unit, mask in self._pairs:
            if unit.optional or (kinds and unit.kind not in kinds):
                continue
            owed += unit.weight
            if mask & seen:
                covered += unit.weight
        return covered / owed if owed else 0.0


def _nearness(region: str | None) -> float:
    """More for a county than for its city, and for the city than for its province."""
    return 0.5 + 0.25 * regions.depth(region or "")


_ASKED = (Kind.NAMED, Kind.GUESSED)
_CONCEPTS = (*_ASKED, Kind.WIDER)


def _window_mask(window: range) -> int:
    mask = 0
    for number in window:
        mask |= 1 << min(number, MASKED_SENTENCES - 1)
    return mask


def _window(passage: Passage, question: Question, masks: tuple[int, ...]) -> tuple[range, bool]:
    """The shortest run of sentences (≤ 300 characters) that covers most of what is asked."""
    spans = passage.sentences
    ask = question.ask
    gains = [_gain(question.units, masks, number) for number in range(len(spans))]
    holds = [
        ask is None
        or (
            ask.is_answered_by(passage.text[span.start : span.end])
            and (not ask.counts or bool(gains[number]) or _is_headed(question.units, masks))
        )
        for number, span in enumerate(spans)
    ]
    best: tuple[float, range] = (-math.inf, range(1))
    for first, span in enumerate(spans):
        mine: dict[int, float] = {}
        for last in range(first, min(first + QUOTE_SENTENCES, len(spans))):
            length = spans[last].end - span.start
            if last > first and length > QUOTE_LENGTH:
                break
            mine |= gains[last]
            value = sum(mine.values()) - 0.3 * (last - first) - 0.001 * length
            if ask is not None and any(holds[first : last + 1]):
                value += 1.5
            if span.lead:
                value -= 0.3
            if value > best[0]:
                best = (value, range(first, last + 1))
    window = best[1]
    return window, any(holds[number] for number in window)


def _is_headed(units: tuple[Unit, ...], masks: tuple[int, ...]) -> bool:
    """Whether a heading says what the figures beneath it are about."""
    return any(mask & _HEADINGS and unit.specific for unit, mask in zip(units, masks, strict=True))


def _gain(units: tuple[Unit, ...], masks: tuple[int, ...], sentence: int) -> dict[int, float]:
    """What one sentence covers: place of the unit → what it is worth."""
    bit = 1 << min(sentence, MASKED_SENTENCES - 1)
    return {
        place: unit.weight * (0.3 if unit.optional else 1.0)
        for place, (unit, mask) in enumerate(zip(units, masks, strict=True))
        if mask & bit
    }


def _likest(passage: Passage, question: Question) -> tuple[int, float]:
    """Which expected question of a card is most like this one, by shared character pairs."""
    pairs = set(question.pairs)
    best = (0, 0.0)
    for number, other in enumerate(passage.expected_pairs):
        if pairs and other:
            alike = 2 * len(pairs & other) / (len(pairs) + len(other))
            if alike > best[1]:
                best = (number, alike)
    return best
