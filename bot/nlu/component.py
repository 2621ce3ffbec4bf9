"""Rasa's intent classifier. Runs inside Rasa's environment (Python 3.10).

See ADR 15 for why a linear model, and `bot.nlu.features` for what it sees.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    EXTRACTOR,
    INTENT,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.nlu.features import FeatureReader, Vocabulary
from bot.nlu.linear import FILE_NAME, LinearModel, fit_index, sparse_row

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(
    [
        DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER,
        DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR,
    ],
    is_trainable=True,
)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Linear model on tf-idf of characters, abstracted phrases and concepts.

    Entities are the words of the lookup tables named by ``entities`` in the configuration: the
    longest known word at each place, so that 精神病院 is a hospital and no diagnosis.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        # Shares of the views, the penalty's inverse and the sharpness: chosen on the development
        # half of the held-out sentences, ADR 15.
        return {
            "share": {"c": 1.0, "s": 0.5, "p": 0.25},
            "C": 60.0,
            "sharpness": 1.5,
            "entities": [],
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage = storage
        self._resource = resource
        self._model: Any = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = LinearModel.read((folder / FILE_NAME).read_bytes())
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all intent examples; the word lists are those of the training data."""
        vocabulary = vocabulary_of(training_data)
        reader = FeatureReader(vocabulary)
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        counted = [reader.count(e.get(TEXT)) for e in examples]
        index, idf = fit_index(counted)
        share = self._config["share"]
        rows = [sparse_row(counts, index, idf, share) for counts in counted]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        matrix = csr_matrix(
            (
                np.concatenate([values for _, values in rows]),
                np.concatenate([np.array(columns) for columns, _ in rows]),
                ends,
            ),
            shape=(len(rows), sum(len(features) for features in index.values())),
        )
        fitted = LogisticRegression(
            C=self._config["C"], solver="liblinear", multi_class="ovr", random_state=0
        ).fit(matrix, [e.get(INTENT) for e in examples])
        self._model = LinearModel(
            vocabulary=vocabulary,
            index=index,
            idf=idf,
            share=share,
            sharpness=self._config["sharpness"],
            intents=[str(name) for name in fitted.classes_],
            weights=fitted.coef_.astype(np.float32),
            bias=fitted.intercept_.astype(np.float32),
        )
        with self._storage.write_to(self._resource) as folder, (folder / FILE_NAME).open("wb") as f:
            self._model.write(f)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and entities."""
        for message in messages:
            text = message.get(TEXT) or ""
            parsed = self._model.parse(text)
            best = {"name": parsed.intent, "confidence": parsed.confidence}
            others = [
                {"name": name, "confidence": share}
                for name, share in parsed.ranking[:10]
                if name != parsed.intent
            ]
            message.set("intent", best, add_to_output=True)
            message.set("intent_ranking", [best, *others], add_to_output=True)
            entities = [
                {
                    ENTITY_ATTRIBUTE_TYPE: span.concept,
                    ENTITY_ATTRIBUTE_START: span.start,
                    ENTITY_ATTRIBUTE_END: span.end,
                    ENTITY_ATTRIBUTE_VALUE: text[span.start : span.end],
                    EXTRACTOR: type(self).__name__,
                }
                for span in self._model.reader.mentions(text, self._config["entities"])
            ]
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
        return messages


def vocabulary_of(training_data: TrainingData) -> Vocabulary:
    """Word lists, shapes and rewritings of the training data."""
    words: dict[str, list[str]] = {
        table["name"]: list(table["elements"]) for table in training_data.lookup_tables
    }
    shapes: dict[str, list[str]] = defaultdict(list)
    for pattern in training_data.regex_features:
        shapes[pattern["name"]].append(pattern["pattern"])
    return Vocabulary(words=words, shapes=dict(shapes), rewrite=dict(training_data.entity_synonyms))
