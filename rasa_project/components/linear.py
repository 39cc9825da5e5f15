"""Softmax regression with feature dropout: a linear classifier that does not trust any single word too much.

scikit-learn's linear models have no dropout; with it the confidences of unseen wordings became far more honest (measured in
docs/decisions/0004-nlu-pipeline.md). Dropout as in Wager, Wang & Liang (2013), "Dropout Training as Adaptive
Regularization"; steps by Adagrad (Duchi et al. 2011), one rate a feature; label smoothing as in Szegedy et al. (2016); the
weights are the mean of the later half of the epochs, as in Polyak & Juditsky (1992), so that less hangs on the order of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from rasa.shared.nlu.training_data.message import Message

from components.ngram_featurizer import NgramFeatures


@dataclass(frozen=True)
class Training:
    """How a model is fitted; the defaults were chosen by measuring."""

    epochs: int = 8
    batch: int = 128
    rate: float = 5.0
    dropout: float = 0.4
    mute: float = 0.5  # share of rows that are learnt as if typed without accents
    smoothing: float = 0.05
    prune: float = 0.05  # weights smaller than this change no decision and are not kept
    seed: int = 0


def sentence_matrix(messages: list[Message], featurizers: list[str]) -> sp.csr_matrix:
    """The sparse sentence features of all messages, one row each; those of the named featurizers, all where none is named."""
    blocks = [[f.features.tocoo() for f in _sentence(message, featurizers)] for message in messages]
    if not blocks or not blocks[0]:
        return sp.csr_matrix((len(messages), 0), dtype=np.float32)
    starts = np.cumsum([0, *(block.shape[1] for block in blocks[0])])
    columns = [block.col + start for row in blocks for block, start in zip(row, starts)]
    values = [block.data for row in blocks for block in row]
    ends = np.cumsum([0, *(sum(block.nnz for block in row) for row in blocks)])
    parts = (np.concatenate(values).astype(np.float32), np.concatenate(columns), ends)
    return sp.csr_matrix(parts, shape=(len(blocks), starts[-1]))


def accented_columns(message: Message, featurizers: list[str]) -> np.ndarray:
    """Which columns of `sentence_matrix` are silent when somebody types without accents."""
    flags = [np.arange(f.features.shape[1]) >= f.accented_from for f in _sentence(message, featurizers)]
    return np.concatenate(flags) if flags else np.zeros(0, bool)


def _sentence(message: Message, featurizers: list[str]) -> list[NgramFeatures]:
    return [
        f for f in message.features if isinstance(f, NgramFeatures) and (not featurizers or f.origin in featurizers)
    ]


class SoftmaxModel:
    """`labels` and one sparse column of weights for each."""

    def __init__(self, labels: list[str], weights: sp.csr_matrix, bias: np.ndarray) -> None:
        self.labels = labels
        self._weights = weights  # features x labels
        self._bias = bias

    @classmethod
    def trained(
        cls, matrix: sp.csr_matrix, labels: list[str], importance: np.ndarray, accented: np.ndarray, how: Training
    ) -> SoftmaxModel:
        """Fit to rows with `labels`; `importance` weighs each row, `accented` flags the columns that may be muted.

        The same input gives the same model.
        """
        names = sorted(set(labels))
        position = {name: i for i, name in enumerate(names)}
        targets = np.array([position[label] for label in labels])
        weights = np.zeros((matrix.shape[1], len(names)), np.float32)
        bias = np.zeros(len(names), np.float32)
        moved = np.full((matrix.shape[1], 1), 1e-3, np.float32)
        mean = np.zeros_like(weights)
        later = how.epochs // 2
        random = np.random.default_rng(how.seed)
        for epoch in range(how.epochs):
            rate = np.float32(0.1 * how.rate * (1 - 0.8 * epoch / how.epochs))
            order = random.permutation(len(targets))
            for start in range(0, len(order), how.batch):
                rows = order[start : start + how.batch]
                seen, touched = _thinned(matrix[rows], accented, how, random)
                error = _softmax(seen @ weights[touched] + bias) - np.float32(how.smoothing / len(names))
                error[np.arange(len(rows)), targets[rows]] -= 1 - how.smoothing
                error *= (importance[rows] * 16 / len(rows)).astype(np.float32)[:, None]
                gradient = seen.T @ error
                moved[touched] += (gradient**2).mean(axis=1, keepdims=True)
                weights[touched] -= rate * gradient / np.sqrt(moved[touched])
                bias -= np.float32(0.05) * error.mean(axis=0)
            if epoch >= later:
                mean += weights / (how.epochs - later)
        mean[np.abs(mean) < how.prune] = 0
        return cls(names, sp.csr_matrix(mean), bias)

    def scores(self, row: sp.csr_matrix) -> np.ndarray:
        """Logits of one row, in the order of `labels`."""
        return np.asarray((row @ self._weights).todense()).ravel() + self._bias

    def chances(self, row: sp.csr_matrix, sharpness: float = 1.0) -> np.ndarray:
        """Probabilities of one row; above 1, `sharpness` undoes what dropout and smoothing flatten."""
        return _softmax(sharpness * self.scores(row)[None, :])[0]


def _thinned(
    seen: sp.csr_matrix, accented: np.ndarray, how: Training, random: np.random.Generator
) -> tuple[sp.csr_matrix, np.ndarray]:
    """The rows with some features dropped and some rows without accents; and the columns that are left, which it has only.

    Single precision and few columns on purpose: with either missing a batch copies all weights, and takes ten times as long.
    """
    kept = random.random(seen.nnz, dtype=np.float32) > how.dropout
    muted = np.repeat(random.random(seen.shape[0]) < how.mute, np.diff(seen.indptr))
    kept &= ~(muted & accented[seen.indices])
    touched, columns = np.unique(seen.indices[kept], return_inverse=True)
    ends = np.concatenate([[0], np.cumsum(kept)])[seen.indptr]
    values = seen.data[kept] / np.float32(1 - how.dropout)
    return sp.csr_matrix((values, columns, ends), shape=(seen.shape[0], len(touched))), touched


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
