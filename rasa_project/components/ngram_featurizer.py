"""Sparse sentence features from words and letters, with accents and without.

Accent-free features carry the meaning for people who type without accents, accented ones tell apart what accents tell
apart. Letter n-grams forgive slips. Each block is tf-idf weighted, of length one, and scaled by its `weight`.
"""

from __future__ import annotations

import hashlib
import pickle
from typing import Any

import numpy as np
import scipy.sparse as sp
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.core.normalise import fold, has_accents

ACCENTED = ".accented"  # ends the origin of features that people who type without accents do not have


class NgramFeatures(Features):
    """Features whose fingerprint is taken from their bytes; Rasa would write every number out as text."""

    def fingerprint(self) -> str:
        values = self.features
        digest = hashlib.blake2b(values.data.tobytes() + values.col.tobytes(), digest_size=16)
        return f"{self.origin} {digest.hexdigest()}"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramFeaturizer(SparseFeaturizer, GraphComponent):
    """`blocks`: list of {accents: bool, unit: word|char_wb, ngrams: [low, high], weight: float}.

    With `min_intents` only n-grams that occur with so many intents are kept: words of asking, not of the subject.
    With `edges` beginning and end are words too: what is asked often stands there.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            **SparseFeaturizer.get_default_config(),
            "blocks": [
                {"accents": False, "unit": "word", "ngrams": [1, 2], "weight": 1.0},
                {"accents": True, "unit": "word", "ngrams": [1, 2], "weight": 0.6},
                {"accents": False, "unit": "char_wb", "ngrams": [3, 5], "weight": 0.5},
            ],
            "max_features": 60000,
            "min_intents": 1,
            "edges": False,
        }

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        storage: ModelStorage,
        resource: Resource,
        vectorizers: list[Any] | None = None,
    ) -> None:
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        self._vectorizers: list[TfidfVectorizer] = vectorizers or []

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check beyond the types that scikit-learn checks."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NgramFeaturizer:
        return cls(config, execution_context.node_name, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the vocabulary of each block and keep it."""
        views = self._views(training_data.intent_examples)
        intents = [message.get(INTENT) for message in training_data.intent_examples]
        for block in self._config["blocks"]:
            vectorizer = TfidfVectorizer(
                analyzer=block["unit"],
                ngram_range=tuple(block["ngrams"]),
                lowercase=False,
                token_pattern=r"(?u)\S+" if block["unit"] == "word" else None,
                sublinear_tf=True,
                max_features=self._config["max_features"],
                dtype=np.float32,
            )
            view = views[block["accents"]]
            vectorizer.fit(view)
            if self._config["min_intents"] > 1:
                common = _common(vectorizer, view, intents, self._config["min_intents"])
                vectorizer = TfidfVectorizer(**{**vectorizer.get_params(), "vocabulary": common}).fit(view)
            self._vectorizers.append(vectorizer)
        with self._storage.write_to(self._resource) as folder:
            (folder / "vectorizers.pickle").write_bytes(pickle.dumps(self._vectorizers))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramFeaturizer:
        with model_storage.read_from(resource) as folder:
            vectorizers = pickle.loads((folder / "vectorizers.pickle").read_bytes())
        return cls(config, execution_context.node_name, model_storage, resource, vectorizers)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        spoken = [message for message in messages if message.get(TEXT)]
        if not spoken:
            return messages
        views = self._views(spoken)
        for number, (block, vectorizer) in enumerate(zip(self._config["blocks"], self._vectorizers)):
            matrix = sp.csr_matrix(vectorizer.transform(views[block["accents"]]) * block["weight"])
            origin = f"{self._identifier}.{number}" + (ACCENTED if block["accents"] else "")
            for i, message in enumerate(spoken):
                message.add_features(NgramFeatures(_row(matrix, i), FEATURE_TYPE_SENTENCE, TEXT, origin))
        return messages

    def _views(self, messages: list[Message]) -> dict[bool, list[str]]:
        """The texts without accents (False), and their words with marks only (True): silent, not wrong, without accents."""
        texts = [" ".join(token.text for token in message.get(TOKENS_NAMES[TEXT]) or ()) for message in messages]
        frame = "^ {} $" if self._config["edges"] else "{}"
        return {
            False: [frame.format(fold(text)) for text in texts],
            True: [" ".join(word for word in text.split() if has_accents(word)) for text in texts],
        }


def _row(matrix: sp.csr_matrix, i: int) -> sp.coo_matrix:
    """Row `i`; ten times as fast as matrix[i].tocoo()."""
    part = slice(matrix.indptr[i], matrix.indptr[i + 1])
    columns = matrix.indices[part]
    return sp.coo_matrix((matrix.data[part], (np.zeros_like(columns), columns)), shape=(1, matrix.shape[1]))


def _common(vectorizer: TfidfVectorizer, texts: list[str], intents: list[str], least: int) -> list[str]:
    """The n-grams that occur in the examples of at least `least` intents, in a fixed order."""
    names = sorted(set(intents))
    rows = [names.index(intent) for intent in intents]
    of_intent = sp.csr_matrix((np.ones(len(rows)), (rows, np.arange(len(rows)))))
    spread = np.asarray((of_intent @ vectorizer.transform(texts) > 0).sum(axis=0)).ravel()
    return sorted(vectorizer.get_feature_names_out()[spread >= least])
