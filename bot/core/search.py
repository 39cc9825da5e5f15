"""Keyword search over the library: understands while the NLU is away, and finds names in the catalogue.

BM25 (Robertson & Zaragoza 2009, k1 = 1.2, b = 0.75) over accent-free words and word pairs.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from bot.core.library import CATALOGUE, Library
from bot.core.normalise import content_fold, fold
from bot.messages import ASPECTS, Aspect, Candidate, Understanding

K1, B = 1.2, 0.75
SURE = 0.72  # share of a question's weight that an example must cover before search alone dares to answer


@dataclass(frozen=True, slots=True)
class Hit:
    """A document's key, its BM25 score and the share of the query's weight that it covers (0..1)."""

    key: str
    score: float
    coverage: float


class Index:
    """An inverted index; built once for a library, read by every question."""

    def __init__(self, documents: Iterable[tuple[str, str]]) -> None:
        self.keys: list[str] = []
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths: list[int] = []
        for number, (key, text) in enumerate(documents):
            counts = Counter(terms(text, content_fold))
            self.keys.append(key)
            lengths.append(sum(counts.values()))
            for term, count in counts.items():
                self._postings[term].append((number, count))
        mean = sum(lengths) / max(len(lengths), 1)
        self._norms = [K1 * (1 - B + B * length / max(mean, 1)) for length in lengths]
        total = len(lengths)
        self._idf = {t: math.log(1 + (total - len(p) + 0.5) / (len(p) + 0.5)) for t, p in self._postings.items()}
        self._unknown = math.log(1 + (total + 0.5) / 0.5)

    def search(self, text: str, limit: int) -> list[Hit]:
        """Best documents first. Words that occur nowhere lower the coverage."""
        query = set(terms(text))
        weight = sum(self._idf.get(term, self._unknown) for term in query)
        scores: dict[int, float] = defaultdict(float)
        covered: dict[int, float] = defaultdict(float)
        for term in query & self._postings.keys():
            for number, count in self._postings[term]:
                scores[number] += self._idf[term] * count * (K1 + 1) / (count + self._norms[number])
                covered[number] += self._idf[term]
        best = sorted(scores, key=lambda n: (-scores[n], n))[:limit]
        return [Hit(self.keys[n], scores[n], covered[n] / weight) for n in best]


def terms(text: str, spell: Callable[[str], str] = fold) -> list[str]:
    """Accent-free words and pairs of neighbours."""
    words = spell(text).split()
    return words + [f"{a} {b}" for a, b in pairwise(words)]


class Search:
    """Both indexes of a library: every way of asking, and every name of the catalogue."""

    def __init__(self, library: Library) -> None:
        self._library = library
        asked = [
            (f"{name}|{aspect}", question)
            for name, _, words in library.asked()
            for aspect, group in (*words.questions.items(), ("overview", (words.title, words.label)))
            for question in group
        ]
        self._questions = Index(asked)
        self._word_for_word: dict[str, set[str]] = defaultdict(set)
        for key, question in asked:
            self._word_for_word[content_fold(question)].add(key.partition("|")[0])
        self._names = Index((item.code, item.name) for item in library.catalogue.values() if item.replaced_by != "-")

    def understand(self, text: str) -> Understanding:
        """The entries whose examples resemble the text; confident only where an example covers nearly all of it."""
        best: dict[str, float] = {}
        aspects: dict[str, float] = defaultdict(float)
        for hit in self._questions.search(text, 40):
            entry, _, aspect = hit.key.partition("|")
            best[entry] = max(best.get(entry, 0.0), hit.coverage)
            aspects[aspect] = max(aspects[aspect], hit.coverage)
        # "đăng ký kết hôn" is asked of many things, and the name of one
        if same := self._word_for_word.get(fold(text)):
            best = dict.fromkeys(sorted(same), 1.0)
        ranked = sorted(best.items(), key=lambda pair: -pair[1])[:10]
        # A runner-up that covers nearly as much takes confidence away: together they make one.
        total = sum(coverage**4 for _, coverage in ranked) or 1.0
        candidates = tuple(
            Candidate(entry, coverage**4 / total * min(1.0, coverage / SURE)) for entry, coverage in ranked
        )
        aspect = max(aspects, key=lambda a: aspects[a], default="overview")
        # squared: an example that covers two thirds of a text shares its aspect, but not that it asks for nothing else
        return Understanding(text, candidates, _as_aspect(aspect), aspects.get(aspect, 0.0) ** 2, "keywords")

    def catalogue(self, text: str, *, limit: int = 3, coverage: float = 0.5) -> list[Hit]:
        """Procedures whose official name resembles the text; a code finds itself."""
        compact = text.strip()
        if compact in self._library.catalogue:
            return [Hit(compact, 1.0, 1.0)]
        return [hit for hit in self._names.search(text, limit) if hit.coverage >= coverage]


def _as_aspect(name: str) -> Aspect:
    return next((aspect for aspect in ASPECTS if aspect == name), "overview")


def catalogue_payload(library: Library, code: str) -> str:
    """The entry that covers `code` where there is one, else the bare catalogue item."""
    entry = library.entry_of_code.get(code)
    return f"entry:{entry}" if entry else CATALOGUE + code
