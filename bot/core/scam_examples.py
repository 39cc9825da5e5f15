"""How much a message is like the fraud that others have met: naive Bayes over the words and pairs of words of examples.

Signs (bot.core.scam_signs) give reasons but know only yesterday's phrases; examples need no phrase. Robinson's and Graham's spam
filters weigh words like this; dividing by the square root keeps long messages from always looking certain.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

from bot.core.normalise import fold

_SMOOTH = 0.3  # added to every count: what was seen once proves little
_MASK = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Likeness:
    """`weights`: term -> log of how much oftener fraud has it than harmless messages. Texts come without their addresses."""

    weights: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def learnt(cls, scam: Iterable[str], harmless: Iterable[str]) -> Self:
        """Both kinds may be many or none; about 0.1 ms each."""
        bad, good = [_terms(text) for text in scam], [_terms(text) for text in harmless]
        in_bad, in_good = Counter(t for terms in bad for t in terms), Counter(t for terms in good for t in terms)
        even = math.log((len(good) + 2 * _SMOOTH) / (len(bad) + 2 * _SMOOTH))
        return cls({
            term: math.log((in_bad[term] + _SMOOTH) / (in_good[term] + _SMOOTH)) + even
            for term in in_bad.keys() | in_good.keys()
        })  # fmt: skip

    def of(self, text: str) -> float:
        """Above zero like fraud, below like harmless messages; beyond 1 the one is much likelier than the other."""
        known = [self.weights[term] for term in _terms(text) if term in self.weights]
        return sum(known) / math.sqrt(len(known) + 1)


def _terms(text: str) -> set[str]:
    """Numbers say nothing: the shield takes most of them away."""
    words = [word for word in fold(_MASK.sub(" ", text)).split() if word.isalpha()]
    return {*words, *(f"{a} {b}" for a, b in pairwise(words))}
