"""The machine's door: one question a line in, one answer a line out, through the pipeline that answers citizens."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot.core.library import Library
from bot.core.normalise import has_accents
from bot.errors import NluUnavailable
from bot.http import http_client
from bot.loader.load import load
from bot.messages import Incoming, Language, Session, Understanding
from bot.nlu_server import nlu_running
from bot.pipeline import Brain, Pipeline, Turn
from bot.serve import brain
from bot.settings import Settings
from bot.understanding.rasa import RasaUnderstander

AT_ONCE = 8


class Talks:
    """Conversations of one run of the command: what they remember is kept in memory only."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.sessions: dict[tuple[str, str], Session] = {}

    async def handle(self, incoming: Incoming) -> Turn:
        """The whole turn."""
        key = incoming.channel, incoming.conversation
        turn, self.sessions[key] = await self._pipeline.take_turn(incoming, self.sessions.get(key, Session()))
        if turn.forgets:
            del self.sessions[key]
        return turn


class Keywords:
    """Stands in for the NLU server where there is none: the pipeline then searches by keywords."""

    async def understand(self, text: str, language: Language) -> Understanding:
        raise NluUnavailable("switched off")


@asynccontextmanager
async def opened(settings: Settings, *, rasa: bool = True) -> AsyncIterator[tuple[Talks, Brain]]:
    """The pipeline with the NLU server that is up, or one of its own."""
    library, _ = await asyncio.to_thread(load, settings.root)
    mind = brain(settings, library)
    if not rasa:
        yield Talks(Pipeline(brain=lambda: mind, understander=Keywords())), mind
        return
    async with nlu_running(settings) as base, http_client() as client:
        nlu = RasaUnderstander(client, base, timeout=max(settings.nlu_timeout, 10.0))
        yield Talks(Pipeline(brain=lambda: mind, understander=nlu)), mind


async def answer_all(
    talks: Talks, library: Library, lines: Iterable[Mapping[str, Any]], *, follow: bool
) -> AsyncIterator[dict[str, Any]]:
    """Answers in the order of the lines; with `follow` all of them are one conversation."""
    gate = asyncio.Semaphore(1 if follow else AT_ONCE)

    async def one(number: int, line: Mapping[str, Any]) -> dict[str, Any]:
        async with gate:
            conversation = "all" if follow else str(number)
            incoming = Incoming("ask", conversation, str(line["id"]), str(line["text"]))
            return as_data(line["id"], await talks.handle(incoming), library)

    if follow:
        for number, line in enumerate(lines):
            yield await one(number, line)
        return
    for task in [asyncio.create_task(one(number, line)) for number, line in enumerate(lines)]:
        yield await task


def as_data(identity: object, turn: Turn, library: Library) -> dict[str, Any]:
    """The answer as data; `choices` are the buttons of a clarification."""
    decision, reply = turn.decision, turn.reply
    choices = []
    for choice in reply.choices if decision.kind == "clarify" else ():
        verb, _, rest = choice.payload.partition(":")
        candidate = choice.payload if verb == "catalogue" else rest if verb in ("entry", "flow") else ""
        if candidate:
            choices.append(
                {
                    "label": choice.label,
                    "entry": candidate,
                    "topic": library.topic_of(candidate),
                    "codes": list(library.codes_of(candidate)),
                }
            )
    return {
        "id": identity,
        "language": reply.language,
        "decision": decision.kind,
        "entry": decision.entry,
        "topic": decision.topic,
        "codes": list(decision.codes),
        "aspect": decision.aspect,
        "confidence": round(decision.confidence, 4),
        "choices": choices,
        "reply": reply.text,
    }


def read_lines(text: str) -> list[dict[str, Any]]:
    """JSON lines {"id", "text"}. Raises ValueError that names the line."""
    lines = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            lines.append({**data, "id": data["id"], "text": data["text"]})
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f'dòng/line {number}: cần/needs {{"id": …, "text": …}} ({error})') from error
    return lines


def slices_of(text: str) -> list[str]:
    """What can be seen of a question without a label."""
    found = [] if has_accents(text) else ["no_accents"]
    words = len(text.split())
    return found + (["very_short"] if words <= 3 else ["long"] if words >= 35 else [])


async def print_answers(
    settings: Settings, lines: list[dict[str, Any]], *, as_json: bool, follow: bool, rasa: bool
) -> None:
    """Write an answer for each line to standard output, as JSON or as a person reads it."""
    async with opened(settings, rasa=rasa) as (talks, mind):
        async for answer in answer_all(talks, mind.library, lines, follow=follow):
            print(json.dumps(answer, ensure_ascii=False) if as_json else answer["reply"], flush=True)
