"""A family's message → the questions in it, each with what it asks about and for which place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from bot.policy import regions
from bot.policy.asks import Ask, ask_of
from bot.policy.thesaurus import Hit, Thesaurus
from bot.policy.topics import OUTSIDE, TopicModel, default_scope, foreign_words, usual_words
from bot.policy.words import pairs_in, plain, rarity, words_in

# What a concept weighs that a word names, and one that the wording resembles; in units of the best
# word. Fitted on the development questions.
NAMED_WEIGHT = 1.0
GUESSED_WEIGHT = 2.0
GUESS_TIMES = 1.3
LEAST_GUESS = 0.04
MOST_GUESSES = 4
WIDER_SHARE = 0.35
GENERIC_TIMES = 0.3
WORD_WEIGHT = 0.6

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
_ALSO = re.compile(
    r"(?:另外|(?:^|(?<=[，,、\s]))还有(?![几多好没哪])|再问(?:一下|下|个)?|还想问(?:一下|下)?|顺便问(?:一下|下)?|第[一二三]个?问题|[①-⑨])[,，:：\s]*"
)
_ASKING = re.compile(
    r"[?？]|吗|呢|么$|不$|没$|怎|咋|啥|什么|哪|谁|几|多少|多久|如何|是否|能不能|可不可|要不要|有没有|是不是|会不会|行不行|"
    r"申请|想问|请问|介绍|告诉"
)
_OPENING = re.compile(
    r"^(?:您好|你好|在吗|请问|请教|想问(?:一下|下)?|我想(?:问|咨询|了解)(?:一下|下)?|咨询(?:一下|下)?|麻烦问(?:一下|下)?|"
    r"语音转文字|那个|就是|那|嗯|哎|诶|喂|老师|[,，。:：、！!\s])+"
)


class Kind(Enum):
    """How a unit came out of a question."""

    WORD = "word"
    NAMED = "named"
    GUESSED = "guessed"
    WIDER = "wider"


@dataclass(frozen=True, slots=True)
class Unit:
    """Something asked about. `key` is a term of the index; `optional` ones help and are not owed.

    A concept is NAMED by a word of the thesaurus, GUESSED from the wording, or WIDER than one that
    is. One that is not `specific` is so common here that it proves nothing by itself. A word is
    `strange` that nobody used who is known to have asked about these matters.
    """

    key: str
    weight: float
    kind: Kind
    specific: bool = True
    optional: bool = False
    strange: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `outside` is how likely it is none about rules at all, from 0 to 1; `foreign`
    counts words that belong to other matters.

    `card_guesses` are the cards whose expected questions are worded like it, with probabilities.
    """

    text: str
    plain: str
    units: tuple[Unit, ...]
    pairs: tuple[str, ...]
    ask: Ask | None
    places: regions.Mentioned
    settings: frozenset[str]
    outside: float
    out_of_scope: float
    foreign: int
    card_guesses: Mapping[str, float]

    @property
    def concepts(self) -> frozenset[str]:
        """The keys of all concepts that are asked about."""
        return frozenset(unit.key for unit in self.units if unit.kind is not Kind.WORD)


class Reader:
    """Analyses questions, with the thesaurus and the models that an index was built with."""

    def __init__(self, thesaurus: Thesaurus, topics: TopicModel, cards: TopicModel | None) -> None:
        self._thesaurus = thesaurus
        self._topics = topics
        self._cards = cards
        self._scope = default_scope()
        self._usual_words = usual_words()

    def read(self, text: str, *, near: str | None = None) -> Question:
        """One question. `near` is the writer's region, for place names that several share."""
        asked = _OPENING.sub("", text).strip() or text.strip()
        flat = plain(asked)
        words = list(words_in(flat))
        places = regions.mentioned_in(flat, near=near, words=words)
        hits = [hit for hit in self._thesaurus.in_question(flat) if not _inside(hit, places.spans)]
        guesses = self._topics.predict(flat)
        units = {unit.key: unit for unit in self._concepts(hits, guesses)}
        taken = [(hit.start, hit.end) for hit in hits]
        for word in words:
            if len(word.text) < 2:
                continue
            in_place = _overlaps(word.start, word.end, places.spans)
            unit = Unit(
                key=f"w:{word.text}",
                weight=WORD_WEIGHT * (0.2 + rarity(word.text)),
                kind=Kind.WORD,
                specific=not in_place,
                optional=in_place or _overlaps(word.start, word.end, taken),
                strange=not in_place and word.text not in self._usual_words,
            )
            units.setdefault(unit.key, unit)
        return Question(
            text=asked,
            plain=flat,
            units=tuple(units.values()),
            pairs=tuple(dict.fromkeys(pairs_in(flat))),
            ask=ask_of(flat),
            places=places,
            settings=self._thesaurus.settings_in(flat, everyday=True),
            outside=guesses.get(OUTSIDE, 0.0),
            out_of_scope=self._scope.predict(flat).get(OUTSIDE, 0.0),
            foreign=foreign_words(flat),
            card_guesses=self._cards.predict(flat) if self._cards else {},
        )

    def _concepts(self, hits: list[Hit], guesses: Mapping[str, float]) -> Iterator[Unit]:
        named = {hit.concept for hit in hits if not self._thesaurus.concepts[hit.concept].setting}
        found: dict[str, float] = dict.fromkeys(named, NAMED_WEIGHT)
        likely = sorted(guesses.items(), key=lambda item: -item[1])[:MOST_GUESSES]
        for name, share in likely:
            if name != OUTSIDE and share >= LEAST_GUESS:
                weight = GUESSED_WEIGHT * min(1.0, GUESS_TIMES * share)
                found[name] = found.get(name, 0.0) + weight
        asked = set(found)
        for name in asked:
            for wider in self._thesaurus.concepts[name].part_of:
                found[wider] = max(found.get(wider, 0.0), WIDER_SHARE * found[name])
        for name, weight in found.items():
            kind = Kind.NAMED if name in named else Kind.GUESSED if name in asked else Kind.WIDER
            generic = self._thesaurus.concepts[name].generic
            times = GENERIC_TIMES if generic else 1.0
            yield Unit(f"c:{name}", weight * times, kind, specific=not generic)


def split(message: str) -> list[str]:
    """The questions of a message. A sentence that asks nothing goes with the question after it."""
    pieces: list[str] = []
    for sentence in _SENTENCE.findall(message):
        pieces += [piece.strip() for piece in _ALSO.split(sentence) if piece.strip()]
    questions: list[str] = []
    waiting = ""
    for piece in pieces:
        waiting = f"{waiting}{piece}" if waiting else piece
        if _ASKING.search(plain(piece)) and len(plain(piece)) > 3:
            questions.append(waiting)
            waiting = ""
    if waiting:
        if questions:
            questions[-1] += waiting
        else:
            questions.append(waiting)
    return questions


def _inside(hit: Hit, spans: tuple[tuple[int, int], ...]) -> bool:
    return any(start <= hit.start and hit.end <= end for start, end in spans)


def _overlaps(
    start: int, end: int, spans: list[tuple[int, int]] | tuple[tuple[int, int], ...]
) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in spans)
