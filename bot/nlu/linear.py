"""The linear intent model: its numbers, its file, its scores.

Used on both sides: Rasa's component (Python 3.10) trains it and serves with it, the application
(Python >= 3.11) reads the same file and gives the same scores. Standard library and numpy only.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from bot.nlu.features import VIEWS, FeatureReader, Vocabulary
from bot.nlu.intents import outside

FILE_NAME = "linear_model.npz"
Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Parsed:
    """What a sentence wants.

    ``intent`` is the best fine intent of the best outside one, ``confidence`` the probability of
    that outside intent: which of two fine intents of one topic is meant often cannot be told, and
    need not be. ``topics`` and ``ranking`` hold all outside and all fine intents, best first.
    """

    intent: str
    confidence: float
    topics: tuple[tuple[str, float], ...]
    ranking: tuple[tuple[str, float], ...]


class LinearModel:
    """Logistic regression, one intent against all others, over tf-idf features of three views.

    ``index``: view → feature → column of the view; ``idf``: view → weight of each column;
    ``share``: view → weight of the whole view; ``weights``: intents × all columns;
    ``sharpness``: how far the intents' odds are spread before they are made to sum to 1.
    """

    def __init__(
        self,
        *,
        vocabulary: Vocabulary,
        index: Mapping[str, Mapping[str, int]],
        idf: Mapping[str, Any],
        share: Mapping[str, float],
        sharpness: float,
        intents: Sequence[str],
        weights: Any,
        bias: Any,
    ) -> None:
        self.reader = FeatureReader(vocabulary)
        self.index = index
        self.idf = idf
        self.share = share
        self.sharpness = sharpness
        self.intents = list(intents)
        self.weights = np.ascontiguousarray(weights.T, dtype=np.float32)
        self.bias = bias
        self._topics = sorted({outside(intent) for intent in intents})
        self._topic_of = np.array([self._topics.index(outside(intent)) for intent in intents])

    def parse(self, text: str) -> Parsed:
        """Probabilities of all intents. Never raises for any text."""
        columns, values = sparse_row(self.reader.count(text), self.index, self.idf, self.share)
        scores = self.bias + values @ self.weights[columns] if columns else self.bias
        # log of the logistic function; float64, so that rounding is the same on both sides
        likely = -np.logaddexp(0.0, -np.asarray(scores, dtype=np.float64)) * self.sharpness
        odds = np.exp(likely - likely.max())
        chances = odds / odds.sum()
        together = np.bincount(self._topic_of, weights=chances, minlength=len(self._topics))
        best_topic = int(together.argmax())
        best = int(np.where(self._topic_of == best_topic, chances, -1.0).argmax())
        return Parsed(
            intent=self.intents[best],
            confidence=float(together[best_topic]),
            topics=_ranked(self._topics, together),
            ranking=_ranked(self.intents, chances),
        )

    def write(self, file: BinaryIO) -> None:
        """One file with everything, no pickle."""
        described = {
            "words": {name: list(words) for name, words in self.reader.vocabulary.words.items()},
            "shapes": {name: list(found) for name, found in self.reader.vocabulary.shapes.items()},
            "rewrite": dict(self.reader.vocabulary.rewrite),
            "index": {view: list(features) for view, features in self.index.items()},
            "share": dict(self.share),
            "sharpness": self.sharpness,
            "intents": self.intents,
        }
        arrays: dict[str, Any] = {
            f"idf_{view}": np.asarray(self.idf[view], dtype=np.float32) for view in self.index
        }
        np.savez_compressed(
            file,
            description=np.frombuffer(json.dumps(described).encode(), dtype=np.uint8),
            weights=self.weights.T,
            bias=np.asarray(self.bias, dtype=np.float32),
            **arrays,
        )

    @classmethod
    def read(cls, content: bytes) -> LinearModel:
        """Read what `write` wrote. Raises ValueError for anything else."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                return cls._from_arrays(arrays)
        except (ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile) as error:
            raise ValueError(f"not a linear model: {error}") from error

    @classmethod
    def _from_arrays(cls, arrays: Mapping[str, Any]) -> LinearModel:
        described = json.loads(arrays["description"].tobytes())
        return cls(
            vocabulary=Vocabulary(
                words=described["words"],
                shapes=described["shapes"],
                rewrite=described["rewrite"],
            ),
            index={
                view: {feature: column for column, feature in enumerate(features)}
                for view, features in described["index"].items()
            },
            idf={view: arrays[f"idf_{view}"] for view in described["index"]},
            share=described["share"],
            sharpness=described["sharpness"],
            intents=described["intents"],
            weights=arrays["weights"],
            bias=arrays["bias"],
        )


def _ranked(names: Sequence[str], chances: Any) -> tuple[tuple[str, float], ...]:
    return tuple((names[i], float(chances[i])) for i in np.argsort(-chances, kind="stable"))


def sparse_row(
    counts: Counts,
    index: Mapping[str, Mapping[str, int]],
    idf: Mapping[str, Any],
    share: Mapping[str, float],
) -> tuple[list[int], Any]:
    """Columns and values of one sentence: each view sublinear tf-idf, of unit length, weighted."""
    columns: list[int] = []
    values: list[Any] = []
    offset = 0
    for view in VIEWS:
        features = index[view]
        known = [(features[name], n) for name, n in counts[view].items() if name in features]
        if known:
            at = np.array([column for column, _ in known])
            tf = 1 + np.log(np.array([n for _, n in known], dtype=np.float64))
            weighted = tf * idf[view][at]
            columns += (at + offset).tolist()
            values.append(share[view] * weighted / np.sqrt(np.square(weighted).sum()))
        offset += len(features)
    row = np.concatenate(values).astype(np.float32) if values else np.zeros(0, np.float32)
    return columns, row


def fit_index(
    counted: Sequence[Counts],
) -> tuple[dict[str, dict[str, int]], dict[str, Any]]:
    """Columns and idf weights of all features of the training sentences."""
    index: dict[str, dict[str, int]] = {}
    idf: dict[str, Any] = {}
    for view in VIEWS:
        seen = Counter(name for counts in counted for name in counts[view])
        names = sorted(seen)
        index[view] = {name: column for column, name in enumerate(names)}
        holding = np.array([seen[name] for name in names], dtype=np.float64)
        idf[view] = (np.log((1 + len(counted)) / (1 + holding)) + 1).astype(np.float32)
    return index, idf
