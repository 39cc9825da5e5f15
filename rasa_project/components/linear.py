"""A linear one-against-all classifier that stays small on disk and in memory."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from sklearn.svm import LinearSVC

_SMALL = 0.02  # weights below this share of a class's largest change no decision and are not kept


def sentence_matrix(messages: list[Message]) -> sp.csr_matrix:
    """The sparse sentence features of all messages, one row each; featurizers side by side."""
    rows = []
    for message in messages:
        _, sentence = message.get_sparse_features(TEXT)
        rows.append(sp.csr_matrix(sentence.features) if sentence is not None else sp.csr_matrix((1, 0)))
    return sp.vstack(rows, format="csr")


class LinearModel:
    """Hyperplanes of a linear support vector machine, sparse, in half precision on disk."""

    def __init__(self, labels: list[str], weights: sp.csr_matrix, bias: np.ndarray) -> None:
        self.labels = labels
        self.index = {label: i for i, label in enumerate(labels)}
        self._weights = weights  # features x labels
        self._bias = bias

    @classmethod
    def trained(cls, matrix: sp.csr_matrix, labels: np.ndarray, *, C: float) -> LinearModel:
        """Fit with squared hinge loss, as sklearn.svm.LinearSVC does; small weights are dropped."""
        machine = LinearSVC(C=C).fit(matrix, labels)
        weights, bias = machine.coef_, machine.intercept_
        if len(machine.classes_) == 2:  # sklearn then keeps one hyperplane only
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        weights = np.where(np.abs(weights) < _SMALL * np.abs(weights).max(axis=1, keepdims=True), 0, weights)
        return cls(list(machine.classes_), sp.csr_matrix(weights.T.astype(np.float32)), bias.astype(np.float32))

    def scores(self, row: sp.csr_matrix) -> np.ndarray:
        """Signed distances to each label's hyperplane."""
        return (row @ self._weights).toarray().ravel() + self._bias

    def __getstate__(self) -> dict[str, object]:
        half = self._weights.copy()
        return {"labels": self.labels, "data": half.data.astype(np.float16), "indices": half.indices, "indptr": half.indptr, "shape": half.shape, "bias": self._bias}  # fmt: skip

    def __setstate__(self, state: dict[str, object]) -> None:
        parts = (state["data"].astype(np.float32), state["indices"], state["indptr"])  # type: ignore[attr-defined]
        self.__init__(state["labels"], sp.csr_matrix(parts, shape=state["shape"]), state["bias"])  # type: ignore[misc]
