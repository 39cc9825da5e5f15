"""Whatever anybody types, and whatever the NLU makes of it, ends in a reply that can be shown."""

import asyncio
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ask import Keywords, Talks
from bot.core.library import CATALOGUE
from bot.errors import NluUnavailable
from bot.loader.load import load
from bot.messages import ASPECTS, Aspect, Candidate, Incoming, Language, Session, Understanding
from bot.pipeline import Brain, Pipeline, Turn
from bot.serve import now
from tests.properties.test_properties import ANYTHING, FILED

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"answer", "flow", "talk", "clarify", "handover", "fallback"}
LONGEST_REPLY = 4000  # characters; no channel takes much more


@cache
def brain() -> Brain:
    library, _ = load(ROOT)
    return Brain(library, now=now)


@cache
def names() -> tuple[str, ...]:
    """Everything that Rasa may name, and some things that are no longer there."""
    library = brain().library
    catalogue = tuple(CATALOGUE + name for name in (*list(library.catalogue)[::40], *library.topics))
    return (*library.entries, *library.flows, *catalogue, "gone", CATALOGUE + "gone", "")


class Guess:
    """An NLU server that understands anything as anything, or is away."""

    def __init__(self, candidates: tuple[Candidate, ...] | None, aspect: Aspect, sure: float) -> None:
        self._heard = candidates, aspect, sure

    async def understand(self, text: str, language: Language) -> Understanding:
        candidates, aspect, sure = self._heard
        if candidates is None:
            raise NluUnavailable("away")
        return Understanding(text, candidates, aspect, sure)


CANDIDATES = st.deferred(
    lambda: st.lists(st.tuples(st.sampled_from(names()), st.floats(0, 1)), max_size=5).map(
        lambda pairs: tuple(Candidate(name, confidence) for name, confidence in sorted(pairs, key=lambda p: -p[1]))
    )
)
GUESSES = st.builds(Guess, st.none() | CANDIDATES, st.sampled_from(ASPECTS), st.floats(0, 1))
MESSAGES = st.one_of(ANYTHING, FILED, st.sampled_from(["1", "2", "/menu", "/english", "/tiengviet", "/xoa", "/canbo"]))
PRESSED = st.sampled_from(
    ["", "", "", "menu", "menu:gone", "person", "none", "entry:gone:fee", "catalogue:1.2", "x:y:z",
     "flow:vneid-doctor", "flow:submit-online:stage:send", "back", "stop"]
)  # fmt: skip


def check(turn: Turn) -> None:
    assert turn.decision.kind in KINDS
    assert turn.reply.text.strip()
    assert len(turn.reply.text) < LONGEST_REPLY
    assert "{{" not in turn.reply.text
    assert "Undefined" not in turn.reply.text
    if turn.decision.kind == "clarify":
        asked = [c for c in turn.reply.choices if c.payload.startswith(("entry:", CATALOGUE))]
        assert len(asked) <= 3
    assert all(choice.label.strip() and choice.payload for choice in turn.reply.choices)
    labels = [choice.label for choice in turn.reply.choices]
    assert len(labels) == len(set(labels)), "two buttons that read the same"


@settings(max_examples=150)
@given(st.lists(st.tuples(MESSAGES, PRESSED, GUESSES), min_size=1, max_size=5))
def test_every_turn_ends_in_a_reply(turns: list[tuple[str, str, Guess]]) -> None:
    async def talk() -> None:
        session = Session()
        for number, (text, payload, guess) in enumerate(turns):
            pipeline = Pipeline(brain=brain, understander=guess)
            turn, session = await pipeline.take_turn(Incoming("test", "one", str(number), text, payload), session)
            check(turn)

    asyncio.run(talk())


@settings(max_examples=60)
@given(ANYTHING)
def test_keyword_search_alone_answers_anything(text: str) -> None:
    talks = Talks(Pipeline(brain=brain, understander=Keywords()))
    check(asyncio.run(talks.handle(Incoming("test", "one", "1", text))))
