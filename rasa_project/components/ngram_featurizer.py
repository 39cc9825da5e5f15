"""Sparse sentence features from words and letters, with accents and without.

Accent-free features carry the meaning for people who type without accents, accented ones tell apart what accents tell
apart. Letter n-grams forgive slips. Each block is tf-idf weighted, of length one, and scaled by its `weight`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import lru_cache
from itertools import chain
from typing import Any

import joblib
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

from bot.core.normalise import has_accents
from components import COMPRESS
from components.vietnamese_tokenizer import PLAIN


class NgramFeatures(Features):
    """From column `accented_from` on stand those that people who type without accents do not have.

    The fingerprint is taken from the bytes; Rasa would write every number out as text.
    """

    def __init__(self, features: sp.coo_matrix, origin: str, accented_from: int) -> None:
        super().__init__(features, FEATURE_TYPE_SENTENCE, TEXT, origin)
        self.accented_from = accented_from

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
        vectorizers: list[TfidfVectorizer] | None = None,
    ) -> None:
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        blocks = [
            Block(fitted, block["weight"], block["accents"])
            for fitted, block in zip(vectorizers or [], config["blocks"])
        ]
        self._blocks = sorted(blocks, key=lambda block: block.accents)

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
        views = [self._views(message) for message in training_data.intent_examples]
        intents = [message.get(INTENT) for message in training_data.intent_examples]
        vectorizers = []
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
            texts = [view[block["accents"]] for view in views]
            vectorizer.fit(texts)
            if self._config["min_intents"] > 1:
                common = _common(vectorizer, texts, intents, self._config["min_intents"])
                vectorizer = TfidfVectorizer(**{**vectorizer.get_params(), "vocabulary": common}).fit(texts)
            vectorizer.stop_words_ = None  # the n-grams that were too many: megabytes that nobody needs
            vectorizers.append(vectorizer)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(vectorizers, folder / "vectorizers.joblib", compress=COMPRESS)
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
            vectorizers = joblib.load(folder / "vectorizers.joblib")
        return cls(config, execution_context.node_name, model_storage, resource, vectorizers)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if not message.get(TEXT):
                continue
            views = self._views(message)
            row = _row([(block, views[block.accents]) for block in self._blocks])
            accented_from = sum(block.width for block in self._blocks if not block.accents)
            message.add_features(NgramFeatures(row, self._identifier, accented_from))
        return messages

    def _views(self, message: Message) -> dict[bool, str]:
        """The text without accents (False), and its words with marks only (True): silent, not wrong, without accents."""
        words = " ".join(token.text for token in message.get(TOKENS_NAMES[TEXT]) or ()).split()
        return {
            False: f"^ {message.get(PLAIN)} $" if self._config["edges"] else message.get(PLAIN),
            True: " ".join(word for word in words if has_accents(word)),
        }


class Block:
    """What a fitted vectorizer makes of one text. Its own `transform` gives the same but spends 2 ms a text on checks."""

    def __init__(self, vectorizer: TfidfVectorizer, weight: float, accents: bool) -> None:
        self.accents = accents  # whether it looks at the words with marks
        self._analyse = vectorizer.build_analyzer()
        self._column = vectorizer.vocabulary_
        # letters are taken word by word, and the same words come again and again
        self._by_word = vectorizer.analyzer == "char_wb"
        self._columns = lru_cache(maxsize=20_000)(self._columns_of)
        self._idf = vectorizer.idf_.astype(np.float32)
        self._weight = np.float32(weight)
        self.width = len(self._idf)

    def features(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Columns and values of the n-grams that are known: (1 + log count) * idf, of length `weight` together."""
        counts = Counter(chain.from_iterable(map(self._columns, text.split() if self._by_word else [text])))
        columns = np.fromiter(counts, np.int32, len(counts))
        values = self._idf[columns] * (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts))))
        return columns, values * (self._weight / max(np.sqrt(values @ values), np.float32(1e-9)))

    def _columns_of(self, text: str) -> list[int]:
        return [column for ngram in self._analyse(text) if (column := self._column.get(ngram)) is not None]


def _row(parts: list[tuple[Block, str]]) -> sp.coo_matrix:
    """The features of all blocks side by side."""
    found = [block.features(text) for block, text in parts]
    starts = np.cumsum([0, *(block.width for block, _ in parts)], dtype=np.int32)
    columns = np.concatenate([columns + start for (columns, _), start in zip(found, starts)])
    values = np.concatenate([values for _, values in found])
    return sp.coo_matrix((values, (np.zeros_like(columns), columns)), shape=(1, starts[-1]))


def _common(vectorizer: TfidfVectorizer, texts: list[str], intents: list[str], least: int) -> list[str]:
    """The n-grams that occur in the examples of at least `least` intents, in a fixed order."""
    names = sorted(set(intents))
    rows = [names.index(intent) for intent in intents]
    of_intent = sp.csr_matrix((np.ones(len(rows)), (rows, np.arange(len(rows)))))
    spread = np.asarray((of_intent @ vectorizer.transform(texts) > 0).sum(axis=0)).ravel()
    return sorted(vectorizer.get_feature_names_out()[spread >= least])
