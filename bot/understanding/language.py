"""Which language a message is in: langdetect, seeded, limited to the languages we speak, with a profile of our own.

langdetect knows Vietnamese only with accents. The profile "vx", Vietnamese without accents, is counted from the content's
own questions, and English gets the content's English questions on top of langdetect's profile, so that short official
words ("temporary residence") are at home.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cache

import langdetect
from langdetect.detector_factory import DetectorFactory, PROFILES_DIRECTORY
from langdetect.lang_detect_exception import LangDetectException

from bot.core.library import Library
from bot.core.normalise import fold, has_accents
from bot.messages import Language

PLAIN_VIETNAMESE = "vx"
CERTAIN = 0.80  # probability below which the conversation's language decides
"""docs/decisions/0006-language.md has the measurement."""


class LanguageDetector:
    """Detects for one library; the same text always gives the same answer."""

    def __init__(self, library: Library) -> None:
        words: dict[Language, list[str]] = {"vi": [], "en": []}
        for entry in library.entries.values():
            for language, spoken in entry.words.items():
                words[language] += [q for group in spoken.questions.values() for q in group]
        self._factory = DetectorFactory()
        self._factory.seed = 0
        self._factory.load_json_profile([_profile(PLAIN_VIETNAMESE, map(fold, words["vi"])), _profile("en", words["en"])])
        self._vocabulary: dict[Language, frozenset[str]] = {
            language: frozenset(word for text in texts for word in fold(text).split()) for language, texts in words.items()
        }

    def detect(self, text: str, before: Language | None) -> Language:
        """The language of `text`; that of the conversation `before` where the text says too little."""
        if has_accents(text):
            return "vi"
        words = fold(text).split()
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
