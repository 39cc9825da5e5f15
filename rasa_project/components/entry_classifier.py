"""Which entry is meant: softmax regression over the sentence features, and the nearest example among rare intents.

Intents with fewer than `few_examples` examples (a thousand names of a catalogue, say) are learnt as one class together;
which of them is meant then follows from the closest example. So rare names cost next to nothing and do not water down
the confidence of the rest.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import joblib
import numpy as np
import scipy.sparse as sp
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, METADATA, METADATA_INTENT, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components import COMPRESS
from components.linear import SoftmaxModel, Training, accented_columns, sentence_matrix

INTENT_RANKING = "intent_ranking"
IMPORTANCE = "importance"  # metadata of an intent: how much its examples count, 1 unless said otherwise
_RARE = "\0rare"
_WORTH_SHARING = 0.01  # a confidence below it changes no decision


class RareIntents:
    """The examples of the rare intents; similarity is the cosine of the sentence features."""

    def __init__(self, matrix: sp.csr_matrix, intents: list[str]) -> None:
        lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        self._examples = (sp.diags(1 / np.maximum(lengths, 1e-9)) @ matrix).T.tocsr()
        self._intents = intents

    def shares(self, row: sp.csr_matrix, sharpness: float = 20.0) -> dict[str, float]:
        """How a confidence in "some rare intent" is shared out; adds up to one."""
        cosines = np.asarray((row @ self._examples).todense()).ravel() / max(np.sqrt(row.multiply(row).sum()), 1e-9)
        powers = np.exp(sharpness * (cosines - cosines.max()))
        shared: Counter[str] = Counter()
        for i in np.argsort(-powers)[:20]:
            shared[self._intents[i]] += float(powers[i] / powers.sum())
        return dict(shared)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EntryClassifier(IntentClassifier, GraphComponent):
    """Ranks the `ranking_length` best intents with their confidences."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "featurizers": [],
            "epochs": Training.epochs,
            "dropout": Training.dropout,
            "smoothing": Training.smoothing,
            "sharpness": 1.3,
            "few_examples": 4,
            "ranking_length": 30,
        }

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: SoftmaxModel | None = None,
        rare: RareIntents | None = None,
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model
        self._rare = rare

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntryClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        if not examples:
            return self._resource
        matrix = sentence_matrix(examples, self._config["featurizers"])
        intents = [m.get(INTENT) for m in examples]
        count = Counter(intents)
        few = [i for i, intent in enumerate(intents) if count[intent] < self._config["few_examples"]]
        if few:
            self._rare = RareIntents(matrix[few], [intents[i] for i in few])
        labels = [_RARE if count[intent] < self._config["few_examples"] else intent for intent in intents]
        how = Training(
            epochs=self._config["epochs"], dropout=self._config["dropout"], smoothing=self._config["smoothing"]
        )
        importance = np.array([_importance(m) for m in examples])
        accented = accented_columns(examples[0], self._config["featurizers"])
        self._model = SoftmaxModel.trained(matrix, labels, importance, accented, how)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump((self._model, self._rare), folder / "entries.joblib", compress=COMPRESS)
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
            return cls(config, model_storage, resource, *joblib.load(folder / "entries.joblib"))

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._ranking(message) if self._model and message.get(TEXT) else []
            best = ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set(INTENT_RANKING, ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> list[dict[str, Any]]:
        row = sentence_matrix([message], self._config["featurizers"])
        if self._model is None or row.nnz == 0:  # no word that was ever seen
            return []
        chances = dict(zip(self._model.labels, map(float, self._model.chances(row, self._config["sharpness"]))))
        some_rare = chances.pop(_RARE, 0.0)
        if self._rare is not None and some_rare >= _WORTH_SHARING:
            chances |= {intent: some_rare * share for intent, share in self._rare.shares(row).items()}
        best = sorted(chances.items(), key=lambda pair: (-pair[1], pair[0]))[: self._config["ranking_length"]]
        return [{INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: chance} for intent, chance in best]


def _importance(message: Message) -> float:
    about = (message.get(METADATA) or {}).get(METADATA_INTENT) or {}
    return float(about.get(IMPORTANCE, 1.0))
