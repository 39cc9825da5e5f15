"""Which entry is meant: a linear model and the nearest example, added up.

The linear model (one hyperplane an intent) generalises over words; the nearest example recognises an intent that has one
example only, such as a name of the catalogue. Intents with fewer than `few_examples` are left to the nearest example, so
that a thousand rare names cost next to nothing. Weights and temperature were chosen by measuring, see
docs/decisions/0004-nlu-pipeline.md.
"""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import scipy.sparse as sp
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.linear import LinearModel, sentence_matrix

INTENT_RANKING = "intent_ranking"


class NearestExamples:
    """Similarity of a text to each intent: the mean cosine to its few closest examples, the closest counting most."""

    def __init__(self, matrix: sp.csr_matrix, intents: np.ndarray, known: list[str]) -> None:
        order = np.argsort([known.index(intent) for intent in intents], kind="stable")
        position = {intent: i for i, intent in enumerate(known)}
        self._of = np.array([position[intents[i]] for i in order])
        lengths = np.sqrt(matrix.multiply(matrix).sum(axis=1)).A1
        self._columns = sp.csr_matrix(sp.diags(1 / np.maximum(lengths, 1e-9)) @ matrix)[order].T.tocsr()
        self._starts = np.flatnonzero(np.r_[True, self._of[1:] != self._of[:-1]])

    def __call__(self, row: sp.csr_matrix, near: int) -> np.ndarray:
        """One similarity in 0..1 for each intent."""
        length = max(np.sqrt(row.multiply(row).sum()), 1e-9)
        cosines = (row @ self._columns).toarray().ravel() / length
        total, weights, weight = np.zeros(len(self._starts)), np.zeros(len(self._starts)), 1.0
        for _ in range(near):
            best = np.maximum.reduceat(cosines, self._starts)
            there = best > -1
            total[there] += weight * best[there]
            weights[there] += weight
            first = np.flatnonzero(cosines == best[self._of])
            _, unique = np.unique(self._of[first], return_index=True)
            cosines[first[unique]] = -1
            weight /= 2
        return total / np.maximum(weights, 1e-9)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EntryClassifier(IntentClassifier, GraphComponent):
    """Ranks the `ranking_length` best intents; their confidences add up to one."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"C": 1.0, "few_examples": 4, "near": 3, "linear_weight": 5.0, "nearest_weight": 10.0, "ranking_length": 30}

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        linear: LinearModel | None = None,
        nearest: NearestExamples | None = None,
        intents: list[str] | None = None,
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._linear = linear
        self._nearest = nearest
        self._intents = intents or []

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> EntryClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        if not examples:
            return self._resource
        labels = np.array([m.get(INTENT) for m in examples])
        self._intents = sorted(set(labels))
        matrix = sentence_matrix(examples)
        self._nearest = NearestExamples(matrix, labels, self._intents)
        names, counts = np.unique(labels, return_counts=True)
        known = np.isin(labels, names[counts >= self._config["few_examples"]])
        self._linear = LinearModel.trained(matrix[np.flatnonzero(known)], labels[known], C=self._config["C"])
        with self._storage.write_to(self._resource) as folder:
            state = (self._linear, self._nearest, self._intents)
            (folder / "entries.pickle").write_bytes(pickle.dumps(state))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EntryClassifier:
        with model_storage.read_from(resource) as folder:
            state = pickle.loads((folder / "entries.pickle").read_bytes())
        return cls(config, model_storage, resource, *state)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._ranking(message) if self._linear and message.get(TEXT) else []
            best = ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set(INTENT_RANKING, ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> list[dict[str, Any]]:
        assert self._linear is not None and self._nearest is not None
        row = sentence_matrix([message])
        if row.nnz == 0:  # no word that was ever seen
            return []
        scores = self._config["nearest_weight"] * self._nearest(row, self._config["near"])
        margins = self._linear.scores(row)
        unknown = float(margins.min()) if len(margins) else 0.0
        linear = np.array([margins[self._linear.index[i]] if i in self._linear.index else unknown for i in self._intents])
        scores += self._config["linear_weight"] * linear
        # Only the best share the confidence: a thousand hopeless names must not water it down.
        order = np.argsort(-scores)[: self._config["ranking_length"]]
        chances = np.exp(scores[order] - scores[order[0]])
        chances /= chances.sum()
        return [
            {INTENT_NAME_KEY: self._intents[i], PREDICTED_CONFIDENCE_KEY: float(chance)} for i, chance in zip(order, chances)
        ]
