"""What a question is about, learnt from examples: a linear model over characters.

The thesaurus finds words that somebody wrote down; this finds what is worded like them. It is
trained when it is first needed, in about a second, from data that people can read and amend:
`nlu_data/policy/questions/*.txt` and the words of the thesaurus. No file of weights is kept.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.policy.cards import Card, default_cards
from bot.policy.thesaurus import Phrases, Thesaurus, default_thesaurus
from bot.policy.words import NLU_DATA, plain, words_in

FOLDER = NLU_DATA / "policy" / "questions"
DIALOGUE = NLU_DATA / "nlu"
SYNONYMS = NLU_DATA / "policy" / "thesaurus" / "_synonyms.toml"
OUTSIDE = "_outside"
OURS = "_ours"
FOREIGN = "外-"

# What people write to the bot that no document answers, whatever words it shares with them.
_NOT_POLICY = frozenset(
    [
        "off_topic",
        "illness_question",
        "bot_identity",
        "side_effect",
        "medication_question",
        "missed_dose",
        "noise",
        "greet",
        "thanks",
        "check_status",
        "checkin_taken",
        "reminder_set",
        "reminder_query",
    ]
)
_INTENT = re.compile(r"- intent: (\w+)")
_EXAMPLE = re.compile(r" +- (.+)")
_TAGGED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")

# A word is weaker evidence of how people ask than a whole question; found by cross-validation.
_OFFICIAL_WEIGHT = 0.6
_EVERYDAY_WEIGHT = 1.0
_CHOICE_WEIGHT = 0.2
_EPOCHS = 5
_RATE = 0.3
_SHARPNESS = 8.0
_SEED = 20260701

# Whom a question is about says nothing about its topic.
_KIN = re.compile(
    r"[我他她]?(儿子|女儿|孩子|弟弟|妹妹|哥哥|姐姐|爸爸|妈妈|母亲|父亲|老公|老婆|丈夫|妻子|爱人)"
)
_SIGNS = re.compile(r"[^\u4e00-\u9fffa-z0-9]")


@dataclass(frozen=True, slots=True)
class Example:
    """A way to ask about `topic`; `weight` 1 is a whole question."""

    text: str
    topic: str
    weight: float = 1.0


class TopicModel:
    """Softmax regression over characters and pairs of characters. Deterministic, read-only."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.topics: tuple[str, ...] = tuple(sorted({example.topic for example in examples}))
        counted = [_grams(example.text) for example in examples]
        spread = Counter(gram for grams in counted for gram in grams)
        self._columns = {gram: column for column, gram in enumerate(spread)}
        total = len(examples)
        self._idf = np.log((1 + total) / (1 + np.array([*spread.values()], dtype=np.float32)))
        numbers = {topic: number for number, topic in enumerate(self.topics)}
        rows = [self._row(grams) for grams in counted]
        self._weights = _fit(
            rows,
            [numbers[example.topic] for example in examples],
            [example.weight for example in examples],
            (len(self._columns), len(self.topics)),
        )

    def predict(self, text: str) -> Mapping[str, float]:
        """The probability of each topic for a `plain` question; {} for one of unknown signs."""
        columns, values = self._row(_grams(text))
        if not len(columns):
            return {}
        shares = _softmax(values @ self._weights[columns] * _SHARPNESS)
        return dict(zip(self.topics, shares.tolist(), strict=True))

    def _row(self, grams: Counter[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        known = {
            self._columns[gram]: count for gram, count in grams.items() if gram in self._columns
        }
        columns = np.fromiter(known, dtype=np.int64, count=len(known))
        counts = np.fromiter(known.values(), dtype=np.float32, count=len(known))
        values = (1 + np.log(counts)) * self._idf[columns]
        norm = float(np.linalg.norm(values))
        return columns, (values / norm if norm else values).astype(np.float32)


def _grams(text: str) -> Counter[str]:
    signs = _SIGNS.sub("", _KIN.sub("人", text))
    pairs = [signs[place : place + 2] for place in range(len(signs) - 1)]
    alike = {f"<{hit.concept}>" for hit in _synonyms().find(signs)}
    return Counter([*signs, *pairs, *alike])


def foreign_words(text: str) -> int:
    """How many words of a `plain` question belong to matters that are none of ours."""
    return sum(hit.concept.startswith(FOREIGN) for hit in _synonyms().find(text))


@cache
def _synonyms() -> Phrases:
    sets: dict[str, str] = tomllib.loads(SYNONYMS.read_text(encoding="utf-8"))
    return Phrases([(word, name) for name, words in sets.items() for word in words.split()])


def _softmax(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum(), dtype=np.float32)


def _fit(
    rows: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]],
    topics: list[int],
    weights: list[float],
    shape: tuple[int, int],
) -> npt.NDArray[np.float32]:
    """Adagrad, one example a step; a row touches only its own columns."""
    matrix = np.zeros(shape, dtype=np.float32)
    gathered = np.full((shape[0], 1), 1e-6, dtype=np.float32)
    order = np.random.default_rng(_SEED)
    for _ in range(_EPOCHS):
        for number in order.permutation(len(rows)):
            columns, values = rows[number]
            error = _softmax(values @ matrix[columns] * _SHARPNESS)
            error[topics[number]] -= 1.0
            gradient = np.outer(values, error) * weights[number]
            gathered[columns, 0] += (gradient * gradient).sum(axis=1)
            matrix[columns] -= _RATE * gradient / np.sqrt(gathered[columns])
    return matrix


