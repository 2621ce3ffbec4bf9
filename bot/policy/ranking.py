"""How passages are compared: what is measured of each, and what each measure weighs.

Two linear models with few, named measures. `rank` orders the passages of one question, `sure` says
whether the best of them answers at all. The weights were fitted on questions written for the
purpose (docs/policy-search.md says how to do it again); none is set by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter, mul


@dataclass(frozen=True, slots=True)
class Measures:
    """What speaks for a passage. Shares are from 0 to 1; `*_best` relative to the best candidate.

    Of the question's words, pairs of characters, concepts that a word names, concepts that the
    wording resembles, and concepts these are part of: how much the passage holds (BM25). Of all
    that was asked: how much its own heading, the headings above, the whole passage and the quoted
    sentences cover. `nearness`: a rule of the person's own place; `elsewhere`: of some place, where
    nobody knows which one is meant.
    """

    words_best: float
    pairs_best: float
    named_best: float
    guessed_best: float
    wider_best: float
    in_heading: float
    in_context: float
    in_whole: float
    in_quote: float
    named_in_quote: float
    guessed_in_quote: float
    log_length: float
    preamble: float
    same_setting: float
    other_setting: float
    nearness: float
    elsewhere: float
    is_card: float
    likeness: float
    card_guess: float
    off_topic: float
    answers_ask: float


RANK_WEIGHTS = Measures(
    words_best=0.63,
    pairs_best=1.25,
    named_best=0.91,
    guessed_best=1.11,
    wider_best=0.46,
    in_heading=0.82,
    in_context=0.15,
    in_whole=1.89,
    in_quote=1.84,
    named_in_quote=0.57,
    guessed_in_quote=1.1,
    log_length=0.24,
    preamble=-0.39,
    same_setting=0.86,
    other_setting=-0.82,
    nearness=2.29,
    elsewhere=-0.61,
    is_card=-1.98,
    likeness=-0.15,
    card_guess=0.54,
    off_topic=-0.04,
    answers_ask=0.65,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for answering at all with the best passage.

    `covered`: weight of the asked concepts that its quote or headings hold (up to 3); `main`: 1 if
    the weightiest is among them; `words_share`, `words`: of the other words, as share and as weight
    (up to 2); `answers_ask`: it states the figure asked for; `strange`: weight of words that are
    unusual here and not in the passage (up to 3); `missing`: of the named concepts that it does not
    hold (up to 3); `named`: how many there are; `outside`, `out_of_scope`: how likely the question
    is none about rules, as the model of topics and that of all talk see it; `foreign`: words of
    other matters (up to 2); `card_guess`: of a card's expected questions.
    """

    covered: float
    main: float
    words_share: float
    words: float
    answers_ask: float
    strange: float
    missing: float
    named: float
    outside: float
    out_of_scope: float
    foreign: float
    card_guess: float
    constant: float = 1.0


SURE_WEIGHTS = Evidence(
    covered=1.36,
    main=0.09,
    words_share=0.08,
    words=0.15,
    answers_ask=-0.51,
    strange=-0.15,
    missing=-0.57,
    named=0.17,
    outside=-0.72,
    out_of_scope=-0.92,
    foreign=-0.8,
    card_guess=0.07,
    constant=-0.49,
)


def names(kind: type[Measures] | type[Evidence]) -> tuple[str, ...]:
    """The measures of a model, in the order of its vectors."""
    return tuple(field.name for field in fields(kind))


_measures: Callable[[Measures], tuple[float, ...]] = attrgetter(*names(Measures))
_evidence: Callable[[Evidence], tuple[float, ...]] = attrgetter(*names(Evidence))
_RANK = _measures(RANK_WEIGHTS)
_SURE = _evidence(SURE_WEIGHTS)


def rank(measures: Measures) -> float:
    """A score to order the passages of one question by; scores of two questions do not compare."""
    return math.fsum(map(mul, _RANK, _measures(measures)))


def sure(evidence: Evidence) -> float:
    """How likely the passage answers, from 0 to 1."""
    return 1 / (1 + math.exp(-math.fsum(map(mul, _SURE, _evidence(evidence)))))
