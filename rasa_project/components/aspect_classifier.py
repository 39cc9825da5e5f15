"""What is asked about it: papers, fee, time, place … Learnt from the aspect under which each example stands.

The result goes into the parse answer as "aspect": {"name", "confidence"}.
"""

from __future__ import annotations

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
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.svm import LinearSVC

from components import COMPRESS
from components.linear import accented_columns, sentence_matrix

ASPECT = "aspect"
OVERVIEW = "overview"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class AspectClassifier(IntentClassifier, GraphComponent):
    """A linear support vector machine; `sharpness` turns its margins into confidences.

    "overview" must win by more than `handicap`: who asked for the fee and gets the overview must ask again, who asked for
    nothing in particular and gets the fee finds the rest in the buttons.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"featurizers": [], "C": 0.1, "sharpness": 6.0, "handicap": 0.15}

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: LinearSVC | None = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AspectClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        pairs = [(m, (m.get(METADATA) or {}).get(METADATA_INTENT) or {}) for m in training_data.intent_examples]
        known = [(m, about[ASPECT]) for m, about in pairs if m.get(TEXT) and ASPECT in about]
        if len({aspect for _, aspect in known}) > 1:
            matrix = sentence_matrix([message for message, _ in known], self._config["featurizers"])
            silent = accented_columns(known[0][0], self._config["featurizers"])
            twice = sp.vstack([matrix, matrix @ sp.diags((~silent).astype(np.float32))])  # and as typed without accents
            self._model = LinearSVC(C=self._config["C"], class_weight="balanced")
            self._model.fit(twice, 2 * [aspect for _, aspect in known])
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / "aspects.joblib", compress=COMPRESS)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> AspectClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, joblib.load(folder / "aspects.joblib"))

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if self._model is None or not message.get(TEXT):
                continue
            row = sentence_matrix([message], self._config["featurizers"])
            margins = (row @ self._model.coef_.T + self._model.intercept_)[0]  # decision_function, without its checks
            margins = np.array([-margins[0], margins[0]]) if len(margins) == 1 else margins
            margins = margins - self._config["handicap"] * (self._model.classes_ == OVERVIEW)
            chances = np.exp(self._config["sharpness"] * (margins - margins.max()))
            best = int(chances.argmax())
            found = {"name": str(self._model.classes_[best]), "confidence": float(chances[best] / chances.sum())}
            message.set(ASPECT, found, add_to_output=True)
        return messages
