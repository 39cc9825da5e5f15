"""One message, from a citizen's words to the reply: the stages in order. Knows protocols only, no concrete channel.

shield -> choose (number, label, button, command, answer in a flow) -> language -> understand -> decide -> render -> remember
(a message without words, like a picture, is decided without understanding)
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.core.answers import number_said
from bot.core.decide import Decider
from bot.core.guide import NAVIGATION
from bot.core.library import Library
from bot.core.media import on_media
from bot.core.normalise import content_fold, fold
from bot.core.search import Search
from bot.core.shield import shield
from bot.errors import NluUnavailable
from bot.messages import Card, Choice, Decision, Incoming, Language, Reply, Session, Understanding
from bot.render import Renderer
from bot.understanding.base import Understander
from bot.understanding.language import LanguageDetector

COMMANDS: dict[str, str] = {
    "/start": "welcome", "/menu": "menu", "/help": "menu", "/trogiup": "menu", "/english": "language:en",
    "/tiengviet": "language:vi", "/tieng viet": "language:vi", "/riengtu": "privacy", "/privacy": "privacy",
    "/xoa": "forget", "/delete": "forget", "/canbo": "person", "/in": "card", "/print": "card",
}  # fmt: skip
# said alone, word for word: inside a question "in" is often something else
PRINT = {
    fold(words) for words in ("in ra", "in ra giấy", "in giúp tôi", "cho tôi bản in", "bản in", "print", "print it")
}
_JOINTS = re.compile(
    r"\s*(?:[;\n?]+\s*(?=\S)|,?\s+(?:và|rồi|với lại|ngoài ra|còn|and also|and|also)\s+)", re.IGNORECASE
)
_SHORTEST_REQUEST = 2  # words


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of one message. `masked_text` is all that may be kept of what the citizen wrote."""

    reply: Reply
    decision: Decision
    masked_text: str
    source: str = ""

    @property
    def forgets(self) -> bool:
        """Whether all that is known of the conversation shall be deleted."""
        return self.decision.message == "forgotten"


class Brain:
    """What is made of one version of the content, and replaced as a whole when the content changes."""

    def __init__(self, library: Library, *, now: Callable[[], datetime], days: float = 7.0, public: str = "") -> None:
        self.library = library
        self.now = now
        self.search = Search(library)
        self.decider = Decider(library, self.search)
        self.renderer = Renderer(library, now=now, days=days, public=public)
        self.languages = LanguageDetector(library)


