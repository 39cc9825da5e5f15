"""Which language a message is in: langdetect, seeded, limited to the languages we speak, with a profile of our own.

langdetect knows Vietnamese only with accents. The profile "vx", Vietnamese without accents, is counted from the content's
own questions, and English gets the content's English questions on top of langdetect's profile, so that short official
words ("temporary residence") are at home.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from bot.core.library import Library
from bot.core.normalise import content_fold, fold, has_accents
from bot.messages import Language

PLAIN_VIETNAMESE = "vx"
CERTAIN = 0.80  # probability below which the conversation's language decides
"""docs/decisions/0006-language.md has the measurement."""
# English that Vietnamese use among themselves: alone it changes no conversation's language
EVERYBODYS = frozenset({
    "alo", "hello", "hi", "bye", "goodbye", "ok", "thank", "thanks", "you", "so", "much", "yes", "no", "sorry", "please", "exit",
    "stop", "back", "menu",
})  # fmt: skip


class LanguageDetector:
    """Detects for one library; the same text always gives the same answer."""

    def __init__(self, library: Library) -> None:
        words: dict[Language, list[str]] = {"vi": [], "en": []}
        for _, language, spoken in library.asked():
            words[language] += [q for group in spoken.questions.values() for q in group]
        self._factory = DetectorFactory()
        self._factory.seed = 0
        profiles = [_profile(PLAIN_VIETNAMESE, words["vi"]), _profile("en", words["en"], base=_shipped("en"))]
        self._factory.load_json_profile(profiles)
        self._vocabulary: dict[Language, frozenset[str]] = {
            language: frozenset(word for text in texts for word in content_fold(text).split())
            for language, texts in words.items()
        }

    def detect(self, text: str, before: Language | None) -> Language:
        """The language of `text`; that of the conversation `before` where the text says too little."""
        written = text.split()
        if 3 * sum(map(has_accents, written)) >= max(len(written), 1):  # one "fiancée" makes no Vietnamese
            return "vi"
        words = fold(text).split()
        if before and EVERYBODYS.issuperset(words):
            return before
        english = sum(w in self._vocabulary["en"] and w not in self._vocabulary["vi"] for w in words)
        vietnamese = sum(w in self._vocabulary["vi"] and w not in self._vocabulary["en"] for w in words)
        if not english and not vietnamese:
            return before or "vi"
        if min(english, vietnamese) == 0 and len(words) <= 3:
            return "en" if english else "vi"
        try:
            detector = self._factory.create()
            detector.append(" ".join(words))
            chances = {row.lang: row.prob for row in detector.get_probabilities()}
        except LangDetectException:
            return before or "vi"
        best = max(chances, key=lambda name: chances[name])
        if chances[best] < CERTAIN and before:
            return before
        return "en" if best == "en" else "vi"


def _grams(texts: Iterable[str]) -> Counter[str]:
    """Runs of one to three letters within words, as langdetect counts them."""
    counts: Counter[str] = Counter()
    for word, times in Counter(word for text in texts for word in content_fold(text).split()).items():
        padded = f" {word} "
        for length in (1, 2, 3):
            for i in range(len(padded) - length + 1):
                counts[padded[i : i + length]] += times
    del counts[" "]
    return counts


def _shipped(name: str) -> dict[str, int]:
    """The letter runs of one of langdetect's own profiles, in lower case."""
    profile = json.loads((Path(PROFILES_DIRECTORY) / name).read_text("utf-8"))
    counts: Counter[str] = Counter()
    for gram, number in profile["freq"].items():
        counts[gram.lower()] += number
    return counts


def _profile(name: str, texts: Iterable[str], base: dict[str, int] | None = None) -> str:
    """A langdetect profile as JSON: our texts, and `base` in equal weight."""
    ours = _grams(texts)
    scale = max(1, sum((base or {}).values()) // max(sum(ours.values()), 1))
    freq = Counter({gram: number * scale for gram, number in ours.items()})
    freq.update(base or {})
    totals = [sum(number for gram, number in freq.items() if len(gram) == length) for length in (1, 2, 3)]
    return json.dumps({"name": name, "freq": freq, "n_words": totals})