def read_examples(folder: Path = FOLDER) -> Iterator[Example]:
    """The questions of a folder: `[concept]` opens a section, each line is one way to ask."""
    for path in sorted(folder.glob("*.txt")):
        topic = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            if text.startswith("["):
                topic = text.strip("[]")
            elif topic:
                yield Example(plain(text), topic)
            else:
                raise ValueError(f"{path.name}:{number}: a question before the first section")


def read_talk(folder: Path = DIALOGUE) -> Iterator[Example]:
    """What the dialogue model learns to be something else than a question about rules."""
    for path in sorted(folder.glob("*.yml")):
        intent = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := _INTENT.match(line):
                intent = found[1]
            elif intent in _NOT_POLICY and (found := _EXAMPLE.match(line)):
                text = plain(_TAGGED.sub(r"\1", found[1]))
                if len(text) > 1:
                    yield Example(text, OUTSIDE)


def words_as_examples(thesaurus: Thesaurus) -> Iterator[Example]:
    """The words of the thesaurus, so that a question that only resembles one is still placed."""
    for concept in thesaurus.concepts.values():
        if concept.setting:
            continue
        for word in concept.official:
            yield Example(plain(word), concept.name, _OFFICIAL_WEIGHT)
        for word in concept.everyday:
            yield Example(plain(word), concept.name, _EVERYDAY_WEIGHT)
        for word in concept.pattern_words:
            yield Example(plain(word), concept.name, _CHOICE_WEIGHT)


def cards_as_examples(cards: Iterable[Card]) -> Iterator[Example]:
    """What a card is expected to be asked, for the topics that it names."""
    for card in cards:
        for topic in card.topics:
            for question in card.questions:
                yield Example(plain(question), topic, 1 / len(card.topics))


def train(examples: Iterable[Example], thesaurus: Thesaurus) -> TopicModel:
    """A model whose topics are concepts and `OUTSIDE`. Raises `ValueError` on an unknown concept."""
    taught = [*examples, *words_as_examples(thesaurus)]
    unknown = {item.topic for item in taught} - set(thesaurus.concepts) - {OUTSIDE}
    if unknown:
        raise ValueError(f"questions about unknown concepts: {', '.join(sorted(unknown))}")
    return TopicModel(taught)


@cache
def default_topics() -> TopicModel:
    """The model of the product, trained once a process."""
    return train(_default_examples(), default_thesaurus())


@cache
def default_scope() -> TopicModel:
    """Tells `OURS` from `OUTSIDE`, with what else is said to the bot as examples of the latter."""
    examples = [
        Example(item.text, OUTSIDE if item.topic == OUTSIDE else OURS, item.weight)
        for item in (*_default_examples(), *words_as_examples(default_thesaurus()))
    ]
    return TopicModel([*examples, *read_talk()])


@cache
def usual_words() -> frozenset[str]:
    """The words of all examples that are about our matters, and those of the thesaurus."""
    taught = [*_default_examples(), *words_as_examples(default_thesaurus())]
    return frozenset(
        word.text for item in taught if item.topic != OUTSIDE for word in words_in(item.text)
    )


@cache
def _default_examples() -> tuple[Example, ...]:
    return (*read_examples(), *cards_as_examples(default_cards()))