class Pipeline:
    """Answers messages. `brain` is asked at every turn, so that new content is used from the next message on.

    `journal` is told of each message, its turn and the seconds that it took.
    """

    def __init__(
        self,
        *,
        brain: Callable[[], Brain],
        understander: Understander,
        journal: Callable[[Incoming, Turn, float], None] = lambda incoming, turn, seconds: None,
    ) -> None:
        self._brain = brain
        self._understander = understander
        self._journal = journal

    async def take_turn(self, incoming: Incoming, session: Session) -> tuple[Turn, Session]:
        """What a fresh or given session makes of the message. Whoever calls keeps the session that comes back."""
        began = time.perf_counter()
        turn, after = await self._turn(incoming, session)
        self._journal(incoming, turn, time.perf_counter() - began)
        return turn, after

    async def _turn(self, incoming: Incoming, session: Session) -> tuple[Turn, Session]:
        brain = self._brain()
        shielded = shield(incoming.text)
        today = brain.now().date()
        payload = incoming.payload or chosen(shielded.text, session.offered)
        # at "how long?" the words "1" are an answer rather than the number of a button that leaves
        free = not payload or (not incoming.payload and payload in NAVIGATION)
        answer = brain.decider.guide.chosen(session, shielded.text, today) if free else ""
        payload = answer or payload
        if incoming.kind == "joined":
            payload = "welcome"
        source = ""
        language: Language = session.language or "vi"
        if payload:
            decision, after = self._on_payload(brain, session, payload, language, today)
            language = after.language or language
        elif not shielded.text.strip() or (
            not fold(shielded.text) and brain.decider.guide.asking(session, today) is None
        ):
            decision, after = on_media(incoming, brain.library.communes[language].offices), session
        else:
            language = brain.languages.detect(shielded.text, session.language)
            first, second = await self._understand(brain, shielded.text, language)
            source = first.source
            decision, after = brain.decider.on_words(session, first, language, today)
            decision = self._with_second(brain, decision, second, language)
            after = replace(after, language=language)
            beside = () if incoming.kind == "text" else ("media_beside",)
            decision = replace(decision, notes=(*decision.notes, *beside))
        decision = brain.decider.guide.with_return(decision, after, today)
        judges = brain.decider.guide.judges(session, today) and decision.kind == "flow"
        told = judges or brain.decider.guide.has_judged(decision)
        judged = told if source else judges and answer.startswith("flow:")
        masked = (*incoming.masked, *shielded.found)
        if (judges or judged) and "otp" not in masked:
            masked = ()  # what others wrote is no fault of the citizen's
        decision = replace(decision, notes=(*decision.notes, *_warnings(masked)))
        reply = brain.renderer.render(decision, language)
        kept = brain.renderer.say("flow_message_judged", language) if judged else shielded.text
        return Turn(reply, decision, kept, source), replace(after, offered=reply.choices)

    def wording(self, language: Language) -> Mapping[str, str]:
        """The interface words of the web page."""
        library = self._brain().library
        commune = library.communes[language]
        return {**library.messages[language], "web_commune": commune.name, "web_hotline": commune.hotline}

    def card(self, subject: str, session: Session, language: Language) -> Card | None:
        """The answer that `subject` names, to take home; of a flow "flow:ID" what this session has reached."""
        brain = self._brain()
        decision, _ = brain.decider.on_card(session, subject, language, brain.now().date())
        return brain.renderer.render(decision, language).card if subject else None

    def _on_payload(
        self, brain: Brain, session: Session, payload: str, language: Language, today: date
    ) -> tuple[Decision, Session]:
        verb, _, rest = payload.partition(":")
        if verb == "language":
            wanted: Language = "en" if rest == "en" else "vi"
            return Decision("talk", "language_now", topic="bot_capability", payloads=("menu",)), replace(
                session, language=wanted
            )
        if verb in ("privacy", "welcome"):
            return Decision("talk", verb, topic="bot_capability", payloads=("menu",)), session
        if verb == "forget":
            return Decision("talk", "forgotten", topic="bot_capability"), Session(language=session.language)
        return brain.decider.on_payload(session, payload, language, today)

    async def _understand(
        self, brain: Brain, text: str, language: Language
    ) -> tuple[Understanding, Understanding | None]:
        """The message, and a second request in it where there seem to be two."""
        whole, *parts = await asyncio.gather(*(self._hear(brain, t, language) for t in (text, *two_requests(text))))
        if len(parts) == 2 and _two_subjects(brain, parts[0], parts[1]):
            return parts[0], parts[1]
        return whole, None

    async def _hear(self, brain: Brain, text: str, language: Language) -> Understanding:
        """Rasa's understanding, or the keyword search's while Rasa is away."""
        try:
            return await self._understander.understand(text, language)
        except NluUnavailable:
            return brain.search.understand(text)

    @staticmethod
    def _with_second(brain: Brain, decision: Decision, second: Understanding | None, language: Language) -> Decision:
        if second is None or decision.kind != "answer":
            return decision
        payload = f"entry:{second.candidates[0].entry}"
        if not brain.renderer.label(payload, language):
            return decision
        others = tuple(p for p in decision.payloads if p != payload)
        return replace(decision, payloads=(payload, *others), notes=(*decision.notes, "second_request"))


def chosen(text: str, offered: tuple[Choice, ...]) -> str:
    """The payload that a typed text means: a command, the number of a choice, or its label; "" for a real question."""
    asked = text.strip()
    if asked.startswith("/"):
        name = "/" + fold(asked.split("@")[0].removeprefix("/"))
        return COMMANDS.get(name, "menu")
    key = fold(asked)
    said = next((choice.payload for choice in offered if key and content_fold(choice.label) == key), "")
    if not said and offered and (number := number_said(asked)) is not None:
        place = len(offered) if number == -1 else number
        said = offered[place - 1].payload if 1 <= place <= len(offered) else ""
    return said or ("card" if key in PRINT else "")


def two_requests(text: str) -> tuple[str, ...]:
    """The two halves of "A và B" or "A? B", where both are long enough to be requests; else nothing."""
    parts = [part.strip() for part in _JOINTS.split(text) if part.strip()]
    if len(parts) != 2 or any(len(part.split()) < _SHORTEST_REQUEST for part in parts):
        return ()
    return tuple(parts)


def _two_subjects(brain: Brain, first: Understanding, second: Understanding) -> bool:
    """Whether both halves are sure of themselves and of different things that the library can answer."""
    entries = [
        brain.library.entries.get(half.candidates[0].entry) if half.candidates else None for half in (first, second)
    ]
    if not all(entry is not None and entry.act == "answer" for entry in entries):
        return False
    sure = all(half.candidates[0].confidence >= 0.6 for half in (first, second))
    return sure and entries[0].topic != entries[1].topic  # type: ignore[union-attr]


def _warnings(masked: Sequence[str]) -> tuple[str, ...]:
    for loud in ("otp", "account"):  # both are how money is lost
        if loud in masked:
            return (loud,)
    return ("masked",) if masked else ()
