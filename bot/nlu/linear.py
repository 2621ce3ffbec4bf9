"""The linear intent model: its numbers, its file, its scores.

Used on both sides: Rasa's component (Python 3.10) trains it and serves with it, the application
(Python >= 3.11) reads the same file and gives the same scores. Standard library and numpy only.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from bot.nlu.features import VIEWS, FeatureReader, Vocabulary

FILE_NAME = "linear_model.npz"
Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Parsed:
    """The best intent, its probability, and all others, best first."""

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]


class LinearModel:
    """Multinomial logistic regression over tf-idf features of three views of a sentence.

    ``index``: view → feature → column of the view; ``idf``: view → weight of each column;
    ``share``: view → weight of the whole view; ``weights``: intents × all columns.
    """

    def __init__(
        self,
        *,
        vocabulary: Vocabulary,
        index: Mapping[str, Mapping[str, int]],
        idf: Mapping[str, Any],
        share: Mapping[str, float],
        intents: Sequence[str],
        weights: Any,
        bias: Any,
    ) -> None:
        self.reader = FeatureReader(vocabulary)
        self.index = index
        self.idf = idf
        self.share = share
        self.intents = list(intents)
        self.weights = np.ascontiguousarray(weights.T, dtype=np.float32)
        self.bias = bias

    def parse(self, text: str) -> Parsed:
        """Probabilities of all intents. Never raises for any text."""
        columns, values = sparse_row(self.reader.count(text), self.index, self.idf, self.share)
        scores = self.bias + values @ self.weights[columns] if columns else self.bias
        odds = np.exp(scores - np.max(scores))
        chances = odds / odds.sum()
        order = np.argsort(-chances)
        ranking = tuple((self.intents[i], float(chances[i])) for i in order)
        return Parsed(ranking[0][0], ranking[0][1], ranking)

    def write(self, file: BinaryIO) -> None:
        """One file with everything, no pickle."""
        described = {
            "words": {name: list(words) for name, words in self.reader.vocabulary.words.items()},
            "shapes": {name: list(found) for name, found in self.reader.vocabulary.shapes.items()},
            "rewrite": dict(self.reader.vocabulary.rewrite),
            "index": {view: list(features) for view, features in self.index.items()},
            "share": dict(self.share),
            "intents": self.intents,
        }
        np.savez_compressed(
            file,
            description=np.frombuffer(json.dumps(described).encode(), dtype=np.uint8),
            weights=self.weights.T,
            bias=np.asarray(self.bias, dtype=np.float32),
            **{f"idf_{view}": np.asarray(self.idf[view], dtype=np.float32) for view in self.index},
        )

    @classmethod
    def read(cls, content: bytes) -> LinearModel:
        """Read what `write` wrote. Raises ValueError for anything else."""
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
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
                intents=described["intents"],
                weights=arrays["weights"],
                bias=arrays["bias"],
            )


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
