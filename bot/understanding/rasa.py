"""Rasa over HTTP, with a time-out and a circuit breaker: a server that is down costs one message its patience, not all.

What was asked within the last minute is not asked again: when many people come at once, they come with the same questions.
A minute, so that a newly trained model is heard soon.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from aiohttp import ClientSession

from bot.errors import NluUnavailable
from bot.http import Unreached, ask
from bot.messages import ASPECTS, Candidate, Language, Understanding

FAILURES_TO_OPEN = 3
SECONDS_OPEN = 5.0
CANDIDATES = 30
REMEMBERED = 1000  # texts
SECONDS_REMEMBERED = 60.0


class RasaUnderstander:
    """POST /model/parse. After three failures in a row nothing is sent for five seconds."""

    def __init__(
        self, client: ClientSession, base: str, *, timeout: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._url = f"{base}/model/parse"
        self._timeout = timeout
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0
        self._known: OrderedDict[str, tuple[float, Understanding]] = OrderedDict()  # by text, oldest first

    async def understand(self, text: str, language: Language) -> Understanding:
        since, known = self._known.get(text, (-SECONDS_REMEMBERED, None))
        if known is not None and self._clock() - since < SECONDS_REMEMBERED:
            return known
        understanding = await self._ask(text)
        self._known.pop(text, None)
        self._known[text] = (self._clock(), understanding)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return understanding

    async def _ask(self, text: str) -> Understanding:
        if self._clock() < self._open_until:
            raise NluUnavailable("resting after failures")
        try:
            _, answer = await ask(self._client, "POST", self._url, seconds=self._timeout, body={"text": text})
            understanding = _read(text, answer)  # what is no ranking, a refusal too, cannot be read
        except (Unreached, ValueError, KeyError, TypeError, AttributeError) as error:
            self._failures += 1
            if self._failures >= FAILURES_TO_OPEN:
                self._open_until = self._clock() + SECONDS_OPEN
            raise NluUnavailable(type(error).__name__) from error
        self._failures = 0
        return understanding


def _read(text: str, answer: dict[str, Any]) -> Understanding:
    ranking = answer["intent_ranking"][:CANDIDATES]
    aspect = answer.get("aspect") or {}
    known = aspect.get("name") in ASPECTS
    return Understanding(
        text=text,
        candidates=tuple(Candidate(str(row["name"]), float(row["confidence"])) for row in ranking),
        aspect=aspect["name"] if known else "overview",
        aspect_confidence=float(aspect["confidence"]) if known else 0.0,
        source="rasa",
    )
